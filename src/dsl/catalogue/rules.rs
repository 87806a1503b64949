/// Every rule, by family.
pub const RULES: &[Rule] = &[
    rule_of(
        r#"syntax"#,
        r#"error"#,
        r#"Ruby cannot read the file."#,
        r#"The core loads every file of the load path into one process; one that Ruby cannot read stops all of them. Each of the parser's errors is told, for the grammar of Ruby 3.3."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load" "$HOME/load.sh", :to => )
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"invalid-encoding"#,
        r#"error"#,
        r#"A byte is not valid in the file's encoding."#,
        r#"Ruby reads UTF-8 unless a comment on the first line names another encoding (Shift_JIS and EUC-JP are understood here)."#,
        r#""#,
        r#""#,
    ),
    rule_of(
        r#"unknown-encoding"#,
        r#"warning"#,
        r#"The file's encoding is not one that is read here."#,
        r#"UTF-8, Shift_JIS (Windows-31J) and EUC-JP are. The file is not checked; the core may read it."#,
        r#"# coding: ISO-2022-JP
# あ"#,
        r#"# coding: UTF-8
require 'tengine_job'

jobnet("夜間") do
  job("読込", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"too-large"#,
        r#"warning"#,
        r#"A file or load path is larger than is checked."#,
        r#"Files beyond 256 KiB are passed over, and so is everything that depends on them."#,
        r#""#,
        r#""#,
    ),
    rule_of(
        r#"too-deep"#,
        r#"warning"#,
        r#"Code is nested deeper than is followed."#,
        r#"What lies deeper is treated as unknown."#,
        r#""#,
        r#""#,
    ),
    rule_of(
        r#"too-much"#,
        r#"warning"#,
        r#"The definition does too much while it is loaded to be followed."#,
        r#"Loops are followed step by step, up to a limit. What comes after the limit is not checked."#,
        r#""#,
        r#""#,
    ),
    rule_of(
        r#"no-ruby-file"#,
        r#"error"#,
        r#"The load path holds no .rb file."#,
        r#"The core would start and do nothing. Usually the path is wrong. This rule is about running, not about loading."#,
        r#""#,
        r#""#,
    ),
    rule_of(
        r#"empty-file"#,
        r#"warning"#,
        r#"A file defines nothing."#,
        r#"Nothing in it has any effect: no jobnet, driver, method or constant."#,
        r#"require 'tengine_job'"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"empty-definition"#,
        r#"warning"#,
        r#"Nothing in the load path defines a jobnet or a driver."#,
        r#"The core would start and do nothing."#,
        r#"LIMIT = 3"#,
        r#"LIMIT = 3

require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"missing-require"#,
        r#"error"#,
        r#"Jobnet words are used, and no file requires tengine_job."#,
        r#"`jobnet` and its words come with the library tengine_job; without it the first of them is a NameError."#,
        r#"jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"missing-file"#,
        r#"error (require_relative), warning (require, load)"#,
        r#"A file that is required is not in the load path."#,
        r#"All files of the load path are shipped together and nothing else is. Names that may be gems are left alone."#,
        r#"require_relative 'shared/servers'

require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"unknown-word"#,
        r#"error"#,
        r#"A name is not a word of the language, and nothing in the load path defines it."#,
        r#"It is a NameError when the core loads the file. The rule is silent as soon as any file might define the name by means that are not seen (gems, `include`, `method_missing`, `eval`)."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  jbo("load", "$HOME/load.sh")
  job("report", "$HOME/report.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  job("report", "$HOME/report.sh")
end"#,
    ),
    rule_of(
        r#"misplaced-word"#,
        r#"error; a warning where a driver and a jobnet are mixed"#,
        r#"A word stands where it may not."#,
        r#"`hadoop_job` belongs into `hadoop_job_run`, which holds nothing else that is run by SSH; `finally` does not hold a `finally` directly; every word but `jobnet` and `driver` belongs into a jobnet."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  hadoop_job("count")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  hadoop_job_run("hadoop", "$HOME/hadoop.sh") do
    hadoop_job("count")
  end
end"#,
    ),
    rule_of(
        r#"duplicate-finally"#,
        r#"error"#,
        r#"A jobnet has two finally blocks."#,
        r#"A jobnet runs one block after everything else."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  finally do
    job("a", "$HOME/a.sh")
  end
  finally do
    job("b", "$HOME/b.sh")
  end
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  finally do
    job("a", "$HOME/a.sh")
    job("b", "$HOME/b.sh")
  end
end"#,
    ),
    rule_of(
        r#"finally-not-last"#,
        r#"warning"#,
        r#"Something comes after finally in its jobnet."#,
        r#"It runs before finally all the same, which is not how it reads."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  finally do
    job("clean", "$HOME/clean.sh")
  end
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  finally do
    job("clean", "$HOME/clean.sh")
  end
end"#,
    ),
    rule_of(
        r#"duplicate-sequence"#,
        r#"error"#,
        r#"A jobnet has two of auto_sequence and boot_jobs."#,
        r#"A jobnet runs in sequence or from its boot jobs."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  auto_sequence
  boot_jobs("load")
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  auto_sequence
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"sequence-not-first"#,
        r#"warning"#,
        r#"auto_sequence or boot_jobs is not the first word of its jobnet."#,
        r#"It speaks about the whole jobnet, also about what stands above it."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  auto_sequence
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  auto_sequence
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"unknown-option"#,
        r#"error; a warning on driver, and for fields of Tengine's own records"#,
        r#"A word does not take this option."#,
        r#"The options are symbols; which ones depends on the word."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :credental_name => "batch")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :credential_name => "batch")
end"#,
    ),
    rule_of(
        r#"wrong-option-value"#,
        r#"warning"#,
        r#"An option has a value of the wrong kind."#,
        r#"The value is stored, and hurts when the job is run or killed."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :killing_signal_interval => ["TERM"])
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :killing_signal_interval => 10)
end"#,
    ),
    rule_of(
        r#"wrong-arguments"#,
        r#"error"#,
        r#"A word has too many arguments, or no name."#,
        r#"Ruby stops with an ArgumentError or Tengine with its own."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  expansion
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"missing-block"#,
        r#"error on a root jobnet, a warning elsewhere"#,
        r#"A word that needs a block has none."#,
        r#"Without it there is nothing to run."#,
        r#"require 'tengine_job'

jobnet("nightly")"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"blank-name"#,
        r#"error"#,
        r#"A name is empty."#,
        r#"Nothing can refer to it, and Tengine refuses it."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"duplicate-name"#,
        r#"error"#,
        r#"Two children of one jobnet have the same name."#,
        r#"`:to` could not tell them apart. A nested jobnet may use the name again."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  job("load", "$HOME/load2.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  jobnet("again") do
    job("load", "$HOME/load2.sh")
  end
end"#,
    ),
    rule_of(
        r#"duplicate-jobnet"#,
        r#"error"#,
        r#"Two root jobnets have the same name."#,
        r#"Root jobnets are known by name in the whole load path."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end

jobnet("nightly") do
  job("store", "$HOME/store.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end

jobnet("weekly") do
  job("store", "$HOME/store.sh")
end"#,
    ),
    rule_of(
        r#"unknown-successor"#,
        r#"error"#,
        r#":to names what the jobnet does not have."#,
        r#"Successors are looked up among the children of the same jobnet. Silent where something unseen may add children."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "sotre")
  job("store", "$HOME/store.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh")
end"#,
    ),
    rule_of(
        r#"unknown-boot-job"#,
        r#"error"#,
        r#"boot_jobs names what the jobnet does not have."#,
        r#"It would have nothing to start with."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("lod")
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"root-with-to"#,
        r#"error"#,
        r#"A root jobnet has :to."#,
        r#"Nothing follows a root jobnet."#,
        r#"require 'tengine_job'

jobnet("nightly", :to => "weekly") do
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"cycle"#,
        r#"error"#,
        r#"The :to of a jobnet lead round in a circle."#,
        r#"A job would wait for itself."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh", :to => "load")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh")
end"#,
    ),
    rule_of(
        r#"unreachable-job"#,
        r#"warning"#,
        r#"Nothing reaches a job."#,
        r#"With boot_jobs only those run, and what :to leads to. The job is loaded and never run."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh")
  job("store", "$HOME/store.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh")
end"#,
    ),
    rule_of(
        r#"unknown-expansion"#,
        r#"error"#,
        r#"An expansion names no root jobnet of the load path."#,
        r#"It stands for the root jobnet of that name."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end

jobnet("weekly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"expansion-cycle"#,
        r#"error"#,
        r#"Expansions lead round in a circle."#,
        r#"A root jobnet would contain itself."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end

jobnet("weekly") do
  expansion("nightly")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end

jobnet("weekly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"empty-jobnet"#,
        r#"warning"#,
        r#"A jobnet or finally has nothing in it."#,
        r#"It ends as soon as it starts."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  jobnet("later") do
  end
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"dictionary-syntax"#,
        r#"warning"#,
        r#"A dictionary.yml cannot be read."#,
        r#"It maps names of files and folders beside it to display names. The core reads it after everything else, and may refuse the definition."#,
        r#""#,
        r#""#,
    ),
    rule_of(
        r#"dictionary-unknown-name"#,
        r#"warning"#,
        r#"A dictionary.yml names what is not beside it."#,
        r#"The display name is never shown."#,
        r#""#,
        r#""#,
    ),
    rule_of(
        r#"driver-name"#,
        r#"error"#,
        r#"A driver's name cannot be made into a class."#,
        r#"Tengine makes a class of each driver: `close_of_day` becomes `CloseOfDay`."#,
        r#"driver "close-of-day" do
  on :closed do
  end
end"#,
        r#"driver :close_of_day do
  on :closed do
  end
end"#,
    ),
    rule_of(
        r#"duplicate-driver"#,
        r#"warning"#,
        r#"Two drivers have the same name."#,
        r#"Tengine keeps the first one's record; the handlers of the second are not registered."#,
        r#"driver :closing do
  on :closed do
  end
end

driver :closing do
  on :opened do
  end
end"#,
        r#"driver :closing do
  on :closed do
  end
end

driver :opening do
  on :opened do
  end
end"#,
    ),
    rule_of(
        r#"duplicate-handler"#,
        r#"warning"#,
        r#"A driver handles one event twice."#,
        r#"Handlers are methods named after their event: the second takes the place of the first."#,
        r#"driver :closing do
  on :closed do
  end
  on :closed do
  end
end"#,
        r#"driver :closing do
  on :closed do
  end
  on :opened do
  end
end"#,
    ),
    rule_of(
        r#"handler-parameters"#,
        r#"error"#,
        r#"A handler's block takes more than the event."#,
        r#"It takes the event, or nothing."#,
        r#"driver :closing do
  on :closed do |event, time|
  end
end"#,
        r#"driver :closing do
  on :closed do |event|
  end
end"#,
    ),
    rule_of(
        r#"invalid-filter"#,
        r#"error"#,
        r#"An event filter joins something else than two symbols."#,
        r#"`:a & :b` waits for both events; it cannot be joined again, and texts have no `&`."#,
        r#"driver :closing do
  on :closed & :paid & :sent do
  end
end"#,
        r#"driver :closing do
  on :closed & :paid do
  end
end"#,
    ),
    rule_of(
        r#"filter-never-matches"#,
        r#"warning"#,
        r#"A handler can never run."#,
        r#"It names no event, or something that is no event's name."#,
        r#"driver :closing do
  on :closed & (:paid & :sent) do
  end
end"#,
        r#"driver :closing do
  on :paid & :sent do
  end
end"#,
    ),
    rule_of(
        r#"clock-at-load"#,
        r#"warning"#,
        r#"The clock is read while the definition is loaded."#,
        r#"Two replicas load at different times, and would load different things under one version. Read it when a job or handler runs."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh #{Time.now.year}")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh $(date +%Y)")
end"#,
    ),
    rule_of(
        r#"random-at-load"#,
        r#"warning"#,
        r#"A random number is drawn while the definition is loaded."#,
        r#"Every replica draws another, and would load different things under one version."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh #{rand(60)}")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh $RANDOM")
end"#,
    ),
    rule_of(
        r#"sleep-at-load"#,
        r#"warning"#,
        r#"Loading sleeps."#,
        r#"Every replica waits with it, at every start."#,
        r#"sleep 3
require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"network-at-load"#,
        r#"warning"#,
        r#"Loading uses the network."#,
        r#"It fails or hangs with the network, and two replicas may get different answers."#,
        r#"require 'net/http'
NAMES = Net::HTTP.get(URI('http://example.com/names'))
require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
        r#"NAMES = %w[a b]
require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        r#"developer-path"#,
        r#"warning"#,
        r#"A command names a home folder of one person's machine."#,
        r#"It is not there on the servers."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "/Users/yamada/.rbenv/shims/ruby load.rb")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/bin/load")
end"#,
    ),
    rule_of(
        r#"insecure-literal"#,
        r#"warning"#,
        r#"A text looks like a password."#,
        r#"It is stored in Git, in the image and in the database. Let the script fetch it on the server."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh --password=s3cr3t-word")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh --password=$DB_PASSWORD")
end"#,
    ),
    rule_of(
        r#"unknown-code"#,
        r#"warning"#,
        r#"A comment asks to ignore a rule that does not exist."#,
        r#"Usually a misspelt code, so that the finding is told all the same."#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh") # tengine:ignore no-such-rule for now
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
];
