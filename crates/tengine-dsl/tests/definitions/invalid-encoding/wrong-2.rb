# coding: UTF-8
require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("loadÿ", "$HOME/load.sh")
end
