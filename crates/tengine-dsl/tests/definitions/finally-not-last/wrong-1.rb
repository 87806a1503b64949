require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  finally do
    job("clean", "$HOME/clean.sh")
  end
  job("load", "$HOME/load.sh")
end
