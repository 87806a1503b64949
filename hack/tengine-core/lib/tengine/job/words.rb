# frozen_string_literal: true

module Tengine
  module Job
    # The jobnet words. They live on Ruby's top level, as in Tengine, so a name that is none of them
    # is Ruby's own NameError.
    module Words
      def jobnet(name, *args, &block)
        options = Words.options!(args)
        conductors = options[:conductors]
        raise DslError, ":conductors options must be a Hash but is #{conductors.inspect}" if conductors && !conductors.is_a?(Hash)
        raise DslError, ':conductor options for jobnet instead of :conductors options' if options.key?(:conductor)

        jobnet = Builder.open(:jobnet, name, options, args.first || name, block)
        Registry.register(jobnet, block) if Builder.current.nil?
        jobnet
      end

      def hadoop_job_run(name, *args, &block)
        options = Words.options!(args)
        script, description = Words.script_and_description(name, args)
        Builder.open(:hadoop_job_run, name, options, description, block).tap { |run| run.attributes['script'] = script }
      end

      def finally(&block) = Builder.open(:finally, 'finally', {}, 'finally', block)

      def auto_sequence = Builder.sequence(:auto_sequence)

      def boot_jobs(*names) = Builder.sequence(:boot_jobs, names.flatten.map(&:to_s))

      def job(name, *args, &block)
        Rules.word(:job, Builder.current, Builder.place)
        send(Builder.current.job_method, name, *args, &block)
      end

      def ssh_job(name, *args)
        options = Words.options!(args)
        script, description = Words.script_and_description(name, args)
        Builder.add(:job, name, options, 'script' => script, 'description' => (options[:caption] || description).to_s)
      end

      def ruby_job(name, *args, &block)
        options = Words.options!(args)
        raise DslError, 'no block given for ruby_job' unless block
        raise DslError, ':conductors options for ruby_job instead of :conductor options' if options.key?(:conductors)
        if options[:conductor] && !options[:conductor].respond_to?(:call)
          raise DslError, ":conductor options must be an object which responds to 'call' like Proc. "
        end

        Builder.add(:ruby_job, name, options, 'description' => (options[:caption] || args.first || name).to_s)
      end

      # Options other than :to are dropped without a word, as Tengine does.
      def hadoop_job(name, options = {}) = Builder.add(:hadoop_job, name, options, {})

      def expansion(root_jobnet_name, options = {}) = Builder.add(:expansion, root_jobnet_name, options, {})

      def self.options!(args) = args.last.is_a?(Hash) ? args.pop : {}

      # `job(name, script)` or `job(name, description, script)`.
      def self.script_and_description(name, args)
        args.length > 1 ? [args[1], args[0]] : [args[0], name]
      end
    end
  end
end
