driver :closing do
  on :closed do |event|
    puts event.key
    fir :booked, :properties => { :number => event[:number] }
  end
end
