require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  ENV["JOBS"].to_s.split.each { |name| job(name, "$HOME/x.sh") }
end
