driver :closing do
  on :closed do
  end
end

driver :opening do
  on :closed do
  end
end
