# frozen_string_literal: true

module Tengine
  module Core
    # `:a & :b` (both have happened) and `:a.at("server")` (from that source).
    class DslFilterDef
      attr_reader :event_type_names, :filter

      def self.both(left, right)
        raise NoMethodError, "undefined method `__bson_dump__' for #{right.inspect}" unless right.is_a?(Symbol) || right.is_a?(String)

        new([left, right], 'type' => 'and', 'event_type_names' => [left.to_s, right.to_s])
      end

      def self.from(event_type_name, source)
        new([event_type_name], 'type' => 'at', 'pattern' => source.to_s)
      end

      def initialize(event_type_names, filter)
        @event_type_names = event_type_names
        @filter = filter
      end

      def self.match?(filter, event, session)
        case filter['type']
        when nil then true
        when 'at' then event.source_name.include?(filter['pattern'])
        else all_marked?(filter['event_type_names'], event.event_type_name, session)
        end
      end

      def self.all_marked?(names, current, session)
        session.system_update("mark_#{current}" => true) if session.system_properties["mark_#{current}"].nil?
        marks = session.system_properties
        names.all? { |name| marks["mark_#{name}"] }
      end
      private_class_method :all_marked?

      # The operators exist only while a definition is evaluated.
      def self.with_operators
        Symbol.class_eval do
          define_method(:&) { |other| DslFilterDef.both(self, other) }
          define_method(:and) { |other| DslFilterDef.both(self, other) }
          define_method(:at) { |source| DslFilterDef.from(self, source) }
        end
        yield
      ensure
        Symbol.class_eval { %i[& and at].each { |name| remove_method(name) if method_defined?(name, false) } }
      end
    end
  end
end
