driver :closing do
  on :closed do
    session.update do |counts|
      counts["closed"] = next_number(counts)
    end
    [1, 2].each { |n| fire "e#{n}" if readdy?(n) }
  end
end
