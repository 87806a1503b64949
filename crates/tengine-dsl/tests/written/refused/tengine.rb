# What Tengine refuses.

#== boot_jobs names nothing: unknown-boot-job
jobnet("n") { boot_jobs "b"; job "a", "x" }

#== boot_jobs in another case: unknown-boot-job
jobnet("n") { boot_jobs "A"; job "a", "x" }

#== boot_jobs names a jobnet's inner job: unknown-boot-job
jobnet("n") { boot_jobs "a"; jobnet("m") { job "a", "x" } }

#== boot_jobs with a blank at the end: unknown-boot-job
jobnet("n") { boot_jobs "a "; job "a", "x" }

#== boot_jobs from a list that is wrong: unknown-boot-job
FIRST = %w[a c]
jobnet("n") { boot_jobs(*FIRST); job "a", "x"; job "b", "x" }

#== boot_jobs in a nested jobnet: unknown-boot-job
jobnet("n") { boot_jobs "m"; jobnet("m") { boot_jobs "z"; job "a", "x" } }

#== boot_jobs in finally: unknown-boot-job
jobnet("n") { job "a", "x"; finally { boot_jobs "z"; job "b", "x" } }

#== boot_jobs with a number in the name: unknown-boot-job
jobnet("n") { boot_jobs "j3"; 3.times { |i| job "j#{i}", "x" } }

#== :to names nothing: unknown-successor
jobnet("n") { boot_jobs "a"; job "a", "x", :to => "b" }

#== one of :to names nothing: unknown-successor
jobnet("n") { boot_jobs "a"; job "a", "x", :to => ["b", "c"]; job "b", "x" }

#== :to of a jobnet names nothing: unknown-successor
jobnet("n") { boot_jobs "m"; jobnet("m", :to => "z") { job "a", "x" } }

#== :to of an expansion names nothing: unknown-successor
jobnet("n") { boot_jobs "m"; expansion("m", :to => "z") }
jobnet("m") { job "a", "x" }

#== :to through a helper: unknown-successor
def step(n, to) job n, "x", :to => to end
jobnet("n") { boot_jobs "a"; step "a", "c"; step "b", nil }

#== :to by a computed name: unknown-successor
jobnet("n") { boot_jobs "j0"; 3.times { |i| job "j#{i}", "x", :to => "j#{i + 1}" } }

#== a symbol in boot_jobs: name-not-text
jobnet("n") { boot_jobs :a; job "a", "x" }

#== a list in boot_jobs: name-not-text
jobnet("n") { boot_jobs %w[a b]; job "a", "x"; job "b", "x" }

#== a number in boot_jobs: name-not-text
jobnet("n") { boot_jobs 1; job "1", "x" }

#== nil in boot_jobs: name-not-text
jobnet("n") { boot_jobs nil; job "a", "x" }

#== symbols from a list in boot_jobs: name-not-text
jobnet("n") { boot_jobs(*%i[a b]); job "a", "x"; job "b", "x" }

#== a symbol in :to: name-not-text
jobnet("n") { boot_jobs "a"; job "a", "x", :to => :b; job "b", "x" }

#== symbols in the list of :to: name-not-text
jobnet("n") { boot_jobs "a"; job "a", "x", :to => %i[b]; job "b", "x" }

#== a list in a list in :to: name-not-text
jobnet("n") { boot_jobs "a"; job "a", "x", :to => [%w[b]]; job "b", "x" }

#== a hash in :to: name-not-text
jobnet("n") { boot_jobs "a"; job "a", "x", :to => { "b" => 1 }; job "b", "x" }

#== a circle of two: cycle
jobnet("n") { boot_jobs "a"; job "a", "x", :to => "b"; job "b", "x", :to => "a" }

#== a circle of three: cycle
jobnet("n") { boot_jobs "a"; job "a", "x", :to => "b"; job "b", "x", :to => "c"; job "c", "x", :to => "a" }

#== a circle beside another way: cycle
jobnet("n") { boot_jobs "a"; job "a", "x", :to => %w[b d]; job "b", "x", :to => "c"; job "c", "x", :to => "b"; job "d", "x" }

#== a circle through a loop: cycle
N = %w[a b c]
jobnet("n") { boot_jobs "a"; N.each_with_index { |n, i| job n, "x", :to => N[(i + 1) % 3] } }

#== a job leads to itself: cycle
jobnet("n") { boot_jobs "a"; job "a", "x", :to => "a" }

#== the same root twice: duplicate-jobnet
jobnet("n") { job "a", "x" }
jobnet("n") { job "b", "x" }

#== the same root in two files: duplicate-jobnet
jobnet("n") { job "a", "x" }
#-- b.rb
require 'tengine_job'
jobnet("n") { job "b", "x" }

