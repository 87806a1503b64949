# frozen_string_literal: true

require 'json'
require 'optparse'
require 'timeout'
require 'tengine/core/offline_load'

module Tengine
  module Core
    # Loads many definitions, each as a load path of its own in a process of its own, and says of each whether the
    # core would take it. Files named VERSION may be absent: nothing is kept.
    class BatchLoad
      def initialize(argv)
        @seconds = 20
        parser = OptionParser.new do |options|
          options.banner = 'Usage: tengine_load_only [--json] [--refuse-doubts] [--timeout SECONDS] PATH...'
          options.on('--json', 'one JSON object a line for each PATH') { @json = true }
          options.on('--refuse-doubts', 'doubts are refused as well') { ENV['TENGINE_REFUSE_DOUBTS'] = '1' }
          options.on('--timeout SECONDS', Float, 'for each PATH (20)') { |seconds| @seconds = seconds }
        end
        @paths = parser.parse(argv).map { |path| Names.utf8(path) }
        abort(parser.help) if @paths.empty?
      end

      # Exit status: 0 if the core takes them all, 1 otherwise.
      def run
        results = @paths.map { |path| in_child(path).tap { |result| show(result) } }
        exit(1) unless results.all? { |result| result['ok'] }
      end

      private

      def in_child(path)
        reader, writer = IO.pipe
        pid = fork do
          reader.close
          writer.write(JSON.generate(load_one(path)))
          writer.close
          exit!(0)
        end
        writer.close
        collect(path, pid, reader)
      end

      def collect(path, pid, reader)
        text = Timeout.timeout(@seconds) { reader.read }
        text.empty? ? failure(path, 'ProcessDied', 'the load ended its own process') : JSON.parse(text)
      rescue Timeout::Error
        ::Process.kill(:KILL, pid)
        failure(path, 'Timeout::Error', "not loaded within #{@seconds} s")
      ensure
        reader.close
        ::Process.wait(pid)
      end

      def load_one(path)
        $stdout.reopen(File::NULL) if @json
        Log.level = Log::LEVELS[:fatal]
        load = OfflineLoad.new(path)
        load.run
        { 'path' => path, 'ok' => true, 'doubts' => doubts, 'summary' => load.summary }
      rescue Exception => e # a definition may raise anything, SystemExit included
        failure(path, e.class.name, Names.utf8(e.message).scrub.strip).merge('at' => first_line(load, e), 'doubts' => doubts)
      end

      # The innermost line of the definition itself, for a syntax error the line that Ruby names.
      def first_line(load, error)
        return Names.utf8(error.message).scrub[/\A(.+?:\d+): /, 1] if error.is_a?(SyntaxError)

        load && load.kernel.definition.place(error.backtrace_locations || [])
      end

      def doubts = Doubts.all.map { |doubt| { 'code' => doubt.code, 'at' => doubt.place, 'message' => doubt.message } }

      def failure(path, name, message)
        { 'path' => path, 'ok' => false, 'class' => name, 'message' => message, 'at' => nil, 'doubts' => [] }
      end

      def show(result)
        return puts(JSON.generate(result)) if @json

        result['doubts'].each { |doubt| puts "#{result['path']}: doubt: #{[doubt['at'], doubt['message']].compact.join(': ')} (#{doubt['code']})" }
        return puts("#{result['path']}: loaded #{result['summary']}") if result['ok']

        warn "#{result['path']}: refused: [#{result['class']}] #{result['message']}#{result['at'] && " (#{result['at']})"}"
      end
    end
  end
end
