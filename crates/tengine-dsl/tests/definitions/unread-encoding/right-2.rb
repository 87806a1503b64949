# coding: UTF-8
# café 2
require "tengine_job"

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end
