require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  NAME = "load"
  job(NAME, "$HOME/load.sh")
end
