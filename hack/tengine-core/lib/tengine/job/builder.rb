# frozen_string_literal: true

module Tengine
  module Job
    # Builds the tree of the jobnet whose block is being evaluated.
    module Builder
      class << self
        attr_reader :current

        def open(kind, name, options, description, block)
          place = self.place
          Rules.options(kind, options, name, place)
          Rules.word(kind, current, place) if kind != :jobnet || current
          Rules.refuse("no block given for #{kind} #{name.inspect}.", place) unless block
          jobnet = new_jobnet(kind, name, options, description, place)
          attach(jobnet)
          within(jobnet, &block)
          Rules.whole(jobnet)
          jobnet
        end

        def add(kind, name, options, attributes)
          place = self.place
          Rules.options(kind, options, name, place)
          Rules.word(kind, current, place)
          attach(Vertex.new(kind, name, parent: current, place: place, destinations: destinations(options),
                                        attributes: attributes.merge(kept(options))))
        end

        def sequence(word, names = [])
          place = self.place
          Rules.word(word, current, place)
          Rules.sequence(word, current, place)
          current.sequence_word = word
          word == :boot_jobs ? current.boot_jobs = names : current.auto_sequence = true
        end

        # The innermost line of the definition that is being evaluated.
        def place = Core.kernel.definition.place(caller_locations(2))

        private

        def new_jobnet(kind, name, options, description, place)
          Rules.refuse('a root jobnet takes no :to.', place) if current.nil? && !destinations(options).empty?
          Jobnet.new(kind, name, parent: current, place: place, destinations: destinations(options),
                                 attributes: { 'description' => (options[:caption] || description).to_s }.merge(kept(options)),
                                 job_method: options[:job_method] || :ssh_job,
                                 auto_sequence: options[:auto_sequence] || current&.auto_sequence || false)
        end

        def attach(vertex)
          return Rules.refuse('name is blank.', vertex.place) if current.nil? && vertex.name.empty?
          return unless current

          if vertex.kind == :finally
            Rules.finally(current, vertex.place)
            current.finally = vertex
          else
            Rules.new_child(current, vertex)
            current.children << vertex
          end
        end

        def within(jobnet)
          outer = @current
          @current = jobnet
          yield
        ensure
          @current = outer
        end

        def destinations(options) = Array(options[:to] || options[:redirect_to]).flatten.map(&:to_s)

        def kept(options)
          options.slice(:instance_name, :server_name, :credential_name, :killing_signals, :killing_signal_interval)
                 .transform_keys(&:to_s)
        end
      end
    end
  end
end
