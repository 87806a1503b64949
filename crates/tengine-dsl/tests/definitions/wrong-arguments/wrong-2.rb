require 'tengine_job'

jobnet("nightly", "Nightly batch", :instance_name => "batch1", :credential_name => "batch") do
  auto_sequence(true)
  job("load", "$HOME/load.sh")
end
