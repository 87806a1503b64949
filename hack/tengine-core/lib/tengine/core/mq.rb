# frozen_string_literal: true

require 'bunny'
require 'logger'

module Tengine
  module Core
    # The one durable queue, bound to the one direct exchange without a routing key: every queue that is bound to the
    # exchange gets every event. One channel, used by the main thread only.
    class Mq
      ROUTING_KEY = ''

      def initialize(config)
        @config = config
      end

      def connect
        settings = %i[host port vhost user pass].to_h { |name| [name, @config.get(:event_queue, :connection, name)] }
        delay = @config.get(:event_queue, :connection, :auto_reconnect_delay)
        @session = Bunny.new(settings.merge(
                               logger: Logger.new($stderr, level: Logger::WARN), connection_timeout: 5,
                               automatically_recover: true, network_recovery_interval: delay
                             ))
        @session.start
        declare
        self
      end

      # Yields each delivery on a thread of the client; returns once the broker has confirmed the subscription.
      def subscribe
        @consumer = @queue.subscribe(manual_ack: true, block: false) { |info, _properties, body| yield(info.delivery_tag, body) }
      end

      def unsubscribe = @consumer&.cancel

      def ack(tag) = @channel.ack(tag)

      def requeue(tag) = @channel.nack(tag, false, true)

      def publish(event)
        @exchange.publish(event.to_json, routing_key: ROUTING_KEY, persistent: true, content_type: 'application/json')
      end

      # Like publish, and back only when the broker has the event.
      def publish_confirmed(event)
        @channel.confirm_select unless @channel.using_publisher_confirms?
        publish(event)
        @channel.wait_for_confirms
      end

      def close = @session&.close

      private

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
