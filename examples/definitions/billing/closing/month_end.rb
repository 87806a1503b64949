require 'tengine_job'

REGIONS = %w[asia europe americas]

# On the last day of the month: one more nightly run, then close each region's books and print the report.
jobnet("month_end", "Month-end closing", :instance_name => "batch1", :credential_name => "batch") do
  auto_sequence
  expansion("nightly")
  jobnet("close", "Close the books", :instance_name => "ledger1") do
    boot_jobs(*REGIONS.map { |region| "close_#{region}" })
    REGIONS.each do |region|
      job("close_#{region}", "Close #{region}", "$HOME/billing/close.sh #{region}")
    end
  end
  job("report", "Print the report", "$HOME/billing/report.sh")
end
