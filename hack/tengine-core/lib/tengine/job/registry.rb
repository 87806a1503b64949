# frozen_string_literal: true

require 'yaml'

module Tengine
  module Job
    # The root jobnets of this load; what the store has of this version is not registered again.
    module Registry
      class << self
        def loaded = @loaded ||= {}

        def register(jobnet, block)
          kernel = Core.kernel
          kernel.defined_something
          path, line = block.source_location
          attributes = { 'name' => jobnet.name, 'dsl_version' => kernel.definition.version,
                         'dsl_filepath' => kernel.definition.relative(path), 'dsl_lineno' => line }
          known = kernel.store.find_root_jobnet(jobnet.name, kernel.definition.version)
          same_place!(known, attributes) if known
          loaded[jobnet.name] = jobnet
          kernel.store.save_root_jobnet(attributes.merge('definition' => jobnet.to_h)) unless known
        end

        def check_expansions(kernel)
          graph = loaded.transform_values { |jobnet| [].tap { |uses| jobnet.each_expansion { |use| uses << use } } }
          stored = kernel.store.root_jobnets_of(kernel.definition.version).map { |jobnet| jobnet['name'] }
          Rules.expansions(graph, stored | loaded.keys)
        end

        def check_dictionaries(definition)
          definition.dictionaries.each do |path|
            names = YAML.unsafe_load_file(path)
            place = definition.relative(path)
            Rules.refuse("dictionary.yml must be a Hash but is #{names.class}", place) unless names.is_a?(Hash)
            absent = names.keys.reject { |name| File.exist?(File.join(File.dirname(path), name.to_s)) }
            absent.each { |name| Rules.doubt('dictionary-unknown-name', place, "#{name} is not in this folder") }
          end
        end

        private

        def same_place!(known, found)
          old, new = [known, found].map { |jobnet| "#{jobnet['dsl_filepath']}:#{jobnet['dsl_lineno']}" }
          raise DslError, "2 jobnet named #{found['name'].inspect} found at #{old} and #{new}" if old != new
        end
      end
    end

    # Called once every file has been evaluated.
    def self.finish_load(kernel)
      Registry.check_expansions(kernel)
      Registry.check_dictionaries(kernel.definition)
    end
  end
end
