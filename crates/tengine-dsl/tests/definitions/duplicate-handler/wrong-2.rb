driver :d do
  %w[a b a].each { |n| on(n) { fire :x } }
end
