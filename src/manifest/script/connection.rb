# Read by Ruby after preflight.rb, before `tengined -k test`, which ends with 0 whatever came of it, says nothing at all where the broker
# refuses its credentials, and leaves an exchange, a queue and a message behind. This asks the broker first, hears what the core prints,
# leaves a proof where that was success, and takes queue and exchange away again.
if defined?(TenginePreflight)
  require "socket"
  require "timeout"

  module TenginePreflight
    # What the core prints.
    SUCCESS = "Connection test success."
    FAILURE = "Connection test failure: "
    # Where the proof goes.
    PROOF = ENV.fetch("TENGINE_PREFLIGHT_PROOF")

    # As much of AMQP 0-9-1 as it takes to be let in and to remove a queue and an exchange. Which client the core has, and what state
    # that is in, differs from Tengine to Tengine.
    class Broker
      Refused = Class.new(StandardError)
      SECONDS = 10
      METHOD, HEARTBEAT = 1, 8
      CLOSED = [[10, 50], [20, 40]]

      def initialize(settings)
        usual = { "host" => "localhost", "port" => 5672, "vhost" => "/", "user" => "guest", "pass" => "guest" }
        @settings = usual.merge((settings || {}).reject { |_, value| value.nil? })
      end

      # What is not there is as good as removed.
      def remove(name)
        Timeout.timeout(SECONDS) do
          @socket = TCPSocket.new(@settings["host"], Integer(@settings["port"]))
          enter
          ask(1, [20, 10], short(""), [20, 11])
          ask(1, [50, 40], [0].pack("n") + short(name) + "\0", [50, 41])
          ask(1, [40, 20], [0].pack("n") + short(name) + "\0", [40, 21])
          ask(0, [10, 50], [200].pack("n") + short("") + [0, 0].pack("nn"), [10, 51])
        end
      ensure
        @socket.close if @socket
      end

      private

      def enter
        @socket.write("AMQP\0\0\x09\x01")
        read([10, 10])
        # Else a wrong password is answered by silence.
        capabilities = short("authentication_failure_close") + "t\x01"
        properties = short("capabilities") + "F" + long(capabilities)
        plain = ["", @settings["user"].to_s, @settings["pass"].to_s].map { |text| text.dup.force_encoding("BINARY") }
        told = ask(0, [10, 11], long(properties) + short("PLAIN") + long(plain.join("\0")) + short("en_US"), [10, 30])
        channels, frame = told.unpack("nN")
        send_method(0, [10, 31], [channels, frame, 0].pack("nNn"))
        ask(0, [10, 40], short(@settings["vhost"]) + short("") + "\0", [10, 41])
      end

      def ask(channel, method, arguments, answer)
        send_method(channel, method, arguments)
        read(answer)
      end

      def send_method(channel, method, arguments)
        payload = method.pack("nn") + arguments
        @socket.write([METHOD, channel, payload.bytesize].pack("CnN") + payload + "\xCE".dup.force_encoding("BINARY"))
      end

      # The arguments of the method that is waited for.
      def read(wanted)
        loop do
          kind, _, size = exactly(7).unpack("CnN")
          raise Refused, "it does not speak AMQP 0-9-1" unless [METHOD, HEARTBEAT].include?(kind)
          payload = exactly(size + 1)
          next if kind == HEARTBEAT
          method, arguments = payload.unpack("nn"), payload[4..-2]
          raise Refused, refusal(arguments) if CLOSED.include?(method)
          raise Refused, "it answers by #{method.join(".")}" unless method == wanted
          return arguments
        end
      end

      def refusal(arguments)
        code, length = arguments.unpack("nC")
        "#{code} #{arguments[3, length].to_s.force_encoding("UTF-8")}"
      end

      def exactly(count)
        text = @socket.read(count)
        raise Refused, "it closed the connection" unless text && text.bytesize == count
        text
      end

      def short(text)
        text = text.to_s.dup.force_encoding("BINARY")
        [text.bytesize].pack("C") + text
      end

      def long(text)
        [text.bytesize].pack("N") + text
      end
    end

    class << self
      # The configuration tells where the broker is, before the core connects: what an earlier one left behind would be taken for its
      # own, and where the broker says no, the core would wait for ever.
      def broker=(settings)
        @broker = Broker.new(settings)
        @broker.remove(SCRATCH)
        @let_in = true
      rescue Broker::Refused => e
        fail_for("[#{e.class.name.sub("TenginePreflight::", "")}] #{e.message}")
      rescue SystemCallError, IOError, SocketError, Timeout::Error
        # The core says better what is wrong.
      end

      alias_method :database_cleared?, :cleared?

      def cleared?
        [database_cleared?, broker_cleared?].all?
      end

      def broker_cleared?
        @broker.remove(SCRATCH) if @let_in
        true
      rescue StandardError => e
        $stderr.puts "the queue and the exchange #{SCRATCH} were not removed: [#{e.class}] #{e.message}"
        $stderr.flush
        false
      end

      def heard(text)
        # Words may come in pieces.
        last = "#{@last}#{text}"
        @success ||= last.include?(SUCCESS)
        @failure ||= last.include?(FAILURE)
        @last = last[-SUCCESS.length..-1] || last
      end

      def ended
        cleared = cleared?
        return if failed?
        exit!(1) if @failure
        exit!(NOT_ITS_WORD) unless cleared
        File.open(PROOF, "w") {} if @success
      end

      def report(at)
        at.each { |line| $stderr.puts "\tfrom #{line}" }
        fail_for("[Timeout::Error] it did not end within #{SECONDS} s")
      end

      # In Tengine's own words.
      def fail_for(what)
        $stderr.puts "#{FAILURE}#{what}"
        $stderr.flush
        exit!(1)
      end
    end
  end

  [STDOUT, STDERR].each do |stream|
    stream.sync = true
    stream.define_singleton_method(:write) do |*texts|
      TenginePreflight.heard(texts.join)
      super(*texts)
    end
  end
end
