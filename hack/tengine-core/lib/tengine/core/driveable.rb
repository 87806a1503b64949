# frozen_string_literal: true

# As much of the original's models as shows.
module Mongoid
  module Errors
    class Validations < StandardError
      def initialize(message = '') = super
    end
  end
end

module Tengine
  module Core
    # Makes a class an event driver: its `on` registers handlers in the store.
    #
    # A driver's record is made by the first process that loads it under the database's current `dsl_version`
    # setting; whoever finds the record there adds nothing to it.
    module Driveable
      def self.included(klass)
        klass.extend(ClassMethods)
        klass.__register_driver__
      end

      module ClassMethods
        attr_accessor :__by_dsl_options__
        attr_reader :__driver__

        def driver = __driver__

        def driver_name = __by_dsl_options__ ? Names.underscore(name) : name

        def __register_driver__
          kernel = Core.kernel
          raise Mongoid::Errors::Validations unless driver_name.match?(/\A[A-Za-z_]\w*\z/)

          options = __by_dsl_options__ || {}
          @__driver__ = kernel.store.find_driver(driver_name, kernel.registered_version)
          @__creating__ = @__driver__.nil?
          return unless @__creating__

          # Two processes that load a new version at the same time both find nothing, and one of them dies.
          sleep(Float(ENV.fetch('TENGINED_RACE_SECONDS', '0')))
          wanted = options[:enabled_on_activation]
          @__driver__ = kernel.store.create_driver(
            'name' => driver_name, 'version' => kernel.registered_version, 'target_class_name' => name,
            'enabled' => !kernel.skip_enablement?, 'enabled_on_activation' => wanted.nil? || wanted
          )
        end

        def on(*args, &block)
          options = args.last.is_a?(Hash) ? args.pop : {}
          __storable__(options.values)
          __storable__(args) unless block
          return @__pending__ = [args.map(&:to_s), options] unless block

          filter_def = args.first if args.length == 1 && args.first.is_a?(DslFilterDef)
          types = (filter_def ? filter_def.event_type_names : args).map(&:to_s)
          method_name = filter_def ? "#{types.join('_')}_#{filter_def.filter['type']}" : types.join('_')
          __define_handler__(method_name, block)
          __record__(types, method_name, filter_def ? filter_def.filter : {}, *block.source_location)
        end

        # `on :event` followed by a method definition.
        def method_added(method_name)
          types, = @__pending__
          return super unless types

          @__pending__ = nil
          __record__(types, method_name.to_s, {}, *instance_method(method_name).source_location)
        end

        def session = SessionWrapper.new(Core.kernel.store, __driver__['id'])

        private

        def __define_handler__(method_name, block)
          case block.arity
          when 0 then define_method(method_name, &block)
          when 1 then define_method(method_name) { |event| instance_exec(event, &block) }
          else block.artity # the original's own slip of the pen, and all that is ever said
          end
        end

        # Filters are flat, and stand alone before a block.
        def __storable__(values)
          values.each do |value|
            next unless value.is_a?(DslFilterDef) || value.instance_of?(Object)

            raise NoMethodError, "undefined method `__bson_dump__' for #{value.inspect}"
          end
        end

        def __record__(types, method_name, filter, path, line)
          return unless @__creating__

          Core.kernel.store.create_handler(
            __driver__['id'], types, 'target_method_name' => method_name, 'filter' => filter,
                                     'filepath' => Core.kernel.definition.relative(path.to_s), 'lineno' => line
          )
        end
      end

      attr_writer :__event__, :__kernel__

      def event = @__event_wrapper__ ||= @__event__ && EventWrapper.new(@__event__)

      def session = self.class.session

      def kernel = @__kernel__

      def fire(...) = kernel.fire(...)

      def submit = kernel.submit

      def ack? = kernel.ack?
    end
  end
end
