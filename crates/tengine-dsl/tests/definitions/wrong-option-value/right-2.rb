require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  WAIT = 3
  job("load", "$HOME/load.sh", :killing_signal_interval => WAIT * 2)
end
