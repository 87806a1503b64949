require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  boot_jobs("outer")
  jobnet("outer", :to => "after") do
    jobnet("inner") do
      job("load", "$HOME/load.sh")
      finally do
        jobnet("tidy") do
          job("x", "$HOME/x.sh")
          finally do
            job("y", "$HOME/y.sh")
          end
        end
      end
    end
  end
  job("after", "$HOME/after.sh")
end
