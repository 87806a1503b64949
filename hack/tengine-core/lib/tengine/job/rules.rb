# frozen_string_literal: true

module Tengine
  module Job
    # What is refused when a definition is loaded, and what is only doubted. README lists both.
    module Rules
      COMMON = %i[to redirect_to instance_name server_name credential_name killing_signals killing_signal_interval
                  caption description].freeze
      OPTIONS = {
        jobnet: COMMON + %i[auto_sequence conductors job_method],
        hadoop_job_run: COMMON + %i[auto_sequence conductors job_method],
        job: COMMON + %i[preparation],
        ruby_job: COMMON + %i[preparation conductor],
        expansion: %i[to redirect_to]
      }.freeze
      UNEXPECTED = {
        hadoop_job_run: %i[job], finally: %i[hadoop_job finally], jobnet: %i[hadoop_job]
      }.freeze

      class << self
        def options(word, options, name, place)
          allowed = OPTIONS[word] or return
          unknown = options.keys.find { |key| !allowed.include?(key) } or return
          refuse("#{unknown} is invalid option. (#{word} #{name.inspect})", place)
        end

        def word(word, jobnet, place)
          refuse("#{word} is not available outside of jobnet block.", place) unless jobnet
          return unless UNEXPECTED.fetch(jobnet.kind, []).include?(word)

          refuse("#{Jobnet::BLOCKS[jobnet.kind]} block contains unexpected method(#{word}).", place)
        end

        def new_child(jobnet, vertex)
          refuse('name is blank.', vertex.place) if vertex.name.empty?
          refuse("#{vertex.name} is duplicated. (in jobnet #{jobnet.path.inspect})", vertex.place) if jobnet.child(vertex.name)
          return unless jobnet.finally

          doubt('finally-not-last', vertex.place, "#{vertex.kind} #{vertex.name.inspect} comes after finally")
        end

        def finally(jobnet, place)
          refuse("finally is duplicated. (in jobnet #{jobnet.path.inspect})", place) if jobnet.finally
        end

        def sequence(word, jobnet, place)
          if jobnet.sequence_word
            both = jobnet.sequence_word == :auto_sequence && word == :auto_sequence
            refuse("#{both ? 'auto_sequence' : 'boot_jobs or auto_sequence'} is duplicated. (in jobnet #{jobnet.path.inspect})", place)
          end
          return if jobnet.children.empty? && jobnet.finally.nil?

          doubt('sequence-not-first', place, "#{word} is not the first word of jobnet #{jobnet.path.inspect}")
        end

        # A jobnet whose block has ended.
        def whole(jobnet)
          return doubt('empty-jobnet', jobnet.place, "jobnet #{jobnet.path.inspect} has no job") if jobnet.children.empty?

          known_names(jobnet)
          circle(jobnet)
          unreached(jobnet) unless jobnet.sequential?
        end

        # Everything is loaded: expansions can be followed.
        def expansions(graph, known)
          graph.each do |name, uses|
            missing = uses.find { |use| !known.include?(use.name) } or next
            refuse("expansion of #{missing.name.inspect}, which no root jobnet is called. (in jobnet #{name.inspect})", missing.place)
          end
          round = Edges.cycle(graph.transform_values { |uses| uses.map(&:name) }) or return
          refuse("circular dependency found in expansions: #{round.join(' -> ')}", graph[round.first].first&.place)
        end

        def refuse(message, place)
          raise DslError, place ? "#{message} at #{place}" : message
        end

        def doubt(code, place, message) = Core::Doubts.report(code, place, message, DslError)

        private

        def known_names(jobnet)
          jobnet.children.each do |vertex|
            missing = vertex.destinations.find { |name| jobnet.child(name).nil? } or next
            refuse("#{vertex.kind} #{vertex.name.inspect} names #{missing.inspect} in :to, which jobnet #{jobnet.path.inspect} does not have.", vertex.place)
          end
          missing = jobnet.boot_jobs.find { |name| jobnet.child(name).nil? } or return
          refuse("boot_jobs names #{missing.inspect}, which jobnet #{jobnet.path.inspect} does not have.", jobnet.place)
        end

        def circle(jobnet)
          round = Edges.cycle(jobnet.children.to_h { |vertex| [vertex.name, vertex.destinations] }) or return
          refuse("circular dependency found in jobnet ``#{jobnet.name}'': #{round.join(', ')}", jobnet.place)
        end

        def unreached(jobnet)
          reached = Edges.reached(jobnet)
          jobnet.children.each do |vertex|
            next if reached.include?(vertex.name)

            doubt('unreachable-job', vertex.place, "nothing reaches #{vertex.kind} #{vertex.path.inspect}")
          end
        end
      end
    end
  end
end
