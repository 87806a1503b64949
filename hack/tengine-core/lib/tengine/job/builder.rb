# frozen_string_literal: true

module Tengine
  module Job
    # Builds the tree of the jobnet whose block is being evaluated. As in the original, the block that is open and the successors that
    # were named in it are instance variables of Ruby's top level, where a definition may read them, or overwrite them.
    module Builder
      class << self
        def current = top.instance_variable_get(:@jobnet)

        def open(kind, name, options, description, block)
          place = self.place
          redirect(kind, options)
          jobnet = Jobnet.new(kind, options.fetch(:name, name), parent: current, place: place, destinations: destinations(options),
                                                                attributes: { 'description' => (options[:caption] || description).to_s }.merge(kept(options)),
                                                                auto_sequence: options[:auto_sequence] || current&.auto_sequence || false)
          current.children << jobnet if current
          within(jobnet, &block)
          jobnet
        end

        def add(kind, name, options, attributes)
          redirect(kind, options)
          vertex = Vertex.new(kind, options.fetch(:name, name), parent: current, place: place, destinations: destinations(options),
                                                                attributes: attributes.merge(kept(options)))
          current.children << vertex
          vertex
        end

        # Outside of a jobnet nobody reads what is noted.
        def sequence(word, names = [])
          return unless current

          word == :boot_jobs ? current.boot_jobs = names : current.auto_sequence = true
        end

        # The innermost line of the definition that is being evaluated.
        def place = Core.kernel.definition.place(caller_locations(2))

        private

        def top = Core::Dsl.top

        def within(jobnet)
          outer = %i[@jobnet @redirections].to_h { |name| [name, top.instance_variable_get(name)] }
          top.instance_variable_set(:@jobnet, jobnet)
          top.instance_variable_set(:@redirections, [])
          yield
        ensure
          outer.each { |name, value| top.instance_variable_set(name, value) }
        end

        # The successors are noted in the jobnet around; a root jobnet has none.
        def redirect(kind, options)
          raise TypeError, "no implicit conversion of #{options.class} into Hash" unless options.is_a?(Hash)
          raise NoMethodError, "undefined method `reflect_on_association' for #{options[:parent].inspect}" if options.key?(:parent)

          names = destinations(options)
          return if names.empty?

          top.instance_variable_get(:@redirections) << names
          # These take the option out of the hash, which may be shared, or frozen.
          options.delete(:to) if %i[hadoop_job hadoop_job_run].include?(kind)
          @taken = names
        end

        def destinations(options)
          return @taken.tap { @taken = nil } if @taken

          Array(options[:to] || options[:redirect_to])
        end

        def kept(options) = options.except(:to, :redirect_to, :name, :preparation).transform_keys(&:to_s)
      end
    end
  end
end
