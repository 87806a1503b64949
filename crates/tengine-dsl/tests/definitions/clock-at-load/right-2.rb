driver :d do
  on :a do
    fire :b, :properties => { :at => Time.now }
  end
end
