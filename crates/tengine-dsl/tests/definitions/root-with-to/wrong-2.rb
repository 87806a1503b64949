require 'tengine_job'

jobnet("nightly", "x", {:to => ["weekly"]}) do
  job("load", "$HOME/load.sh")
end
