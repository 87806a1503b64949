require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  boot_jobs(*ENV["BOOT"].to_s.split)
  job("load", "$HOME/load.sh")
  job("b", "$HOME/b.sh")
end
