require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("load", "$HOME/load.sh")
  jobnet("inner") do
    job("a", "$HOME/a.sh")
    finally do
      job("b", "$HOME/b.sh")
    end
  end
  finally do
    job("clean", "$HOME/clean.sh")
  end
end
