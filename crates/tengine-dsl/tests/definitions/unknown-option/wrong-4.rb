require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("load", "$HOME/load.sh")
  expansion("weekly", :hoge => 1)
end

jobnet("weekly") do
  job("load", "$HOME/load.sh")
end
