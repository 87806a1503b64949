require 'tengine_job'

total = 0
30.times { |a| 30.times { |b| total += b } }

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("load", "$HOME/load.sh")
end
