# frozen_string_literal: true

require 'tengine/core'

module Tengine
  module Core
    # Evaluates a definition without broker and database: what `tengined -k load` would accept or refuse.
    class OfflineLoad
      # What the words of a definition need of a kernel, and nothing that connects.
      class Kernel
        attr_reader :store, :definition, :ack_policies, :em_setup_blocks, :definitions_seen, :config

        def initialize(definition)
          @definition = definition
          @store = MemoryStore.new
          @ack_policies = {}
          @em_setup_blocks = []
          @definitions_seen = 0
          @config = Config.new('tengined', Fields::CORE)
        end

        def registered_version = store.setting('dsl_version')

        def skip_enablement? = false

        def defined_something
          @definitions_seen += 1
        end

        def fire(event_type_name, _attributes = {})
          Log.info("offline: not firing #{event_type_name}")
        end
      end

      attr_reader :kernel

      def initialize(load_path)
        @kernel = Kernel.new(Definition.new(load_path))
      end

      def run
        @kernel.store.set_setting('dsl_version', @kernel.definition.version)
        Evaluator.new(@kernel).evaluate
        Log.info("loaded #{summary}")
      end

      def summary
        store = @kernel.store
        "files=#{@kernel.definition.files.length} drivers=#{store.drivers.length} jobnets=#{store.root_jobnets.length} doubts=#{Doubts.all.length}"
      end
    end
  end
end
