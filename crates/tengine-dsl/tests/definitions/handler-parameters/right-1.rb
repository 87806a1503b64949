driver :d do
  on :a do |event|
  end
end
