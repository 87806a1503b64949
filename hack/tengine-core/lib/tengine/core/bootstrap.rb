# frozen_string_literal: true

require 'timeout'
require 'tengine/core/kernel'
require 'tengine/core/store/postgres'

module Tengine
  module Core
    # The actions that need a definition: load, start, enable, test.
    class Bootstrap
      TEST_DRIVER = File.expand_path('connection_test/fire_bar_on_foo.rb', __dir__)
      TEST_SECONDS = 10

      # HUP is trapped from here on: before the definition is loaded.
      def initialize(config, pids)
        @config = config
        @kernel = kernel = Kernel.new(config)
        Signal.trap(:HUP) { kernel.stop }
        Signal.trap(:INT) { kernel.stop }
        Signal.trap(:TERM) { pids.remove; kernel.terminate }
      end

      def boot(action)
        return test_connection if action == 'test'

        prepare(@config.get(:tengined, :load_path))
        case action
        when 'load' then load_dsl
        when 'start' then start
        when 'enable' then Log.info("enabled #{@store.enable_drivers(@kernel.definition.version)} drivers")
        end
      end

      private

      def prepare(load_path)
        @kernel.definition = Definition.new(load_path)
        @kernel.store = @store = PostgresStore.new(@config.get(:db))
      end

      def start
        load_dsl
        @kernel.start
      end

      # The one global setting first, then the definition: whoever loads last owns the setting.
      def load_dsl
        version = @kernel.definition.version
        @store.set_setting('dsl_version', version)
        Log.info("loading dsl_version=#{version} from #{@kernel.definition.directory}")
        evaluate
        Log.info("loaded dsl_version=#{version}")
      end

      # A definition that says `exit` or `abort` ends the load, and not the core.
      def evaluate
        @kernel.evaluate
      rescue SystemExit
        Log.warn('the definition ended the load')
      end

      # Brings its own driver and says how it went in words; the exit status says nothing.
      def test_connection
        prepare(TEST_DRIVER)
        load_dsl
        @kernel.start { probe }
        Log.info('Connection test success.')
      rescue SignalException, SystemExit
        raise
      rescue Exception => e # as Tengine does: nothing may escape
        Log.error("Connection test failure: [#{e.class.name}] #{e.message.strip}")
      end

      def probe
        Tengine.callback_for_test = lambda do |event_type_name|
          Log.info("handing #{event_type_name.inspect} successfully.")
          @kernel.stop_at_next_heartbeat if event_type_name == :bar
        end
        @kernel.after(TEST_SECONDS) { raise Timeout::Error, 'execution expired' }
        @kernel.fire(:foo, level_key: :info)
      end
    end
  end
end
