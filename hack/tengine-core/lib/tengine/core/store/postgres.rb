# frozen_string_literal: true

require 'json'
require 'tengine/core/store/connection'
require 'tengine/core/store/events'

module Tengine
  module Core
    # Settings, drivers, jobnets, events, sessions and schedules in PostgreSQL, in the place of MongoDB.
    class PostgresStore
      include StoredEvents

      def initialize(settings)
        @connection = Connection.open(settings)
      end

      def close = @connection.finished? || @connection.close

      # After a lost connection; raises PG::ConnectionBad while the database is still away.
      def reconnect = @connection.reset

      def setting(name) = row('SELECT value FROM settings WHERE name = $1', name)&.fetch('value')

      def set_setting(name, value)
        run('INSERT INTO settings VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2', name, value)
      end

      def find_driver(name, version)
        row('SELECT * FROM drivers WHERE name = $1 AND version = $2', name, version)
      end

      def create_driver(driver)
        run('INSERT INTO drivers (name, version, enabled, enabled_on_activation, target_class_name) ' \
            'VALUES ($1, $2, $3, $4, $5)',
            *driver.values_at('name', 'version', 'enabled', 'enabled_on_activation', 'target_class_name'))
        find_driver(driver['name'], driver['version'])
      rescue PG::UniqueViolation
        # What the original says when its own rescue names a class that its driver for MongoDB does not have.
        raise NameError, 'uninitialized constant Tengine::Core::Driveable::Mongo'
      end

      def destroy_driver(id) = run('DELETE FROM drivers WHERE id = $1', id)

      def delete_drivers(version) = run('DELETE FROM drivers WHERE version = $1', version)

      def enable_drivers(version)
        run('UPDATE drivers SET enabled = true WHERE version = $1 AND enabled_on_activation', version).cmd_tuples
      end

      def create_handler(driver_id, event_type_names, handler)
        @connection.transaction do
          id = row('INSERT INTO handlers (driver_id, event_type_names, target_method_name, filter, filepath, lineno) ' \
                   'VALUES ($1, $2, $3, $4, $5, $6) RETURNING id', driver_id, event_type_names.to_json,
                   handler['target_method_name'], handler['filter'].to_json, handler['filepath'], handler['lineno'])['id']
          event_type_names.each { |name| run('INSERT INTO handler_paths VALUES ($1, $2, $3)', name, driver_id, id) }
        end
      end

      # The enabled handlers that drivers of this very version have for an event type.
      def handlers_for(event_type_name, version)
        rows('SELECT h.*, d.name AS driver_name, d.target_class_name FROM handler_paths p ' \
             'JOIN drivers d ON d.id = p.driver_id JOIN handlers h ON h.id = p.handler_id ' \
             'WHERE p.event_type_name = $1 AND d.version = $2 AND d.enabled ORDER BY h.id', event_type_name, version)
          .each { |handler| handler['filter'] = JSON.parse(handler['filter']) }
      end

      def find_root_jobnet(name, version)
        row('SELECT * FROM root_jobnets WHERE name = $1 AND dsl_version = $2', name, version)
      end

      def save_root_jobnet(jobnet)
        run('INSERT INTO root_jobnets VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
            *jobnet.values_at('name', 'dsl_version', 'dsl_filepath', 'dsl_lineno'), jobnet['definition'].to_json)
      end

      def root_jobnets_of(version)
        rows('SELECT * FROM root_jobnets WHERE dsl_version = $1', version)
          .each { |jobnet| jobnet['definition'] = JSON.parse(jobnet['definition']) }
      end

      def session(driver_id)
        run('INSERT INTO sessions (driver_name, driver_version) SELECT name, version FROM drivers WHERE id = $1 ' \
            'ON CONFLICT DO NOTHING', driver_id)
        found = row('SELECT s.* FROM sessions s JOIN drivers d ON d.name = s.driver_name AND d.version = s.driver_version ' \
                    'WHERE d.id = $1', driver_id)
        raise KernelError, 'the driver record is gone' unless found

        %w[properties system_properties].each { |column| found[column] = JSON.parse(found[column]) }
        found
      end

      # Optimistic: false if another process changed the session in between.
      def update_session(driver_id, column)
        current = session(driver_id)
        values = yield(current[column])
        run("UPDATE sessions SET #{column} = $1, lock_version = lock_version + 1 " \
            'WHERE driver_name = $2 AND driver_version = $3 AND lock_version = $4',
            values.to_json, current['driver_name'], current['driver_version'], current['lock_version']).cmd_tuples == 1
      end

      private

      def run(sql, *values)
        @connection.exec_params(sql, values.map { |value| value.is_a?(Time) ? value.utc.iso8601(6) : value })
      end

      def rows(sql, *values) = run(sql, *values).to_a

      def row(sql, *values) = rows(sql, *values).first
    end
  end
end
