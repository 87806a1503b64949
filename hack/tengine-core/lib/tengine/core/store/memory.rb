# frozen_string_literal: true

module Tengine
  module Core
    # What a load writes, kept in memory: for loading without broker and database.
    class MemoryStore
      def initialize
        @settings = {}
        @drivers = []
        @root_jobnets = []
      end

      attr_reader :drivers, :root_jobnets

      def setting(name) = @settings[name]

      def set_setting(name, value)
        @settings[name] = value
      end

      def find_driver(name, version)
        @drivers.find { |driver| driver['name'] == name && driver['version'] == version }
      end

      def create_driver(attributes)
        attributes.merge('id' => @drivers.length + 1, 'handlers' => []).tap { |driver| @drivers << driver }
      end

      def destroy_driver(id)
        @drivers.reject! { |driver| driver['id'] == id }
      end

      def create_handler(driver_id, event_type_names, attributes)
        driver = @drivers.find { |candidate| candidate['id'] == driver_id }
        driver['handlers'] << attributes.merge('event_type_names' => event_type_names) if driver
      end

      def find_root_jobnet(name, version)
        @root_jobnets.find { |jobnet| jobnet['name'] == name && jobnet['dsl_version'] == version }
      end

      def save_root_jobnet(attributes)
        @root_jobnets << attributes
      end

      def root_jobnets_of(version)
        @root_jobnets.select { |jobnet| jobnet['dsl_version'] == version }
      end
    end
  end
end
