# Counts the invoices that were paid, and says so to whoever listens.
driver :invoices do
  on :'invoice.paid' do
    session.update { |counts| counts["paid"] = counts["paid"].to_i + 1 }
    puts "invoice #{event[:number]} paid, #{session[:paid]} so far"
    fire :'invoice.booked', :properties => { :number => event[:number] }
  end

  on :'invoice.booked' do
    puts "invoice #{event[:number]} booked"
  end
end
