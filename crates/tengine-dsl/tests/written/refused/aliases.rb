# An alias leaves its old name what it is.

#== raise beside its alias: raises-at-load
alias die raise
jobnet("n") { job "a", "x" }
raise "x"

#== puts has another name: unknown-boot-job
alias say puts
say "x"
jobnet("n") { boot_jobs "z"; job "a", "x" }

#== a helper beside its alias: unknown-boot-job
def step(name) job(name, "x") end
alias stage step
jobnet("n") { boot_jobs "a"; step "z" }

#== no tengine_job beside an alias: missing-require
# -*- coding: utf-8 -*-
alias say puts
jobnet("n") { job "a", "x" }
