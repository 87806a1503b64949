# frozen_string_literal: true

require 'time'

module Tengine
  module Core
    # One line per message, written in one call and without a lock, so that it may be used in a signal trap.
    module Log
      LEVELS = { debug: 1, info: 2, warn: 3, error: 4, fatal: 5 }.freeze

      class << self
        attr_accessor :out, :err, :level

        def setup(output, level_name)
          self.level = LEVELS.fetch(level_name.to_s.to_sym, LEVELS[:info])
          self.out = stream(output)
        end

        def debug(text) = write(:debug, out, 'STDOUT', text)
        def info(text)  = write(:info, out, 'STDOUT', text)
        def warn(text)  = write(:warn, out, 'STDOUT', text)
        def error(text) = write(:error, err, 'STDERR', text)

        # How Tengine prints an exception that it survives.
        def exception(error, prefix = '')
          trace = (error.backtrace || []).join("\n  ")
          self.error("#{prefix}[#{error.class.name}] #{error.message}\n  #{trace}")
        end

        private

        def write(severity, stream, tag, text)
          return if LEVELS[severity] < level

          stream.write("#{Time.now.iso8601} #{tag} #{text}\n")
        end

        def stream(output)
          case output
          when nil, '', 'STDOUT' then $stdout
          when 'STDERR' then $stderr
          when 'NULL' then File.open(File::NULL, 'w')
          else File.open(output, 'a').tap { |file| file.sync = true }
          end
        end
      end

      self.out = $stdout
      self.err = $stderr
      self.level = LEVELS[:info]
    end
  end
end
