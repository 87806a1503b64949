require 'tengine_job'

jobnet("c") do
  job("load", "$HOME/load.sh")
end
