# frozen_string_literal: true

require 'erb'
require 'json'
require 'optparse'
require 'yaml'
require 'tengine/core/config/fields'

module Tengine
  module Core
    # The settings of one process: defaults, then the file (ERB, then YAML), then the command line.
    # Every key of the file is also a long option: `tengined.load_path` is `--tengined-load-path`.
    class Config
      attr_reader :program
      # Known once a definition is loaded.
      attr_accessor :dsl_version

      def initialize(program, fields)
        @program = program
        @fields = fields
        @values = {}
      end

      def self.parse(program, fields, argv)
        new(program, fields).tap { |config| config.parse!(argv) }
      end

      def get(*path)
        field = @fields.find { |candidate| candidate.path == path }
        raise ConfigError, "unknown setting #{path.join('.')}" unless field

        @values.fetch(path, field.default)
      end

      def set(*path, value)
        @values[path] = value
      end

      def parse!(argv)
        given = {}
        rest = parser(given).parse(argv)
        raise OptionParser::InvalidArgument, rest.first unless rest.empty?

        load_file(given[%i[config]]) if given[%i[config]]
        @values.merge!(given)
      end

      def load_file(path)
        text = ERB.new(File.read(path, encoding: 'UTF-8'), trim_mode: '-').result(TOPLEVEL_BINDING.dup)
        load_hash(YAML.safe_load(text, permitted_classes: [Symbol], aliases: true) || {}, [])
      rescue StandardError, SyntaxError => e
        message = e.message.include?(path) ? e.message : "#{e.message} in #{path}"
        raise ConfigError, message
      end

      private

      def load_hash(hash, prefix)
        hash.each do |name, value|
          path = prefix + [name.to_sym]
          field = @fields.find { |candidate| candidate.path == path }
          next @values[path] = field.convert(value) if field
          raise child_not_found(name, prefix) unless value.is_a?(Hash) && group?(path)

          load_hash(value, path)
        end
      end

      def group?(path) = @fields.any? { |field| field.path[0, path.length] == path }

      def child_not_found(name, prefix)
        where = prefix.empty? ? '' : " on #{prefix.last.inspect}"
        RuntimeError.new("child not found for #{name.to_s.inspect}#{where}")
      end

      def parser(given)
        OptionParser.new do |options|
          options.banner = "Usage: #{program} [-k action] [-f path_to_config] [options]"
          @fields.each { |field| add_option(options, field, given) }
          options.on('-v', '--version', 'show version') { puts VERSION; exit }
          options.on('-h', '--help', 'show this help message') { puts options; exit }
        end
      end

      def add_option(options, field, given)
        words = [field.short && "-#{field.short}", field.type == :boolean ? "--[no-]#{field.long}" : "--#{field.long} VALUE", field.help]
        options.on(*words.compact) { |value| given[field.path] = field.convert(value) }
      end
    end
  end
end
