ack_policy :after_all_handler_submit, :"sales.closed"

driver :sales_watch do
  on :"sales.closed" do
    session.update(:closed => true)
    fire :"sales.reported", :notification_level_key => :info
    submit
  end
  on :opened & :"sales.closed" do
    fire :balanced
  end
end

driver :sales_late, :enabled_on_activation => false do
  on :late.at("batch1") do |event|
    fire :alarmed, :properties => { :key => event.key, :at => Time.now.to_s }
  end
end
