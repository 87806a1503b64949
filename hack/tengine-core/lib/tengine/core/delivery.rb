# frozen_string_literal: true

require 'English'

module Tengine
  module Core
    # One event from the queue: store it, acknowledge it as its policy says, run its handlers.
    #
    # Default policy `:at_first`: acknowledged before the handlers run, but what says so leaves only after them. With `:after_all_handler_submit` it is
    # acknowledged when each handler has said `submit`, and goes back to the queue otherwise.
    class Delivery
      HEARTBEAT = /heartbeat\.tengine\z|\Afinished\.process\..+\.tengine\z/
      FAILED = /\.failed\.tengined\z/

      def initialize(kernel, tag, body)
        @kernel = kernel
        @tag = tag
        @body = body
        @submitted = []
      end

      def process
        event = parse
        return acknowledge if event.nil?
        return requeue_for_ever if event.event_type_name.to_s.empty?

        sleep(ENV.fetch('TENGINED_EVENT_DEBUG_DELAY', '0').to_f)
        return drop_duplicate(event) unless save(event)

        handle(event)
      rescue PG::Error => e
        give_up(e)
      ensure
        send_acknowledgement unless $ERROR_INFO
      end

      def submit = @submitted << @handler

      def ack? = @acknowledged ? true : false

      private

      def parse
        event = Tengine::Event.parse(@body)
        return event unless event.key.to_s.empty?

        Log.warn("invalid event without key: #{@body}")
        nil
      rescue NoMethodError
        raise # of what is JSON and no object: nobody rescues it
      rescue StandardError => e
        Log.error("failed to parse a message because of [#{e.class.name}] #{e.message}.\n#{@body}")
        nil
      end

      def save(event)
        threshold = Tengine::Event::LEVELS.fetch(@kernel.config.get(:tengined, :confirmation_threshold).to_sym)
        confirmed = event.level.to_i <= threshold
        return @kernel.store.save_heartbeat(event, confirmed) if event.event_type_name.match?(HEARTBEAT)

        @kernel.store.save_event(event, confirmed)
      end

      def drop_duplicate(event)
        log('dropped', event, 'reason=duplicate')
        quiet = event.event_type_name.match?(HEARTBEAT) || event.event_type_name.match?(FAILED)
        @kernel.fire("#{event.event_type_name}.failed.tengined", level_key: :error, properties: { original_event: event.to_h }) unless quiet
        acknowledge
      end

      def handle(event)
        policy = @kernel.ack_policies.fetch(event.event_type_name, :at_first)
        acknowledge if policy == :at_first
        @kernel.reload_drivers unless @kernel.cache_drivers?
        handlers = @kernel.store.handlers_for(event.event_type_name, @kernel.definition.version)
        log('dropped', event, 'reason=no_handler') if handlers.empty?
        handlers.each { |handler| @kernel.handling(self) { run(handler, event) } }
        return if ack?

        (handlers - @submitted).empty? ? acknowledge : requeue
      end

      def run(handler, event)
        @handler = handler
        words = "driver=#{handler['driver_name']}"
        matched = false
        error = outcome do
          matched = DslFilterDef.match?(handler['filter'], event, SessionWrapper.new(@kernel.store, handler['driver_id']))
          recorded(handler, event, words) { call(handler, event) } if matched
        end
        return report(event, error, words) if error

        matched ? log('handled', event, words) : log('skipped', event, "#{words} reason=filter")
      end

      def recorded(handler, event, words)
        log('handling', event, words)
        record = @kernel.store.handling(event, handler['driver_name'], @kernel.definition.version)
        error = outcome { yield }
        @kernel.store.handled(record, error && "[#{error.class.name}] #{error.message}")
        raise error if error
      end

      def call(handler, event)
        instance = Object.const_get(handler['target_class_name']).new
        instance.__event__ = event
        instance.__kernel__ = @kernel
        method = instance.method(handler['target_method_name'])
        method.arity.zero? ? method.call : method.call(event)
      end

      # No exception of a handler ends the core, not even the one that TERM raises.
      def outcome
        yield
        nil
      rescue PG::Error
        raise
      rescue Exception => e # Tengine, too, rescues all of them
        e
      end

      def report(event, error, words)
        log('failed', event, "#{words} error=#{error.class.name}")
        Log.exception(error)
        @kernel.fire("#{event.event_type_name}.error.tengined", properties: {
                       original_event: event.to_h, error_class_name: error.class.name, error_message: error.message,
                       error_backtrace: error.backtrace
                     })
      end

      def acknowledge
        return if @acknowledged

        @acknowledged = true
      end

      def send_acknowledgement
        @kernel.mq.ack(@tag) if @acknowledged
      end

      # An event that cannot be stored goes back, and comes again.
      def requeue_for_ever
        Log.error("failed to save an event without event_type_name: #{@body}")
        sleep 0.1 # the machines that test this are small
        requeue
      end

      def requeue = @kernel.mq.requeue(@tag)

      # The database is away: the event goes back to the queue unless it is acknowledged already, then it is lost.
      def give_up(error)
        Log.error("giving up processing an event due to #{error.message.strip} (#{error.class.name})")
        sleep 1
        requeue unless ack?
        @kernel.store.reconnect
      rescue PG::Error => e
        Log.error("the database is still away: #{e.message.strip} (#{e.class.name})")
      end

      def log(what, event, words)
        line = "#{what} event=#{event.event_type_name} key=#{event.key} #{words} dsl_version=#{@kernel.definition.version} " \
               "pid=#{::Process.pid} server=#{ENV.fetch('MM_SERVER_NAME', nil)}"
        event.event_type_name.match?(HEARTBEAT) ? Log.debug(line) : Log.info(line)
      end
    end
  end
end
