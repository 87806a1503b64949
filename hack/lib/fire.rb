# frozen_string_literal: true

# Fires events, each of which the broker confirms: fire.rb URL PREFIX COUNT MILLISECONDS-BETWEEN [TYPE], which is `tick`. Ends before so many at a
# TERM, and says on stdout how many there were.

require 'bunny'
require 'json'

url, prefix, count, pause, type = ARGV
session = Bunny.new(url, recover_from_connection_close: false).start
channel = session.create_channel
channel.confirm_select
exchange = channel.exchange('tengine_event_exchange', passive: true)
now = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) }
began = now.call
ended = false
trap('TERM') { ended = true }
fired = 0
count.to_i.times do |number|
  break if ended

  event = { event_type_name: type || 'tick', key: "#{prefix}-#{number}", source_name: 'bench', sender_name: 'bench',
            occurred_at: '2026-01-01T00:00:00Z', level: 2, properties: { number: number } }
  exchange.publish(JSON.generate(event), routing_key: '', persistent: true)
  fired += 1
  early = began + (number + 1) * pause.to_i / 1000.0 - now.call
  sleep early if early.positive?
end
channel.wait_for_confirms or abort 'the broker did not take all of them'
session.close
puts fired
