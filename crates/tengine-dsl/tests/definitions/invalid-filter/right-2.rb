driver :d do
  on :a.at("server1") do
  end
end
