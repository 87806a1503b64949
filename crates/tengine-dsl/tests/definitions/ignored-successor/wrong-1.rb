require 'tengine_job'

# Without boot_jobs the jobs run as they are written, whatever :to says.
jobnet("nightly") do
  job("load", "load.sh", :to => "store")
  job("store", "store.sh", :to => "load")
end
