require 'tengine_job'

def net(name, &block)
  jobnet(name, &block)
end

net("nightly") do
  job("load", "$HOME/load.sh")
end
