module Words
  def hoge
  end
end
extend Words

require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  hoge
  job("load", "$HOME/load.sh")
end
