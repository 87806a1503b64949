driver :d do
  on :a do
    event.key
  end
end
