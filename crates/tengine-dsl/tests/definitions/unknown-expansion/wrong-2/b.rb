require 'tengine_job'

jobnet("weekly") do
  job("load", "$HOME/load.sh")
end
