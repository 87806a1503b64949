require 'net/http'
PAGE = (Net::HTTP.get(URI('http://127.0.0.1:9/')) rescue nil)
require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("load", "$HOME/load.sh")
end
