# An alias leaves its old name what it is.

#== require has another name
alias rq require
require "json"
jobnet("n") { job "a", "x" }

#== tengine_job is required by another name
# -*- coding: utf-8 -*-
alias rq require
rq "tengine_job"
jobnet("n") { job "a", "x" }

#== raise has another name
alias die raise
begin
  die "x"
  jobnet("n") { boot_jobs "z"; job "a", "x" }
rescue
end
jobnet("m") { job "a", "x" }

#== throw has another name
alias leave throw
catch(:done) { leave :done; jobnet("n") { boot_jobs "z"; job "a", "x" } }
jobnet("m") { job "a", "x" }

#== exit has another name
alias bye exit
jobnet("m") { job "a", "x" }
bye
jobnet("n") { boot_jobs "z"; job "a", "x" }

#== a helper has another name
def step(name) job(name, "x") end
alias stage step
jobnet("n") { boot_jobs "a"; stage "a" }

#== text is evaluated by another name
alias evaluate instance_eval
jobnet("n") { boot_jobs "a"; evaluate "job 'a', 'x'" }

#== a file is loaded by another name
L = ["a"]
alias rq require_relative
rq "part.jobs"
jobnet("n") { boot_jobs "a"; job L.last, "x", :to => ["b"]; job "b", "x" } if L.size > 9
jobnet("m") { job "a", "x" }
#-- part.jobs.rb
L << "b"

#== a method of a class keeps its old name
class Logged
  def require(name) super end
  alias_method :old_require, :require
end
Logged.new.old_require "json"
jobnet("n") { job "a", "x" }
