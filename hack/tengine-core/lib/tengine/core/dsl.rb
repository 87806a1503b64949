# frozen_string_literal: true

module Tengine
  module Core
    # The words that every DSL file may use at its top level.
    module Dsl
      RUBYS_OWN = (Object.constants - [:String]).freeze

      def driver(name, options = {}, &block)
        return unless block

        Dsl.top.instance_variable_get(:@config).dsl_version
        klass = Class.new
        constant = Names.camelize(name)
        # What becomes of a constant of Ruby's own is told in many ways by the original, and none of them is good.
        raise NameError, 'uninitialized constant Tengine::Core::Driveable::Mongo' if RUBYS_OWN.include?(constant.to_sym)

        Object.send(:remove_const, constant) if Object.const_defined?(constant)
        Object.const_set(constant, klass)
        klass.extend(Driveable::ClassMethods)
        klass.__by_dsl_options__ = options
        klass.include(Driveable)
        Core.kernel.defined_something
        begin
          klass.class_eval(&block)
        rescue Exception # whatever it was, half a driver must not stay behind
          Core.kernel.store.destroy_driver(klass.__driver__['id']) if klass.__driver__
          raise
        end
      end

      def ack_policy(policy, *event_type_names)
        event_type_names.each { |name| Core.kernel.ack_policies[name.to_s] = policy.to_sym }
      end

      def setup_eventmachine(&block)
        Core.kernel.em_setup_blocks << block if block
      end

      def fire(*) = raise('eventmachine\'s reactor needed')

      def session
        raise DslError, 'session is not available outside of event driver block.'
      end

      def dsl_version(*_ignored); end

      def config = Core.kernel.config

      # The object on which the files of a definition are evaluated: Ruby's own top level.
      def self.top = TOPLEVEL_BINDING.receiver
    end

    # Where a definition finds the object on which it is evaluated; the rest of it is for a core that runs.
    class Kernel
      def self.top = Dsl.top
    end

    # Evaluates every file of a definition into this one process.
    class Evaluator
      def initialize(kernel)
        @kernel = kernel
      end

      def evaluate
        Core.kernel = @kernel
        Dsl.top.extend(Dsl)
        Dsl.top.instance_variable_set(:@config, @kernel.config)
        @kernel.config.dsl_version = @kernel.definition.version
        directory = @kernel.definition.directory
        $LOAD_PATH.unshift(directory) unless $LOAD_PATH.include?(directory)
        DslFilterDef.with_operators { @kernel.definition.files.each { |file| evaluate_file(file) } }
      end

      private

      def evaluate_file(file)
        Log.debug("now loading #{file}")
        before = @kernel.definitions_seen
        load(file)
        return if @kernel.definitions_seen > before

        Doubts.report('file-defines-nothing', @kernel.definition.relative(file), 'defines no driver and no jobnet')
      end
    end
  end
end
