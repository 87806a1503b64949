# frozen_string_literal: true

module Tengine
  module Core
    # The part of the store that keeps events, heartbeats and schedules.
    module StoredEvents
      COLUMNS = 'key, event_type_name, source_name, sender_name, occurred_at, level, confirmed, properties'

      # True if the event is new; false if its key is already stored.
      def save_event(event, confirmed)
        insert(event, confirmed, 'DO NOTHING')
      end

      # A heartbeat overwrites the one before it; which kind may overwrite which is told by the condition.
      def save_heartbeat(event, confirmed)
        columns = 'event_type_name, source_name, sender_name, occurred_at, level, confirmed, properties'
        update = columns.split(', ').map { |name| "#{name} = EXCLUDED.#{name}" }.join(', ')
        insert(event, confirmed, "(key) DO UPDATE SET #{update} WHERE #{overwritable(event.event_type_name)}")
      end

      def heartbeats_older_than(kind, seconds)
        rows("SELECT * FROM events WHERE event_type_name = $1 AND occurred_at <= now() - $2 * interval '1 second'",
             "#{kind}.heartbeat.tengine", seconds)
      end

      def handling(event, driver, version)
        row('INSERT INTO handled_events (event_key, event_type_name, driver, dsl_version, server, pid) ' \
            'VALUES ($1, $2, $3, $4, $5, $6) RETURNING id', event.key, event.event_type_name, driver, version,
            ENV.fetch('MM_SERVER_NAME', nil), ::Process.pid)['id']
      end

      def handled(id, error = nil)
        run('UPDATE handled_events SET finished_at = now(), error = $2 WHERE id = $1', id, error)
      end

      def create_schedule(event_type_name, scheduled_at, source_name, properties)
        run('INSERT INTO schedules (event_type_name, scheduled_at, source_name, properties) VALUES ($1, $2, $3, $4)',
            event_type_name, scheduled_at, source_name, properties.to_json)
      end

      def due_schedules = rows('SELECT * FROM schedules WHERE status = 0 AND scheduled_at <= now() ORDER BY id')

      def schedule_fired(id) = run('UPDATE schedules SET status = 2 WHERE id = $1 AND status = 0', id)

      private

      def insert(event, confirmed, on_conflict)
        run("INSERT INTO events (#{COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT #{on_conflict}",
            event.key, event.event_type_name, event.source_name, event.sender_name, event.occurred_at,
            event.level, confirmed, event.properties.to_json).cmd_tuples == 1
      end

      # A beat overwrites beats; "finished" overwrites a beat; "expired" overwrites all but "expired".
      def overwritable(type)
        case type
        when /\Aexpired\./ then 'events.event_type_name <> EXCLUDED.event_type_name'
        when /\Afinished\.process\.(.+)\.tengine\z/ then "events.event_type_name = '#{Regexp.last_match(1).delete("'")}.heartbeat.tengine'"
        else 'events.event_type_name = EXCLUDED.event_type_name'
        end
      end
    end

    # Events to be fired later, by tengine_atd.
    class Schedule
      def self.create!(event_type_name:, scheduled_at: Time.now, source_name: nil, properties: {})
        Core.kernel.store.create_schedule(event_type_name.to_s, scheduled_at, source_name, properties)
      end
    end
  end
end
