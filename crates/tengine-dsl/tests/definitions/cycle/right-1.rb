require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  boot_jobs("a")
  job("a", "$HOME/a.sh", :to => ["b", "c"])
  job("b", "$HOME/b.sh", :to => "d")
  job("c", "$HOME/c.sh", :to => "d")
  job("d", "$HOME/d.sh")
end
