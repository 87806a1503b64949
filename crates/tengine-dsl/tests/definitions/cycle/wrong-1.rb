require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  boot_jobs("a")
  job("a", "$HOME/a.sh", :to => "b")
  job("b", "$HOME/b.sh", :to => ["c", "d"])
  job("c", "$HOME/c.sh", :to => "a")
  job("d", "$HOME/d.sh")
end
