# frozen_string_literal: true

require 'tsort'

module Tengine
  module Job
    # How the children of one jobnet follow each other, as pairs of names between `start` and `end`.
    module Edges
      def self.of(jobnet)
        names = jobnet.children.map(&:name)
        return ['start', *names, 'end'].each_cons(2).to_a if jobnet.sequential?

        redirections = jobnet.children.flat_map { |vertex| vertex.destinations.map { |to| [vertex.name, to] } }
        ends = reached(jobnet).reject { |name| redirections.any? { |from, _| from == name } }
        jobnet.boot_jobs.map { |name| ['start', name] } + redirections + ends.map { |name| [name, 'end'] }
      end

      def self.reached(jobnet)
        found = []
        waiting = jobnet.boot_jobs.dup
        until waiting.empty?
          name = waiting.shift
          next if found.include?(name)

          found << name
          waiting.concat(jobnet.child(name)&.destinations || [])
        end
        found
      end

      # The names of one way round, or nil.
      def self.cycle(graph)
        each_node = ->(&block) { graph.each_key(&block) }
        each_child = ->(node, &block) { graph.fetch(node, []).each(&block) }
        TSort.each_strongly_connected_component(each_node, each_child).find do |names|
          names.length > 1 || graph.fetch(names.first, []).include?(names.first)
        end
      end
    end
  end
end
