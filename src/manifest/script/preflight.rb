# Read by Ruby before `tengined` of a preflight (RUBYOPT): it does what it does anywhere, in a database, a queue and an exchange of the
# preflight's own. This bounds its time, says where it was when the time was up, and takes the scratch database away again, over the
# very session that the core has opened. Tengine 1.2 runs on Ruby from 1.9 on, and so does this.
#
# Programs that a definition runs inherit RUBYOPT: only the core itself was started by the process of this number.
if ENV["TENGINE_PREFLIGHT_PARENT"] == Process.ppid.to_s
  module TenginePreflight
    SCRATCH = ENV.fetch("TENGINE_SCRATCH")
    SECONDS = Integer(ENV.fetch("TENGINE_PREFLIGHT_SECONDS"))
    # Ends that are no word of the core's on its definitions.
    NOT_ITS_WORD = 75

    class << self
      def begin
        watch
        heed
        core = Process.pid
        at_exit { ended if Process.pid == core }
      end

      # What it has to say is known. Where another thread takes the database away, the core fails of that: it is no word of its own.
      def ended
        sleep if @ends
        exit!(NOT_ITS_WORD) unless cleared? || failed?
      end

      def failed?
        $! && !($!.is_a?(SystemExit) && $!.success?)
      end

      def watch
        Thread.new { sleep SECONDS; late }
      end

      def late
        at = Thread.main.backtrace || []
        @ends = true
        cleared?
        report(at)
        exit!(1)
      end

      # In Ruby's own form for what ends a process, so that it is read as that.
      def report(at)
        first, rest = at.first || "tengined:0:in `load'", at.drop(1)
        $stderr.puts "#{first}: it did not end within #{SECONDS} s (Timeout::Error)", rest.map { |line| "\tfrom #{line}" }
        $stderr.flush
      end

      # Told to end from outside: the core's own trap would leave the scratch database behind.
      def heed
        Signal.trap(:TERM) { @ends = true; Thread.new { cleared?; exit!(143) } }
        [Signal.singleton_class, Kernel].each do |holder|
          trap = holder.instance_method(:trap)
          holder.send(:define_method, :trap) do |signal, *command, &block|
            signal.to_s =~ /\A(SIG)?TERM\z|\A15\z/ ? nil : trap.bind(self).call(signal, *command, &block)
          end
        end
        Kernel.send(:private, :trap)
      end

      # Whether nothing of it is left. Where the core has opened no session, nothing was made.
      def cleared?
        session = Mongoid.default_session if defined?(Mongoid)
        return true unless session
        name = session.options[:database].to_s
        raise "the core has opened #{name}" unless name == SCRATCH
        session.drop
        true
      rescue Exception => e
        $stderr.puts "the scratch database #{SCRATCH} was not removed: [#{e.class}] #{e.message}"
        $stderr.flush
        false
      end
    end
  end

  TenginePreflight.begin
end
