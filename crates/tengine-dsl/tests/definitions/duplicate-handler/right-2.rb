driver :d do
  %w[a b].each { |n| on(n) { fire :x } }
end
