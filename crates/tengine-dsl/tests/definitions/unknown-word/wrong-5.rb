require 'tengine_job'

jobent("nightly") do
  job("load", "$HOME/load.sh")
end
