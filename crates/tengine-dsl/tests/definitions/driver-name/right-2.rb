driver "close_of_day", :enabled_on_activation => false do
  on :closed do |event|
    fire :reported
  end
end
