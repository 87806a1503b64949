require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("load", "/home/yamada/bin/load.sh") # tengine:ignore developer-path the server has this user
end
