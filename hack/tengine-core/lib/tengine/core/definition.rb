# frozen_string_literal: true

require 'pathname'

module Tengine
  module Core
    # The load path: which files it holds and which DSL version they are.
    class Definition
      attr_reader :directory, :files

      def initialize(load_path)
        raise ConfigError, 'tengined.load_path is required' if load_path.to_s.empty?

        path = File.expand_path(Names.utf8(load_path))
        if Dir.exist?(path)
          @directory = path
          @files = Dir.glob("#{path}/**/*.rb").map { |file| Names.utf8(file) }
        elsif File.exist?(path)
          @directory = File.dirname(path)
          @files = [path]
        else
          raise ConfigError, "file or directory doesn't exist. #{path}"
        end
      end

      # The trap of a definition without VERSION: each process takes the time at which it asks.
      def version
        file = File.join(directory, 'VERSION')
        @version ||= File.exist?(file) ? File.read(file).strip : Time.now.strftime('%Y%m%d%H%M%S')
      end

      def relative(path)
        pathname = Pathname.new(Names.utf8(path))
        pathname.relative? ? pathname.to_s : pathname.relative_path_from(Pathname.new(directory)).to_s
      end

      # The innermost line of the definition in a call stack, as `file:line`; nil if there is none.
      def place(locations)
        found = locations.find { |location| Names.utf8(location.path).start_with?("#{directory}/") }
        found && "#{relative(found.path)}:#{found.lineno}"
      end
    end
  end
end
