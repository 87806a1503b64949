# frozen_string_literal: true

require 'tengine/core'
require 'tengine/core/pid_files'

module Tengine
  module Core
    # The command `tengined`.
    class Tengined
      def initialize(argv)
        @config = Config.parse('tengined', Fields::CORE, argv)
        @pids = PidFiles.new(@config.get(:process, :pid_dir))
        Log.setup(@config.get(:process_stdout_log, :output) || @config.get(:log_common, :output), @config.get(:log_common, :level))
      end

      def run
        action = @config.get(:action)
        case action
        when 'stop' then @pids.signal('HUP')
        when 'force-stop' then @pids.signal('KILL')
        when 'status' then show_status
        when 'activate' then make_activations
        when 'test', 'load', 'start', 'enable' then boot(action)
        # Any other is passed over in silence.
        end
      end

      private

      def boot(action)
        return dry_run if @config.get(:dry_run)

        make_directories
        daemonize if @config.get(:process, :daemon) && action != 'load'
        Log.level = Log::LEVELS[:warn] if action == 'load'
        action == 'start' ? @pids.create_numbered('tengined') : @pids.create("tengined_#{action}")
        require 'tengine/core/bootstrap'
        Bootstrap.new(@config, @pids).boot(action)
      end

      def dry_run
        raise ArgumentError, '--dry-run goes with -k load only' unless @config.get(:action) == 'load'

        require 'tengine/core/offline_load'
        OfflineLoad.new(@config.get(:tengined, :load_path)).run
      end

      def make_directories
        [%i[process pid_dir], %i[tengined status_dir], %i[tengined activation_dir]].each do |path|
          FileUtils.mkdir_p(File.expand_path(@config.get(*path)))
        end
      end

      def daemonize
        ::Process.daemon(true)
        FileUtils.mkdir_p('./log')
        $stdout.reopen("./log/tengined_#{::Process.pid}_stdout.log", 'a')
        $stderr.reopen("./log/tengined_#{::Process.pid}_stderr.log", 'a')
      end

      def show_status
        Dir.glob("#{File.expand_path(@config.get(:tengined, :status_dir))}/*.status").sort.each do |path|
          pid = File.basename(path)[/\d+/].to_i
          puts format('%6d %s', pid, PidFiles.alive?(pid) ? File.read(path).chomp : 'terminated')
        end
      end

      def make_activations
        directory = File.expand_path(@config.get(:tengined, :activation_dir))
        FileUtils.mkdir_p(directory)
        @pids.pids('tengined.*.pid').each { |pid| FileUtils.touch(File.join(directory, "tengined_#{pid}.activation")) }
      end
    end
  end
end
