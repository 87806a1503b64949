require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("load", "$HOME/load.sh")
  finally do
    job("clean", "$HOME/clean.sh")
  end
  finally do
    job("more", "$HOME/more.sh")
  end
end
