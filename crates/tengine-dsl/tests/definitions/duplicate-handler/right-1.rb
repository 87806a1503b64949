driver :d do
  on :a do
  end
  on :b do
  end
end
