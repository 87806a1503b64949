require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  auto_sequence
  job("load", "$HOME/load.sh")
  jobnet("inner") do
    boot_jobs("a")
    job("a", "$HOME/a.sh")
  end
end
