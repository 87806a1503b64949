require 'tengine_job'

def fibonacci(n)
  n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)
end
TOTAL = fibonacci(7)

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("load", "$HOME/load.sh")
end
