# frozen_string_literal: true

require 'logger'
require 'socket'
require 'timeout'
require 'tengine/core/mq_session'

module Tengine
  module Core
    # The one durable queue, bound to the one direct exchange without a routing key: every queue that is bound to the
    # exchange gets every event. One channel, used by the main thread only.
    class Mq
      ROUTING_KEY = ''
      ANSWER_SECONDS = 1

      # `busy` says whether a handler is at work.
      def initialize(config, busy = -> { false })
        @config = config
        @busy = busy
      end

      def connect
        settings = %i[host port vhost user pass].to_h { |name| [name, @config.get(:event_queue, :connection, name)] }
        delay = @config.get(:event_queue, :connection, :auto_reconnect_delay)
        @session = MqSession.new(settings.merge(logger: Logger.new($stderr, level: Logger::FATAL), connection_timeout: 5,
                                                automatically_recover: true, network_recovery_interval: delay), @busy)
        open_or_hang(settings)
        declare
        self
      end

      def connected? = @session&.up? || false

      def given_up? = @session&.given_up?

      def lose = @session.lose

      # Yields each delivery on a thread of the client; returns once the broker has confirmed the subscription.
      def subscribe
        @consumer = @queue.subscribe(manual_ack: true, block: false, on_cancellation: ->(_) { @session.give_up }) do |info, _properties, body|
          yield(info.delivery_tag, body)
        end
      end

      def unsubscribe = without_waiting { @consumer&.cancel }

      def ack(tag) = unless_lost { @channel.ack(tag) }

      def requeue(tag) = unless_lost { @channel.nack(tag, false, true) }

      def publish(event) = unless_lost { send_event(event) }

      # Like publish, and back only when the broker has the event.
      def publish_confirmed(event)
        @channel.confirm_select unless @channel.using_publisher_confirms?
        send_event(event)
        @channel.wait_for_confirms
      end

      def close = without_waiting { @session&.close }

      private

      # Now and then bunny notices the broker's answer no earlier than with the next heartbeat. What ends with the process needs none.
      def without_waiting(&work)
        Timeout.timeout(ANSWER_SECONDS, &work)
      rescue Timeout::Error
        Log.info('the answer of the broker is not waited for')
      end

      # Over a connection that was lost nothing arrives, and nobody is told.
      def unless_lost
        yield unless given_up?
      rescue Bunny::Exception, IOError, SystemCallError => e
        Log.warn("not sent: #{e.message} (#{e.class.name})")
      end

      def send_event(event)
        @exchange.publish(event.to_json, routing_key: ROUTING_KEY, persistent: true, content_type: 'application/json')
      end

      # A broker that is not there ends the process. One that is there and says nothing, or no, is waited for: for ever, in silence.
      def open_or_hang(settings)
        Socket.tcp(settings[:host], settings[:port], connect_timeout: 5).close
        begin
          @session.start
        rescue Bunny::AuthenticationFailureError, Bunny::TCPConnectionFailed, Bunny::NotAllowedError
          sleep
        end
        sleep if @session.refusal
      rescue SocketError, Errno::ECONNREFUSED, Errno::EHOSTUNREACH
        raise Bunny::TCPConnectionFailedForAllHosts
      rescue Errno::ETIMEDOUT
        sleep
      end

      def declare
        @channel = @session.create_channel
        @channel.prefetch(1)
        @exchange = @channel.exchange(
          @config.get(:event_queue, :exchange, :name),
          type: @config.get(:event_queue, :exchange, :type), durable: @config.get(:event_queue, :exchange, :durable)
        )
        @queue = @channel.queue(@config.get(:event_queue, :queue, :name), durable: @config.get(:event_queue, :queue, :durable))
        @queue.bind(@exchange, routing_key: ROUTING_KEY)
      end
    end
  end
end
