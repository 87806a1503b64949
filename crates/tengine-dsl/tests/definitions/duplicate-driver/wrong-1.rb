driver :closing do
  on :closed do
  end
end

driver :closing do
  on :opened do
  end
end
