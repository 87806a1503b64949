require 'tengine_job'

DEFAULTS = { :server_name => "app1", :credential_name => "app" }.freeze

def step(name, to = nil)
  options = to ? { :to => to } : {}
  job(name, "/opt/app/bin/#{name}", options)
end

def chain(*names)
  boot_jobs(names.first)
  names.zip(names.drop(1)).each { |name, following| step(name, following) }
end

jobnet("root", DEFAULTS) do
  boot_jobs("one")
  jobnet("one", :to => "two") do
    jobnet("deeper") do
      jobnet("deepest") do
        chain("a", "b", "c")
      end
    end
  end
  jobnet("two") do
    chain(*%w[x y z])
    finally { step("tidy") }
  end
end
