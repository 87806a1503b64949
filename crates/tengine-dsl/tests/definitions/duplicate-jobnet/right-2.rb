require 'tengine_job'

%w[east west].each do |side|
  jobnet("nightly-#{side}") do
    job("load", "$HOME/load.sh")
  end
end
