# frozen_string_literal: true

require 'pg'
require 'mongoid'

module Tengine
  module Core
    # Opens the database that `db.sessions.default` names and makes what is missing in it, as MongoDB would.
    module Connection
      SCHEMA_LOCK = 7_361_001

      class << self
        def open(settings)
          parameters = self.parameters(settings)
          Mongoid.default_session = Mongoid::Session.new(parameters)
          connection = connect(parameters)
          connection.set_client_encoding('UTF8')
          connection.exec('SET client_min_messages TO warning')
          prepare(connection)
          connection
        end

        def parameters(settings)
          default = session(settings)
          options = default['options'] || {}
          hosts = Array(default['hosts']).map { |host| host.to_s.split(':') }
          { host: hosts.map(&:first).join(','), port: hosts.map { |host| host[1] || 5432 }.join(','),
            dbname: default['database'], user: default['username'] || options['username'],
            password: default['password'] || options['password'], connect_timeout: 5,
            application_name: File.basename($PROGRAM_NAME) }.compact
        end

        private

        # Tengine 1.2 has sessions; 1.0 had host and port.
        def session(settings)
          plain = JSON.parse(JSON.generate(settings || {}))
          found = plain.dig('sessions', 'default')
          found || plain.merge('hosts' => ["#{plain['host'] || 'localhost'}:#{plain['port'] || 5432}"])
        end

        def connect(parameters)
          PG.connect(parameters)
        rescue PG::ConnectionBad => e
          raise unless e.message.include?('does not exist') && create_database(parameters)

          PG.connect(parameters)
        end

        # MongoDB makes a database when it is first written to.
        def create_database(parameters)
          admin = PG.connect(parameters.merge(dbname: 'postgres'))
          admin.exec("CREATE DATABASE #{admin.quote_ident(parameters[:dbname])}")
          true
        rescue PG::DuplicateDatabase, PG::UniqueViolation
          true
        rescue PG::Error
          false
        ensure
          admin&.close
        end

        def prepare(connection)
          connection.transaction do
            connection.exec("SELECT pg_advisory_xact_lock(#{SCHEMA_LOCK})")
            connection.exec(File.read(File.join(__dir__, 'schema.sql')))
          end
        end
      end
    end
  end
end