#== the same root by a symbol: duplicate-jobnet
jobnet("n") { job "a", "x" }
jobnet(:n) { job "b", "x" }

#== a root with :to: root-with-to
jobnet("n", :to => "m") { job "a", "x" }

#== a name of blanks: blank-name
jobnet("n") { job " ", "x" }

#== a name that is empty: blank-name
jobnet("") { job "a", "x" }

#== a name that is nil: blank-name
jobnet("n") { job nil, "x" }

#== a name of full-width blanks: blank-name
jobnet("n") { job "　", "x" }

#== no name: wrong-arguments
jobnet { job "a", "x" }

#== a job without a name: wrong-arguments
jobnet("n") { job }

#== a root without a block: missing-block
jobnet("n")

#== do goes to another call: missing-block
puts jobnet "n" do
  job "a", "x"
end

#== ruby_job: removed-word
jobnet("n") { ruby_job("a") { puts 1 } }

#== ssh_job: removed-word
jobnet("n") { ssh_job "a", "x" }

#== auto_sequence with an argument: wrong-arguments
jobnet("n") { auto_sequence "a"; job "a", "x" }

#== finally with a name: wrong-arguments
jobnet("n") { job "a", "x"; finally("f") { job "b", "x" } }

#== a hadoop_job with a script: wrong-arguments
jobnet("n") { hadoop_job_run("h", "x") { hadoop_job "m", "x" } }

#== an expansion of two: wrong-arguments
jobnet("n") { expansion "a", "b" }

#== a word in a class: word-in-object
class Nightly
  jobnet("n") { job "a", "x" }
end

#== a word in a module: word-in-object
module Nightly
  jobnet("n") { job "a", "x" }
end

#== a word in a module's function: word-in-object
module Steps; def self.add() job "a", "x" end; end
jobnet("n") { Steps.add }

#== a word in an object's method: word-in-object
class Steps; def add() job "a", "x" end; end
jobnet("n") { Steps.new.add }

#== a word in a driver: word-in-object
driver(:d) { job "a", "x" }

#== a word on the block's parameter: unknown-method
jobnet("n") { |j| j.job "a", "x" }

#== a word outside of a jobnet: word-outside-jobnet
job "a", "x"

#== no require: missing-require
# -*- coding: utf-8 -*-
jobnet("n") { job "a", "x" }

#== require in a later file: missing-require
# -*- coding: utf-8 -*-
jobnet("n") { job "a", "x" }
#-- b.rb
require 'tengine_job'

#== a driver without a name: wrong-arguments
driver { on(:a) { } }

#== a driver named by nil: driver-name
driver(nil) { on(:a) { } }

#== a driver named by a number: driver-name
driver(5) { on(:a) { } }

#== a driver with a blank in its name: driver-name
driver("my driver") { on(:a) { } }

#== a driver with the name of a class in use: driver-class-taken
driver(:process) { on(:a) { } }

#== a driver in a driver: driver-arguments
driver(:d) { driver(:e) { on(:a) { } } }

#== a handler of two parameters: handler-parameters
driver(:d) { on(:a) { |e, s| } }

#== event outside of a handler: outside-handler
puts event.key

#== fire outside of a handler: outside-handler
fire :started

#== session outside of a handler: outside-handler
session[:a] = 1

#== Tengine's configuration is overwritten: own-variable
@config = { "a" => 1 }
jobnet("n") { job "a", "x" }

#== a block in an option: unstorable-value
jobnet("n") { job "a", "x", :description => proc { "d" } }

#== a set in an option: unstorable-value
require 'set'
jobnet("n") { job "a", "x", :killing_signals => Set.new(["KILL"]) }

#== an object for a name: unstorable-value
jobnet("n") { job Object.new, "x" }

#== DATA: undefined-constant
DATA.each_line { |l| puts l }
jobnet("n") { job "a", "x" }
__END__
a

#== a helper of a later file: used-too-early
jobnet("n") { later "a" }
#-- b.rb
def later(n) job n, "x" end

#== a constant of a later file: undefined-constant
jobnet("n") { job LATER, "x" }
#-- b.rb
LATER = "a"

#== an encoding there is not: unknown-encoding
# coding: utf8mb4
jobnet("n") { job "a", "x" }

#== us-ascii with other text: invalid-encoding
# coding: us-ascii
require 'tengine_job'
jobnet("夜") { job "a", "x" }

#== words of a test: unknown-word
describe("n") { it("runs") { } }

#== words of rake: unknown-word
task(:nightly) { sh "x" }

#== words of cron: unknown-word
every(1.day) { job "a", "x" }

#== a colon too many: syntax
jobnet("n") { job "a", "x", :to: "b" }

#== a job is given a block with a name of no helper: unknown-word
jobnet("n") { step("a") { puts 1 } }
