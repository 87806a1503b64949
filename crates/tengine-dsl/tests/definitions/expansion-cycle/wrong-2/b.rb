require 'tengine_job'

jobnet("b") do
  expansion("c")
end
