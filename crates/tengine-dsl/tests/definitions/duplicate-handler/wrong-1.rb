driver :d do
  on :a do
  end
  on :a do
  end
end
