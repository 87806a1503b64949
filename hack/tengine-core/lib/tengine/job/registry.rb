# frozen_string_literal: true

require 'yaml'

module Tengine
  module Job
    # Root jobnets; what the store has of this version is not registered again.
    module Registry
      class << self
        def register(jobnet, block)
          kernel = Core.kernel
          kernel.defined_something
          path, line = block&.source_location
          path ||= kernel.definition.directory
          version = Core::Dsl.top.instance_variable_get(:@config).dsl_version
          attributes = { 'name' => jobnet.name, 'dsl_version' => version, 'dsl_filepath' => kernel.definition.relative(path), 'dsl_lineno' => line }
          translate(kernel.definition, attributes['dsl_filepath'])
          Rules.saved(jobnet)
          known = kernel.store.find_root_jobnet(jobnet.name, version)
          same_place!(known, attributes) if known
          kernel.store.save_root_jobnet(attributes.merge('definition' => jobnet.to_h)) unless known
        end

        private

        # The names of the folders above a jobnet, from the dictionaries beside them; of the load path itself, too.
        def translate(definition, file)
          above = File.dirname(definition.directory)
          folders = [File.basename(definition.directory), *File.dirname(file).split('/').reject { |name| name == '.' }]
          folders.each do |name|
            dictionary = File.join(above, 'dictionary.yml')
            YAML.safe_load(File.read(dictionary, encoding: 'UTF-8'), permitted_classes: [Symbol], filename: dictionary)[name] if File.exist?(dictionary)
            above = File.join(above, name)
          end
        end

        def same_place!(known, found)
          old, new = [known, found].map { |jobnet| "#{jobnet['dsl_filepath']}:#{jobnet['dsl_lineno']}" }
          raise Dsl::Error, "2 jobnet named #{found['name'].inspect} found at #{old} and #{new}" if old.to_s != new.to_s
        end
      end
    end
  end
end
