require 'tengine_job'

NUMBERS = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("load", "$HOME/load.sh")
end
