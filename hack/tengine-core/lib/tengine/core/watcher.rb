# frozen_string_literal: true

require 'tengine/core'
require 'tengine/core/mq'
require 'tengine/core/pid_files'
require 'tengine/core/store/postgres'

module Tengine
  module Core
    # What tengine_heartbeat_watchd and tengine_atd share: once a second they look at the database and fire events.
    # They trap INT, and TERM by the daemons gem; their pid folder must be there.
    class Watcher
      def initialize(program, kind, fields, argv)
        @program = program
        @kind = kind
        @config = Config.parse(program, fields, argv)
        @pids = PidFiles.new(@config.get(:process, :pid_dir))
        @key = SecureRandom.uuid
        @last_beat = Time.now
        Log.setup(@config.get(:process_stdout_log, :output) || @config.get(:log_common, :output), @config.get(:log_common, :level))
      end

      def run
        case @config.get(:action)
        when 'start' then start
        when 'stop' then @pids.signal('INT')
        else raise ArgumentError, "unknown action #{@config.get(:action).inspect}: start|stop"
        end
      end

      private

      def start
        ::Process.daemon(true) if @config.get(:process, :daemon)
        @pids.create_numbered(@program)
        wake, waker = IO.pipe
        Signal.trap(:INT) { waker.write_nonblock('.') }
        Signal.trap(:TERM) { exit(0) }
        @store = PostgresStore.new(@config.get(:db))
        @mq = Mq.new(@config).connect
        Log.info("#{@program} running pid=#{::Process.pid}")
        watch until wake.wait_readable(1)
        finish
      end

      def watch
        tick
        beat
      rescue PG::Error => e
        Log.error("#{e.message.strip} (#{e.class.name})")
        reconnect
      rescue Bunny::Exception => e
        Log.error("#{e.message} (#{e.class.name})")
      end

      def reconnect
        @store.reconnect
      rescue PG::Error => e
        Log.error("the database is still away: #{e.message.strip} (#{e.class.name})")
      end

      def beat
        interval = @config.get(:heartbeat, @kind, :interval)
        return if interval <= 0 || Time.now - @last_beat < interval

        @last_beat = Time.now
        fire("#{@kind}.heartbeat.tengine", key: @key, level_key: :debug)
      end

      def finish
        fire("finished.process.#{@kind}.tengine", key: @key, level_key: :info)
        @mq.close
        @store.close
        Log.info("#{@program} terminated pid=#{::Process.pid}")
      end

      def fire(event_type_name, attributes)
        name = "process:#{ENV.fetch('MM_SERVER_NAME', nil)}/#{::Process.pid}"
        @mq.publish(Tengine::Event.new({ source_name: name, sender_name: name }.merge(attributes, event_type_name: event_type_name)))
      end
    end

    # Declares daemons dead whose heartbeat is too old: the event that says so takes the heartbeat's key, and a core
    # that handles it overwrites the heartbeat with it. Until then it is fired again each second.
    class HeartbeatWatcher < Watcher
      KINDS = %i[core job hbw resourcew atd].freeze

      def initialize(argv) = super('tengine_heartbeat_watchd', :hbw, Fields::WATCHD, argv)

      private

      def tick
        KINDS.each do |kind|
          seconds = @config.get(:heartbeat, kind, :expire)
          @store.heartbeats_older_than(kind, seconds).each { |row| expire(kind, row) }
        end
      end

      def expire(kind, row)
        Log.info("expired heartbeat=#{row['event_type_name']} process=#{row['source_name']} last_seen=#{row['occurred_at']}")
        fire("expired.#{kind}.heartbeat.tengine", key: row['key'], source_name: row['source_name'],
                                                  sender_name: row['sender_name'], level_key: :error,
                                                  properties: JSON.parse(row['properties']))
      end
    end

    # Fires the events of the database's schedules when their time has come.
    class Scheduler < Watcher
      def initialize(argv) = super('tengine_atd', :atd, Fields::ATD, argv)

      private

      def tick
        @store.due_schedules.each do |row|
          Log.info("fired scheduled event=#{row['event_type_name']} scheduled_at=#{row['scheduled_at']}")
          fire(row['event_type_name'], key: "schedule:#{row['id']}", source_name: row['source_name'], level_key: :info,
                                       properties: JSON.parse(row['properties']))
          @store.schedule_fired(row['id'])
        end
      end
    end
  end
end
