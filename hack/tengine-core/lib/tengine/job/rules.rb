# frozen_string_literal: true

module Tengine
  module Job
    module Structure
      class Error < StandardError; end
    end

    module Dsl
      class Error < StandardError; end
    end

    # What is refused when a root jobnet is saved, in the original's own words: it names nothing.
    module Rules
      BLANK = /\A[[:space:]]*\z/
      # What nobody may be called who wants to be found.
      RESERVED = %w[end finally].freeze
      INTEGERS = (-(2**63)..(2**63 - 1))

      class << self
        # A root jobnet, whole.
        def saved(vertex)
          named(vertex)
          vertex.attributes.each { |_, value| storable(value) }
          return unless vertex.is_a?(Jobnet)

          connected(vertex) unless vertex.sequential? || vertex.children.empty?
          vertex.children.each { |child| saved(child) }
        end

        def doubt(code, place, message) = Core::Doubts.report(code, place, message, DslError)

        private

        def named(vertex)
          raise Template::Vertex::VertexValidations if vertex.name.match?(BLANK)
        end

        # What a document of MongoDB can hold.
        def storable(value)
          case value
          when nil, true, false, String, Symbol, Float, Time, Date, Range, Regexp, BigDecimal then nil
          when Integer then INTEGERS.cover?(value) || raise(RangeError, 'MongoDB can only handle 8-byte ints')
          when Array then value.each { |one| storable(one) }
          when Hash then value.each { |key, one| storable(key) || storable(one) }
          else raise NoMethodError, "undefined method `__bson_dump__' for #{value.inspect}"
          end
        end

        # Names are strings: nothing else ever matches one.
        def connected(jobnet)
          names = jobnet.children.reject { |child| RESERVED.include?(child.name) }.map(&:name) << 'start'
          successors = jobnet.children.any? { |child| child.kind == :finally } ? [*names, 'finally'] : names
          unknown = jobnet.boot_jobs.any? { |name| !names.include?(name) } ||
                    jobnet.children.any? { |child| child.destinations.any? { |name| !successors.include?(name) } }
          raise Template::Vertex::VertexValidations if unknown

          circles(jobnet)
        end

        def circles(jobnet)
          graph = jobnet.children.to_h { |child| [child.name, child.destinations] }
          graph.each { |name, to| raise 'Must be a bug!!!' if !to.empty? && to.uniq == [name] }
          round = Edges.cycle(graph.to_h { |name, to| [name, to - [name]] }) or return
          raise Structure::Error, "circular dependency found in jobnet ``#{jobnet.name}'': #{round.join(', ')}"
        end
      end
    end

    module Template
      # The original's module of the same name; only its error is needed.
      module Vertex
        class VertexValidations < StandardError
          def initialize(message = '') = super
        end
      end
    end
  end
end
