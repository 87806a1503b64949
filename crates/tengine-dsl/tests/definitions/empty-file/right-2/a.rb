def limit
  3
end
