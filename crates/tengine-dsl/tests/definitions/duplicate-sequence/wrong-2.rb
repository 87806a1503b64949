require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  auto_sequence
  boot_jobs("load")
  job("load", "$HOME/load.sh")
end
