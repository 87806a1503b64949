require 'net/http'
driver :d do
  on :a do
    Net::HTTP.get(URI('http://example.com/'))
  end
end
