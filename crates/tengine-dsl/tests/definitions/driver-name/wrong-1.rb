driver "close-of-day" do
  on :closed do
  end
end
