driver :opening do
  on :closed do
  end
end
