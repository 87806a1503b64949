driver :d do
  on :a & (:b & :c) do
  end
end
