# coding: Shift_JIS
require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("読込", "夜間の読込", "$HOME/load.sh")
end
