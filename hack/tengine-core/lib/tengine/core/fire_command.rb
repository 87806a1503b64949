# frozen_string_literal: true

require 'tengine/core'
require 'tengine/core/mq'
require 'timeout'

module Tengine
  module Core
    # The command `tengine_fire`: one event into the broker. Not part of Tengine.
    class FireCommand
      # A client whose connection is lost at the wrong moment waits for ever.
      LONGEST = 20

      def initialize(argv)
        @event = {}
        rest = parser.order(argv)
        @event[:event_type_name] = rest.shift or abort(parser.help)
        rest = parser.parse(rest)
        abort(parser.help) unless rest.empty?
      end

      def run
        Timeout.timeout(LONGEST) { fire }
      rescue Timeout::Error
        abort("the broker has not confirmed it within #{LONGEST} s")
      end

      private

      def fire
        config = Config.new('tengine_fire', Fields::CORE)
        config.load_file(@file) if @file
        mq = Mq.new(config).connect
        event = Tengine::Event.new(@event)
        mq.publish_confirmed(event)
        puts "fired event=#{event.event_type_name} key=#{event.key}"
      ensure
        mq&.close
      end

      def parser
        OptionParser.new do |options|
          options.banner = 'Usage: tengine_fire [-f CONFIG] EVENT_TYPE [--key KEY] [--properties JSON] [--source NAME] [--level LEVEL]'
          options.on('-f', '--config FILE', "tengined's config file") { |path| @file = path }
          options.on('--key KEY', 'an event whose key is stored is a duplicate') { |key| @event[:key] = key }
          options.on('--properties JSON') { |json| @event[:properties] = JSON.parse(json) }
          options.on('--source NAME') { |name| @event[:source_name] = name }
          options.on('--level LEVEL', 'debug|info|warn|error|fatal') { |level| @event[:level_key] = level }
        end
      end
    end
  end
end
