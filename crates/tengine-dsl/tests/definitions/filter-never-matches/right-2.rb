driver :d do
  on :a, :b do
  end
end
