require 'tengine_job'

jobnet("c") do
  job("load", "$HOME/load.sh")
  jobnet("deep") do
    expansion("nightly")
  end
end
