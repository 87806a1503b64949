require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  hadoop_job_run("run", "$HOME/h.sh", :hoge => 1) do
    hadoop_job("x")
  end
end
