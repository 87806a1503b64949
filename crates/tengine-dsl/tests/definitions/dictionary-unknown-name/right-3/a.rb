require 'tengine_job'

jobnet("a") do
  job("b", "b.sh")
end
