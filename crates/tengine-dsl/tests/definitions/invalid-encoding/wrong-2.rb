# coding: UTF-8
require 'tengine_job'

jobnet("nightly", "Nightly batch", :instance_name => "batch1", :credential_name => "batch") do
  job("loadÿ", "$HOME/load.sh")
end
