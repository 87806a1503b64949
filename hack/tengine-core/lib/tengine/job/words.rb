# frozen_string_literal: true

module Tengine
  module Job
    # The jobnet words. They live on Ruby's top level, as in Tengine, so a name that is none of them
    # is Ruby's own NameError.
    module Words
      def jobnet(name, *args, &block)
        options = Words.options!(args)
        Words.whole(Builder.open(:jobnet, name, options, args.first || name, block), block)
      end

      def hadoop_job_run(name, *args, &block)
        options = Words.options!(args)
        script, description = Words.script_and_description(name, args)
        Words.whole(Builder.open(:hadoop_job_run, name, options, description, block), block).tap { |run| run.attributes['script'] = script }
      end

      def finally(&block) = Words.whole(Builder.open(:finally, 'finally', {}, 'finally', block), block)

      def auto_sequence = Builder.sequence(:auto_sequence)

      def boot_jobs(*names) = Builder.sequence(:boot_jobs, names)

      def job(name, *args)
        options = Words.options!(args)
        script, description = Words.script_and_description(name, args)
        Builder.add(:job, name, options, 'script' => script, 'description' => (options[:caption] || description).to_s)
      end

      def hadoop_job(name, options = {}) = Builder.add(:hadoop_job, name, options, {})

      def expansion(root_jobnet_name, options = {})
        Builder.add(:expansion, root_jobnet_name, { name: root_jobnet_name }.merge(options), {})
      end

      # A block that is no other's child is a root jobnet, whatever its word.
      def self.whole(jobnet, block)
        Registry.register(jobnet, block) if Builder.current.nil?
        jobnet
      end

      def self.options!(args) = args.last.is_a?(Hash) ? args.pop : {}

      # `job(name, script)` or `job(name, description, script)`.
      def self.script_and_description(name, args)
        args.length > 1 ? [args[1], args[0]] : [args[0], name]
      end
    end
  end
end
