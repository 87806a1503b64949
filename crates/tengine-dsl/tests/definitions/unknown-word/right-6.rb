require 'tengine_job'

def step(name)
  job(name, "$HOME/#{name}.sh")
end
alias schritt step

jobnet("nightly") do
  schritt("load")
end
