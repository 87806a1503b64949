driver :d do
  on :a do
    sleep 1
  end
end
