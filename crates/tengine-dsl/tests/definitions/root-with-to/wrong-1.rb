require 'tengine_job'

jobnet("nightly", :to => "weekly") do
  job("load", "$HOME/load.sh")
end
