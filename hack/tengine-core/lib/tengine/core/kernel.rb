# frozen_string_literal: true

require 'tengine/core'
require 'tengine/core/mq'
require 'tengine/core/reactor'
require 'tengine/core/delivery'

module Tengine
  module Core
    # A running core: its status, its definition and its loop. Everything but the broker client's own threads happens
    # on the main thread, one event after the other, as in Tengine's reactor.
    class Kernel
      STATUSES = %i[starting waiting_activation running shutting_down terminated].freeze
      HEARTBEAT = 'core.heartbeat.tengine'
      FINISHED = 'finished.process.core.tengine'
      # An idle core that is told to stop sleeps until the broker's next heartbeat.
      IDLE_STOP_SECONDS = Float(ENV.fetch('TENGINED_IDLE_STOP_SECONDS', '29'))
      # The broker gives a client up that sends no heartbeat for two of its intervals; a handler keeps them from being sent.
      BROKER_HEARTBEAT_SECONDS = Float(ENV.fetch('TENGINED_BROKER_HEARTBEAT_SECONDS', '60'))

      # As the original's client says it.
      class ConnectionClosedError < StandardError; end

      attr_reader :config, :status, :mq, :ack_policies, :em_setup_blocks, :definitions_seen
      attr_accessor :store, :definition

      def initialize(config)
        @config = config
        @ack_policies = {}
        @em_setup_blocks = []
        @definitions_seen = 0
        @reactor = Reactor.new
        @process_key = SecureRandom.uuid
      end

      def evaluate = Evaluator.new(self).evaluate

      # Drivers are registered under whatever the database's one setting says at that moment.
      def registered_version = store.setting('dsl_version')

      def skip_enablement? = config.get(:tengined, :skip_enablement)

      def cache_drivers? = config.get(:tengined, :cache_drivers)

      def defined_something
        @definitions_seen += 1
      end

      # Returns when the core has been told to stop and has finished the event in hand. Nothing is written down before
      # everything is loaded.
      def start(&on_running)
        @loaded = true
        update_status(:starting)
        wait_for_activation if config.get(:tengined, :wait_activation)
        publisher
        @mq.subscribe { |tag, body| @reactor.push { work { Delivery.new(self, tag, body).process } } }
        update_status(:running)
        em_setup_blocks.each(&:call)
        enable_heartbeat
        watch_long_handlers
        on_running&.call
        @reactor.run
        shut_down
      end

      # Called from a signal trap. Before a core is running, and with its connection lost, only the status file changes. One
      # with a handler in hand ends after it. An idle one sleeps until something wakes it: the broker's heartbeat, a heartbeat of
      # its own, an event, or a second signal.
      def stop
        again = @told
        @told = status == :running || again
        running = @told
        @busy_when_told = busy? unless again
        update_status(:shutting_down)
        return if !running || !@mq.connected? && !busy?

        @reactor.stop(busy? || again ? 0 : IDLE_STOP_SECONDS)
      end

      # For the connection test, which asks to stop in its handler and yet is only woken by a heartbeat of its own.
      def stop_at_next_heartbeat = @stop_at_heartbeat = true

      def busy? = @busy_since ? true : false

      # TERM is trapped by the daemons gem: the process exits. In a handler that is an exception like any other.
      def terminate = loading? ? exit!(0) : exit(0)

      def loading? = !@loaded

      def fire(event_type_name, attributes = {})
        options = attributes.except(:keep_connection, :retry_interval, :retry_count)
        defaults = { sender_name: process_name, source_name: process_name }
        event = Tengine::Event.new(defaults.merge(options, event_type_name: event_type_name))
        publisher.publish(event)
        event
      end

      def after(seconds, &block) = @reactor.after(seconds, &block)

      def submit = @delivery&.submit

      def ack? = @delivery ? @delivery.ack? : false

      def handling(delivery)
        @delivery = delivery
        yield
      ensure
        @delivery = nil
      end

      # Without cache_drivers the records of this version go and come at each event, under the eyes of every
      # other process that reads them.
      def reload_drivers
        store.delete_drivers(definition.version)
        evaluate
      end

      private

      def process_name = "process:#{ENV.fetch('MM_SERVER_NAME', nil)}/#{::Process.pid}"

      # Kept before it is connected: a signal may come while it waits for the broker.
      def publisher
        return @mq if @mq

        @mq = Mq.new(config, -> { busy? })
        @mq.connect
      end

      def work
        @busy_since = Time.now
        yield
      ensure
        @busy_since = nil
        @lost = false unless @told
      end

      def watch_long_handlers
        Thread.new do
          loop do
            sleep(BROKER_HEARTBEAT_SECONDS / 10)
            next if @lost || @busy_since.nil? || Time.now - @busy_since < 2 * BROKER_HEARTBEAT_SECONDS

            @lost = true
            @mq.lose
          end
        end
      end

      def wait_for_activation
        update_status(:waiting_activation)
        file = File.join(config.get(:tengined, :activation_dir), "tengined_#{::Process.pid}.activation")
        deadline = Time.now + config.get(:tengined, :activation_timeout)
        until File.exist?(file)
          if Time.now > deadline
            update_status(:shutting_down)
            raise ActivationTimeoutError, 'activation file found timeout error.'
          end
          sleep 1
        end
        File.delete(file)
      end

      def enable_heartbeat
        interval = config.get(:heartbeat, :core, :interval)
        return unless interval.positive?

        @reactor.every(interval) do
          fire(HEARTBEAT, key: @process_key, level_key: :debug)
          @reactor.stop if @stop_at_heartbeat
        end
      end

      def shut_down
        raise ConnectionClosedError, 'Trying to send frame over a closed connection' if @busy_when_told && !@mq.connected?

        @mq.unsubscribe
        fire(FINISHED, key: @process_key, level_key: :info)
        Log.warn('connection closing...')
        @mq.close
        update_status(:terminated) unless @busy_when_told
      end

      # As Tengine writes it: not atomically, so a reader may meet an empty file.
      def update_status(status)
        Log.info("status #{@status || 'none'} -> #{status} pid=#{::Process.pid}")
        @status = status
        File.write(File.join(config.get(:tengined, :status_dir), "tengined_#{::Process.pid}.status"), status.to_s)
      end
    end
  end
end
