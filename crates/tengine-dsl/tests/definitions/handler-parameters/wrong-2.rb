driver :d do
  on(:a, :b) { |x, y, z| fire :c }
end
