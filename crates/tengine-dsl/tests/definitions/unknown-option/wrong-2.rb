require 'tengine_job'

jobnet("nightly", :hoge => 1) do
  job("load", "$HOME/load.sh")
end
