# frozen_string_literal: true

module Tengine
  module Core
    # One setting: its place in the file, its type, default, short option and help.
    Field = Struct.new(:path, :type, :default, :short, :help) do
      def long = path.join('-').tr('_', '-')

      def convert(value)
        case type
        when :boolean then value.is_a?(String) ? !%w[false no off 0].include?(value) : value ? true : false
        when :integer then value.nil? ? default : Integer(value)
        when :string then value.nil? ? default : value.to_s
        when :hash then value.is_a?(String) ? YAML.safe_load(value, aliases: true) : value
        end
      end
    end

    # The tables of settings, one list per daemon.
    module Fields
      def self.field(path, type, default = nil, short = nil, help = nil)
        Field.new(path.split('.').map(&:to_sym), type, default, short, help)
      end

      def self.heartbeat(name, interval: 0, expire: 120, short: nil)
        [field("heartbeat.#{name}.interval", :integer, interval, short, 'heartbeat interval seconds; 0 is off'),
         field("heartbeat.#{name}.expire", :integer, expire, nil, 'heartbeat expire seconds')]
      end

      def self.log(name)
        [field("#{name}.output", :string), field("#{name}.level", :string, 'info'),
         field("#{name}.rotation", :string), field("#{name}.rotation_size", :integer),
         field("#{name}.datetime_format", :string), field("#{name}.progname", :string)]
      end

      COMMON = [
        field('config', :string, nil, 'f', 'path/to/config_file'),
        field('process.daemon', :boolean, false, 'D', 'process works on background.'),
        field('db', :hash, {}, nil, 'settings to connect to db'),
        field('event_queue.connection.host', :string, 'localhost', 'o'),
        field('event_queue.connection.port', :integer, 5672, 'p'),
        field('event_queue.connection.vhost', :string, '/'),
        field('event_queue.connection.user', :string, 'guest', 'u'),
        field('event_queue.connection.pass', :string, 'guest', 's'),
        field('event_queue.connection.logging', :boolean, false),
        field('event_queue.connection.insist', :boolean, false),
        field('event_queue.connection.auto_reconnect_delay', :integer, 1),
        field('event_queue.exchange.name', :string, 'tengine_event_exchange', 'e'),
        field('event_queue.exchange.type', :string, 'direct'),
        field('event_queue.exchange.durable', :boolean, true),
        field('event_queue.queue.name', :string, 'tengine_event_queue', 'q'),
        field('event_queue.queue.durable', :boolean, true),
        *%w[log_common application_log process_stdout_log process_stderr_log].flat_map { |name| log(name) },
        field('verbose', :boolean, false, 'V', 'Show detail to this command')
      ].freeze

      CORE = [
        field('action', :string, 'start', 'k', 'test|load|start|enable|activate|status|stop|force-stop'),
        *COMMON,
        field('process.pid_dir', :string, './tmp/tengined_pids', nil, 'path/to/dir for PID created.'),
        field('tengined.load_path', :string, nil, 'T', '[REQUIRED] path/to/file_or_dir. ignored with "-k test".'),
        field('tengined.cache_drivers', :boolean, false, 'c', "if set this, tengine doesn't reload driver."),
        field('tengined.skip_load', :boolean, false),
        field('tengined.skip_enablement', :boolean, false, nil, "doesn't enable event handler when start."),
        field('tengined.wait_activation', :boolean, false, nil, 'wait activation when start.'),
        field('tengined.activation_timeout', :integer, 300, nil, 'period to wait for making activation file.'),
        field('tengined.status_dir', :string, './tmp/tengined_status'),
        field('tengined.activation_dir', :string, './tmp/tengined_activations'),
        field('tengined.confirmation_threshold', :string, 'info', 'C'),
        *heartbeat('core', short: 'G'),
        field('dry_run', :boolean, false, nil, '[stand-in only] load without broker and database')
      ].freeze

      WATCHD = [
        field('action', :string, 'start', 'k', 'start|stop'), *COMMON,
        field('process.pid_dir', :string, './pids'),
        *heartbeat('core'), *heartbeat('job', interval: 5, expire: 20), *heartbeat('hbw', short: 'G'),
        *heartbeat('resourcew'), *heartbeat('atd')
      ].freeze

      ATD = [
        field('action', :string, 'start', 'k', 'start|stop'), *COMMON,
        field('process.pid_dir', :string, './pids'), *heartbeat('atd', short: 'G')
      ].freeze
    end
  end
end
