# frozen_string_literal: true

module Tengine
  module Core
    # Runs what others hand it, one after the other, on the thread that calls `run`. Timers are late while a
    # handler runs, as in any single-threaded reactor.
    class Reactor
      class << self
        attr_accessor :current
      end

      def initialize
        @work = Thread::Queue.new
        @stopped = false
        self.class.current = self
      end

      def push(&block) = @work << block

      # May be called from a signal trap: after what is at work, or when something wakes it, at the latest in so many seconds.
      def stop(seconds = 0)
        @stopped = true
        seconds.zero? ? @work << nil : after(seconds) {}
      end

      def run
        until @stopped
          block = @work.pop
          block&.call unless @stopped
        end
      end

      def after(seconds, &block)
        Thread.new { sleep(seconds); push(&block) }
      end

      def every(seconds, &block)
        Thread.new { loop { sleep(seconds); push(&block) } }
      end
    end
  end
end

# As much of EventMachine as a definition uses in `setup_eventmachine`.
module EventMachine
  class << self
    def reactor = Tengine::Core::Reactor.current

    def add_timer(seconds, &block) = reactor.after(seconds, &block)

    def add_periodic_timer(seconds, &block) = reactor.every(seconds, &block)

    def next_tick(&block) = reactor.push(&block)

    def defer(operation = nil, callback = nil, &block)
      Thread.new do
        result = (operation || block).call
        reactor.push { callback.call(result) } if callback
      end
    end

    def cancel_timer(timer) = timer&.kill
  end
end
EM = EventMachine unless defined?(EM)
