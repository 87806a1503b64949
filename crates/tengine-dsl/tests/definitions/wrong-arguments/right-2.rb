require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  ARGS = ["load", "$HOME/load.sh"]
  job(*ARGS)
end
