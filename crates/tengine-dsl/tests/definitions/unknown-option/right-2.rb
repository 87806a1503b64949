require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  OPTIONS = { :credential_name => "x" }
  job("load", "$HOME/load.sh", OPTIONS.merge(:caption => "c"))
end
