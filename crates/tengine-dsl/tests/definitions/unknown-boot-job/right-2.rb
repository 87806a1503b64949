require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  FIRST = %w[a b]
  boot_jobs(*FIRST)
  FIRST.each { |n| job(n, "$HOME/#{n}.sh") }
end
