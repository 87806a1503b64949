/// Every rule, by family.
pub const RULES: &[Rule] = &[
    rule_of(
        "syntax",
        "error",
        "Ruby cannot read the file.",
        "The core loads every file of the load path into one process; one that Ruby cannot read stops all of them. Each of the parser's errors is told, for the grammar of Ruby 3.3.",
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
        "invalid-encoding",
        "error",
        "A byte is not valid in the file's encoding.",
        "Ruby reads UTF-8 unless a comment on the first line names another encoding (Shift_JIS and EUC-JP are understood here).",
        "",
        "",
    ),
    rule_of(
        "unknown-encoding",
        "warning",
        "The file's encoding is not one that is read here.",
        "UTF-8, Shift_JIS (Windows-31J) and EUC-JP are. The file is not checked; the core may read it.",
        "# coding: ISO-2022-JP
# あ",
        r#"# coding: UTF-8
require 'tengine_job'

jobnet("夜間") do
  job("読込", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "too-large",
        "warning",
        "A file or load path is larger than is checked.",
        "Files beyond 256 KiB are passed over, and so is everything that depends on them.",
        "",
        "",
    ),
    rule_of(
        "too-deep",
        "warning",
        "Code is nested deeper than is followed.",
        "What lies deeper is treated as unknown.",
        "",
        "",
    ),
    rule_of(
        "too-much",
        "warning",
        "The definition does too much while it is loaded to be followed.",
        "Loops are followed step by step, up to a limit. What comes after the limit is not checked.",
        "",
        "",
    ),
    rule_of(
        "no-ruby-file",
        "error",
        "The load path holds no .rb file.",
        "The core would start and do nothing. Usually the path is wrong. This rule is about running, not about loading.",
        "",
        "",
    ),
    rule_of(
        "empty-file",
        "warning",
        "A file defines nothing.",
        "Nothing in it has any effect: no jobnet, driver, method or constant.",
        "require 'tengine_job'",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "empty-definition",
        "warning",
        "Nothing in the load path defines a jobnet or a driver.",
        "The core would start and do nothing.",
        "LIMIT = 3",
        r#"LIMIT = 3

require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "missing-require",
        "error",
        "Jobnet words are used, and no file requires tengine_job.",
        "`jobnet` and its words come with the library tengine_job; without it the first of them is a NameError.",
        r#"jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "missing-file",
        "error (require_relative), warning (require, load)",
        "A file that is required is not in the load path.",
        "All files of the load path are shipped together and nothing else is. Names that may be gems are left alone.",
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
        "unknown-word",
        "error",
        "A name is not a word of the language, and nothing in the load path defines it.",
        "It is a NameError when the core loads the file. The rule is silent as soon as any file might define the name by means that are not seen (gems, `include`, `method_missing`, `eval`).",
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
        "misplaced-word",
        "error; a warning where a driver and a jobnet are mixed",
        "A word stands where it may not.",
        "`hadoop_job` belongs into `hadoop_job_run`, which holds nothing else that is run by SSH; `finally` does not hold a `finally` directly; every word but `jobnet` and `driver` belongs into a jobnet.",
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
        "duplicate-finally",
        "error",
        "A jobnet has two finally blocks.",
        "A jobnet runs one block after everything else.",
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
        "finally-not-last",
        "warning",
        "Something comes after finally in its jobnet.",
        "It runs before finally all the same, which is not how it reads.",
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
        "duplicate-sequence",
        "error",
        "A jobnet has two of auto_sequence and boot_jobs.",
        "A jobnet runs in sequence or from its boot jobs.",
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
        "sequence-not-first",
        "warning",
        "auto_sequence or boot_jobs is not the first word of its jobnet.",
        "It speaks about the whole jobnet, also about what stands above it.",
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
        "unknown-option",
        "error; a warning on driver, and for fields of Tengine's own records",
        "A word does not take this option.",
        "The options are symbols; which ones depends on the word.",
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
        "wrong-option-value",
        "warning",
        "An option has a value of the wrong kind.",
        "The value is stored, and hurts when the job is run or killed.",
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
        "wrong-arguments",
        "error",
        "A word has too many arguments, or no name.",
        "Ruby stops with an ArgumentError or Tengine with its own.",
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
        "missing-block",
        "error on a root jobnet, a warning elsewhere",
        "A word that needs a block has none.",
        "Without it there is nothing to run.",
        r#"require 'tengine_job'

jobnet("nightly")"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "blank-name",
        "error",
        "A name is empty.",
        "Nothing can refer to it, and Tengine refuses it.",
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
        "duplicate-name",
        "error",
        "Two children of one jobnet have the same name.",
        "`:to` could not tell them apart. A nested jobnet may use the name again.",
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
        "duplicate-jobnet",
        "error",
        "Two root jobnets have the same name.",
        "Root jobnets are known by name in the whole load path.",
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
        "unknown-successor",
        "error; a warning where the jobs run one after the other",
        ":to names what the jobnet does not have.",
        "Successors are looked up among the children of the same jobnet. Silent where something unseen may add children. Without boot_jobs the children run as they are written and :to has no effect; whether Tengine refuses it there is open, so that is a warning.",
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
        "unknown-boot-job",
        "error",
        "boot_jobs names what the jobnet does not have.",
        "It would have nothing to start with.",
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
        "root-with-to",
        "error",
        "A root jobnet has :to.",
        "Nothing follows a root jobnet.",
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
        "cycle",
        "error; a warning where the jobs run one after the other",
        "The :to of a jobnet lead round in a circle.",
        "A job would wait for itself. Without boot_jobs the children run as they are written and :to has no effect; whether Tengine refuses it there is open, so that is a warning.",
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
        "unreachable-job",
        "warning",
        "Nothing reaches a job.",
        "With boot_jobs only those run, and what :to leads to. The job is loaded and never run.",
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
        "unknown-expansion",
        "error",
        "An expansion names no root jobnet of the load path.",
        "It stands for the root jobnet of that name.",
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
        "expansion-cycle",
        "error",
        "Expansions lead round in a circle.",
        "A root jobnet would contain itself.",
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
        "empty-jobnet",
        "warning",
        "A jobnet or finally has nothing in it.",
        "It ends as soon as it starts.",
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
        "dictionary-syntax",
        "warning",
        "A dictionary.yml cannot be read.",
        "It maps names of files and folders beside it to display names. The core reads it after everything else, and may refuse the definition.",
        "",
        "",
    ),
    rule_of(
        "dictionary-unknown-name",
        "warning",
        "A dictionary.yml names what is not beside it.",
        "The display name is never shown.",
        "",
        "",
    ),
    rule_of(
        "driver-name",
        "error",
        "A driver's name cannot be made into a class.",
        "Tengine makes a class of each driver: `close_of_day` becomes `CloseOfDay`.",
        r#"driver "close-of-day" do
  on :closed do
  end
end"#,
        "driver :close_of_day do
  on :closed do
  end
end",
    ),
    rule_of(
        "duplicate-driver",
        "warning",
        "Two drivers have the same name.",
        "Tengine keeps the first one's record; the handlers of the second are not registered.",
        "driver :closing do
  on :closed do
  end
end

driver :closing do
  on :opened do
  end
end",
        "driver :closing do
  on :closed do
  end
end

driver :opening do
  on :opened do
  end
end",
    ),
    rule_of(
        "duplicate-handler",
        "warning",
        "A driver handles one event twice.",
        "Handlers are methods named after their event: the second takes the place of the first.",
        "driver :closing do
  on :closed do
  end
  on :closed do
  end
end",
        "driver :closing do
  on :closed do
  end
  on :opened do
  end
end",
    ),
    rule_of(
        "handler-parameters",
        "error",
        "A handler's block takes more than the event.",
        "It takes the event, or nothing.",
        "driver :closing do
  on :closed do |event, time|
  end
end",
        "driver :closing do
  on :closed do |event|
  end
end",
    ),
    rule_of(
        "unknown-handler-word",
        "warning",
        "A name in a handler's body is nothing that could be called there.",
        "A handler's words are event, session, fire, submit and what Ruby has everywhere. The definition loads, and the handler fails each time it runs. Silent where anything of the load path defines such a method or could, and in blocks that may run on another object.",
        "driver :closing do
  on :closed do
    fir :booked
  end
end",
        "driver :closing do
  on :closed do
    fire :booked
  end
end",
    ),
    rule_of(
        "invalid-filter",
        "error",
        "An event filter joins something else than two symbols.",
        "`:a & :b` waits for both events; it cannot be joined again, and texts have no `&`.",
        "driver :closing do
  on :closed & :paid & :sent do
  end
end",
        "driver :closing do
  on :closed & :paid do
  end
end",
    ),
    rule_of(
        "filter-never-matches",
        "warning",
        "A handler can never run.",
        "It names no event, or something that is no event's name.",
        "driver :closing do
  on :closed & (:paid & :sent) do
  end
end",
        "driver :closing do
  on :paid & :sent do
  end
end",
    ),
    rule_of(
        "clock-at-load",
        "warning",
        "The clock is read while the definition is loaded.",
        "Two replicas load at different times, and would load different things under one version. Read it when a job or handler runs.",
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
        "random-at-load",
        "warning",
        "A random number is drawn while the definition is loaded.",
        "Every replica draws another, and would load different things under one version.",
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
        "sleep-at-load",
        "warning",
        "Loading sleeps.",
        "Every replica waits with it, at every start.",
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
        "network-at-load",
        "warning",
        "Loading uses the network.",
        "It fails or hangs with the network, and two replicas may get different answers.",
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
        "developer-path",
        "warning",
        "A command names a home folder of one person's machine.",
        "It is not there on the servers.",
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
        "insecure-literal",
        "warning",
        "A text looks like a password.",
        "It is stored in Git, in the image and in the database. Let the script fetch it on the server.",
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
        "unknown-code",
        "warning",
        "A comment asks to ignore a rule that does not exist.",
        "Usually a misspelt code, so that the finding is told all the same.",
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
