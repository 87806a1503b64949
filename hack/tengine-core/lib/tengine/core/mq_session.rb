# frozen_string_literal: true

require 'bunny'

module Tengine
  module Core
    # The connection to the broker, with what the original's client makes of its end: lost, it connects again, but only when no handler
    # keeps the reactor; closed by the broker's administrator, or with the queue deleted, it never does, and nobody is told.
    class MqSession < Bunny::Session
      # Bunny raises what ends a connection in the thread that made it; here it is noted and nothing more.
      class Errors
        attr_reader :last

        def raise(error) = @last = error
      end

      # `busy` says whether a handler is at work.
      def initialize(settings, busy)
        @busy = busy
        @errors = Errors.new
        super(settings.merge(session_error_handler: @errors))
      end

      # The connection that was refused in words (password, virtual host), after `start`.
      def refusal = @errors.last

      def given_up? = @given_up ? true : false

      # `open?` for signal traps, which may take no lock.
      def up? = @status == :open && !@given_up && !@down

      # The broker ends a connection whose heartbeats it misses.
      def lose
        @down = true
        hang_up
      end

      def give_up
        @given_up = true
        @status_mutex.synchronize { @status = :closed }
        hang_up
      end

      def handle_frame(channel, method)
        return super unless method.is_a?(AMQ::Protocol::Connection::Close) && open?
        # A broker that is stopped in order closes its connections, too; that is a loss like any other.
        return super if method.reply_text.include?("reason 'shutdown'")

        @transport.send_frame(AMQ::Protocol::Connection::CloseOk.encode)
        give_up
      end

      def handle_network_failure(exception)
        return if given_up?
        # Whoever writes into a lost connection goes on; the thread that reads finds out as well.
        return if Thread.current == Thread.main

        @down = true
        sleep 0.05 while @busy.call
        super
        @down = false
      end

      private

      # The thread that reads must find out: it would wait on for a socket that is only closed.
      def hang_up = @transport.socket.shutdown(Socket::SHUT_RDWR)
    end
  end
end
