# frozen_string_literal: true

require 'fileutils'

module Tengine
  module Core
    # `tengined.N.pid` for the daemons, `tengined_ACTION.pid` for the other actions; removed when the process exits by
    # itself, left behind by KILL.
    class PidFiles
      def initialize(directory)
        @directory = File.expand_path(directory)
      end

      def create_numbered(program)
        numbers = Dir.glob("#{@directory}/#{program}.*.pid").map { |path| File.basename(path)[/\d+/].to_i }
        create("#{program}.#{numbers.empty? ? 0 : numbers.max.succ}")
      end

      def create(name)
        @path = File.join(@directory, "#{name}.pid")
        owner = ::Process.pid
        File.write(@path, "#{owner}\n")
        at_exit { remove if ::Process.pid == owner }
      end

      def remove = @path && FileUtils.rm_f(@path)

      def pids(pattern = '*') = Dir.glob("#{@directory}/#{pattern}").sort.map { |path| File.read(path).to_i }.select(&:positive?)

      # Old files are passed over in silence.
      def signal(signal)
        pids.each do |pid|
          ::Process.kill(signal, pid)
          puts "Process stop successfully [#{pid}]"
        rescue SystemCallError => e
          Log.debug("#{e.message} [#{pid}]")
        end
      end

      def self.alive?(pid)
        ::Process.kill(0, pid)
        true
      rescue Errno::EPERM
        true
      rescue Errno::ESRCH
        false
      end
    end
  end
end
