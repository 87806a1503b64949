require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  # tengine:ignore developer-path the server has this user
  job("load", "/home/yamada/bin/load.sh")
end
