require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  ENV["NAMES"].to_s.split.each do |name|
    job(name, "$HOME/x.sh")
  end
  job("load", "$HOME/load.sh")
end
