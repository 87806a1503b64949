driver :d do
  on do
  end
end
