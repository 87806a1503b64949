driver :closing do
  onn :closed do
  end
end
