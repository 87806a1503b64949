require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("load", "$HOME/load.sh", :to => "after")
  jobnet("inner") do
    job("after", "$HOME/a.sh")
  end
end
