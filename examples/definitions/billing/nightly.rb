require 'tengine_job'

# Every night: fetch the day's usage, price it, write the invoices, then tell the accounting.
jobnet("nightly", "Nightly billing run", :instance_name => "batch1", :credential_name => "batch") do
  boot_jobs("extract")
  job("extract", "Fetch the day's usage", "$HOME/billing/extract.sh", :to => ["rate", "currencies"])
  job("rate", "Price it", "$HOME/billing/rate.sh", :to => "invoice")
  job("currencies", "Fetch exchange rates", "$HOME/billing/currencies.sh", :to => "invoice")
  job("invoice", "Write the invoices", "$HOME/billing/invoice.sh",
      :killing_signals => ["TERM", "KILL"], :killing_signal_interval => 10)
  finally do
    job("cleanup", "Remove the working files", "$HOME/billing/cleanup.sh")
  end
end
