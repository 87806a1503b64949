require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  boot_jobs("outer")
  jobnet("outer", :to => "after") do
    jobnet("inner") do
      boot_jobs("a")
      job("a", "$HOME/a.sh", :to => "b")
      job("b", "$HOME/b.sh")
    end
  end
  job("after", "$HOME/after.sh")
end
