driver :closing do
  on :closed do
  end
end
