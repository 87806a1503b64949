require "tengine_job"

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end

