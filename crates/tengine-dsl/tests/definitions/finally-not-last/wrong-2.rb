require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  boot_jobs("outer")
  jobnet("outer", :to => "after") do
    jobnet("inner") do
      finally do
        job("clean", "$HOME/clean.sh")
      end
      job("load", "$HOME/load.sh")
    end
  end
  job("after", "$HOME/after.sh")
end
