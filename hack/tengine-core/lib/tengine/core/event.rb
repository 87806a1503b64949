# frozen_string_literal: true

require 'json'
require 'securerandom'
require 'socket'
require 'time'

module Tengine
  # What travels over the queue: a JSON object of these attributes.
  class Event
    ATTRIBUTES = %i[event_type_name key source_name occurred_at level sender_name properties].freeze
    LEVELS = { gr_heartbeat: 0, debug: 1, info: 2, warn: 3, error: 4, fatal: 5 }.freeze

    attr_accessor :key, :level
    attr_reader :event_type_name, :source_name, :sender_name, :occurred_at

    def self.parse(text)
      new(JSON.parse(text))
    end

    def self.default_name = "#{Socket.gethostname}/#{::Process.pid}"

    def initialize(attributes = {})
      attributes.each_pair do |name, value|
        raise ArgumentError, "unknown attribute: #{name}" unless respond_to?("#{name}=")

        public_send("#{name}=", value)
      end
      @key ||= SecureRandom.uuid
      @source_name ||= self.class.default_name
      @sender_name ||= self.class.default_name
      @level ||= LEVELS[:info]
      @occurred_at ||= Time.now.utc
    end

    def event_type_name=(value)
      @event_type_name = value&.to_s
    end

    def source_name=(value)
      @source_name = value&.to_s
    end

    def sender_name=(value)
      @sender_name = value&.to_s
    end

    def level_key=(value)
      self.level = LEVELS.fetch(value.to_sym)
    end

    def level_key = LEVELS.key(level)

    def occurred_at=(value)
      @occurred_at = value.is_a?(String) ? Time.parse(value).utc : value&.utc
    end

    def properties = @properties ||= {}

    def properties=(hash)
      @properties = (hash || {}).transform_keys(&:to_s)
    end

    def to_h
      ATTRIBUTES.to_h { |name| [name, public_send(name)] }
    end

    def to_json(*_args)
      JSON.generate(to_h.merge(occurred_at: occurred_at.iso8601(6)))
    end
  end

  module Core
    # What a handler sees as `event`.
    class EventWrapper
      def initialize(source)
        @source = source
      end

      (Tengine::Event::ATTRIBUTES).each { |name| define_method(name) { @source.public_send(name) } }

      def [](name) = properties[name.to_s]
    end
  end
end
