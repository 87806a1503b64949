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
      STATUSES = %i[initialized starting waiting_activation running shutting_down terminated].freeze
      HEARTBEAT = 'core.heartbeat.tengine'
      FINISHED = 'finished.process.core.tengine'

      attr_reader :config, :status, :mq, :ack_policies, :em_setup_blocks, :definitions_seen
      attr_accessor :store, :definition

      def initialize(config)
        @config = config
        @status = :initialized
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

      # Returns when the core has been told to stop and has finished the event in hand.
      def start(&on_running)
        update_status(:starting)
        wait_for_activation if config.get(:tengined, :wait_activation)
        publisher
        @mq.subscribe { |tag, body| @reactor.push { Delivery.new(self, tag, body).process } }
        update_status(:running)
        em_setup_blocks.each(&:call)
        enable_heartbeat
        on_running&.call
        @reactor.run
        shut_down
      end

      # May be called from a signal trap. Only a running core heeds it; before that only the status file changes.
      def stop
        heeded = status == :running
        update_status(:shutting_down)
        @reactor.stop if heeded
      end

      def write_initial_status = update_status(:initialized)

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

      def publisher = @mq ||= Mq.new(config).connect

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

        @reactor.every(interval) { fire(HEARTBEAT, key: @process_key, level_key: :debug) }
      end

      def shut_down
        @mq.unsubscribe
        fire(FINISHED, key: @process_key, level_key: :info)
        Log.warn('connection closing...')
        @mq.close
        update_status(:terminated)
      end

      # As Tengine writes it: not atomically, so a reader may meet an empty file.
      def update_status(status)
        Log.info("status #{@status} -> #{status} pid=#{::Process.pid}")
        @status = status
        File.write(File.join(config.get(:tengined, :status_dir), "tengined_#{::Process.pid}.status"), status.to_s)
      end
    end
  end
end
