require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  name = "load"
  boot_jobs(name)
  job(name, "$HOME/load.sh")
end
