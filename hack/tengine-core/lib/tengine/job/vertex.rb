# frozen_string_literal: true

module Tengine
  module Job
    # A named thing in a jobnet: a job, an expansion, or a jobnet in a jobnet.
    class Vertex
      attr_reader :kind, :name, :place, :destinations, :attributes, :parent

      def initialize(kind, name, parent:, place:, destinations: [], attributes: {})
        @kind = kind
        @name = name.to_s
        @parent = parent
        @place = place
        @destinations = destinations
        @attributes = attributes
      end

      def path = "#{parent&.path}/#{name}"

      def to_h
        { 'kind' => kind.to_s, 'name' => name, 'to' => destinations }.merge(attributes)
      end
    end

    # A jobnet, a hadoop_job_run or a finally: what a block of words fills.
    class Jobnet < Vertex
      BLOCKS = { jobnet: 'jobnet', hadoop_job_run: 'hadoop_job_run', finally: 'finally' }.freeze

      attr_reader :children, :boot_jobs, :job_method
      attr_accessor :auto_sequence, :sequence_word, :finally

      def initialize(kind, name, job_method: :ssh_job, auto_sequence: false, **rest)
        super(kind, name, **rest)
        @children = []
        @boot_jobs = []
        @job_method = job_method
        @auto_sequence = auto_sequence
      end

      def boot_jobs=(names)
        @auto_sequence = false
        @boot_jobs = names
      end

      def child(name) = children.find { |vertex| vertex.name == name }

      # Without boot_jobs Tengine runs the children one after the other, whatever their `:to` says.
      def sequential? = auto_sequence || boot_jobs.empty?

      def each_expansion(&block)
        [*children, finally].compact.each do |vertex|
          block.call(vertex) if vertex.kind == :expansion
          vertex.each_expansion(&block) if vertex.is_a?(Jobnet)
        end
      end

      def to_h
        super.merge('boot_jobs' => boot_jobs, 'auto_sequence' => sequential?, 'children' => children.map(&:to_h),
                    'edges' => Edges.of(self), 'finally' => finally&.to_h)
      end
    end
  end
end
