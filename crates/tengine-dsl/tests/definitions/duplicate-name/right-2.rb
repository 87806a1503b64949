require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  %w[a b].each do |name|
    job(name, "$HOME/#{name}.sh")
  end
end
