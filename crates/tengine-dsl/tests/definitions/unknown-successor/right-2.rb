require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "step0")
  3.times do |i|
    job("step#{i}", "$HOME/s.sh", :to => i < 2 ? "step#{i + 1}" : nil)
  end
end
