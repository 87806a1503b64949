driver :d do
  on :a do |event, more|
  end
end
