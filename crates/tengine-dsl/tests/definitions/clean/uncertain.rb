require 'tengine_job'
require 'yaml'

STAGE = ENV["STAGE"] || "development"
HOSTS = (YAML.load_file(File.expand_path("hosts.yml", __dir__)) rescue {})

jobnet("uncertain", :server_name => HOSTS["batch"] || "batch1") do
  boot_jobs("first")
  job("first", "$HOME/first.sh #{STAGE}", :to => "second")
  if STAGE == "production"
    job("second", "$HOME/second.sh", :to => "third")
    job("third", "$HOME/third.sh")
  else
    job("second", "$HOME/fake.sh")
  end
end

jobnet("per-host") do
  HOSTS.each do |name, host|
    job(name, "$HOME/run.sh #{host}")
  end
  job("always", "$HOME/always.sh")
end
