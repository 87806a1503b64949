# coding: ISO-8859-1
# café 1
require "tengine_job"

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end
