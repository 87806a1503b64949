require 'tengine_job'

jobnet("nightly", "Nightly batch", :instance_name => "batch1", :credential_name => "batch") do
  job("ì«çû", "$HOME/load.sh")
end
