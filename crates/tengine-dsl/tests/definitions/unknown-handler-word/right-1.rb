def next_number(counts)
  counts["closed"].to_i + 1
end

driver :closing do
  on :closed do |event|
    session.update { |counts| counts["closed"] = next_number(counts) }
    total = event[:number]
    puts format("%d", total)
    fire :booked if total && rand(2) >= 0
    submit
    raise ArgumentError, "no" unless total
  end
end
