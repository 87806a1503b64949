require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("load", "$HOME/load.sh", :server_name => "s", :killing_signals => ["TERM"], :killing_signal_interval => 3, :caption => "c", :preparation => proc { 3 })
end
