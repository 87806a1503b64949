# frozen_string_literal: true

module Tengine
  module Job
    # A named thing in a jobnet: a job, an expansion, or a jobnet in a jobnet.
    class Vertex
      attr_reader :kind, :name, :place, :destinations, :attributes, :parent

      def initialize(kind, name, parent:, place:, destinations: [], attributes: {})
        @kind = kind
        @name = named(name)
        @parent = parent
        @place = place
        @destinations = destinations
        @attributes = attributes
      end

      # What can be stored as a name; in its own encoding, for names of two encodings are never the same.
      def named(name)
        raise NoMethodError, "undefined method `__bson_dump__' for #{name.inspect}" unless [nil, String, Symbol, Numeric, Array, Hash].any? { |kind| kind === name }

        text = name.to_s
        text.encode(Encoding::UTF_8) unless text.encoding == Encoding::BINARY
        text
      end

      def path = "#{parent&.path}/#{name}"

      def to_h
        { 'kind' => kind.to_s, 'name' => name, 'to' => destinations }.merge(attributes)
      end
    end

    # A jobnet, a hadoop_job_run or a finally: what a block of words fills.
    class Jobnet < Vertex
      attr_reader :children, :boot_jobs
      attr_accessor :auto_sequence

      def initialize(kind, name, auto_sequence: false, **rest)
        super(kind, name, **rest)
        @children = []
        @boot_jobs = []
        @auto_sequence = auto_sequence
      end

      def boot_jobs=(names)
        @auto_sequence = false
        @boot_jobs = names
      end

      def child(name) = children.find { |vertex| vertex.name == name }

      # Without boot_jobs Tengine runs the children one after the other, whatever their `:to` says.
      def sequential? = auto_sequence || boot_jobs.empty?

      def to_h
        super.merge('boot_jobs' => boot_jobs, 'auto_sequence' => sequential?, 'children' => children.map(&:to_h),
                    'edges' => Edges.of(self))
      end
    end
  end
end
