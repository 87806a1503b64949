driver "1st" do
  on :closed do
  end
end
