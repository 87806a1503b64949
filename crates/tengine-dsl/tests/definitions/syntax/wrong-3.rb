require 'tengine_job'

jobnet("nightly", "Nightly batch", :instance_name => "batch1", :credential_name => "batch") do
  if true
  job("load", "$HOME/load.sh")
end
