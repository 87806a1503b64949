# frozen_string_literal: true

require_relative 'running'

# A core whose broker goes away and comes back.
class BrokerLossTest < RunningTest
  # Passes bytes between a port of its own and the broker until it is cut.
  class Proxy
    attr_reader :port

    def initialize(host, target, port = 0)
      @host = host
      @target = target
      @server = TCPServer.new('127.0.0.1', port)
      @port = @server.addr[1]
      @open = []
      @threads = [Thread.new { loop { accept } }]
    end

    def cut
      @threads.each(&:kill)
      [@server, *@open].each { |socket| socket.close unless socket.closed? }
    end

    private

    def accept
      client = @server.accept
      broker = TCPSocket.new(@host, @target)
      @open.push(client, broker)
      @threads.push(Thread.new { pass(client, broker) }, Thread.new { pass(broker, client) })
    end

    def pass(from, to)
      IO.copy_stream(from, to)
    rescue IOError, SystemCallError
      nil
    ensure
      [from, to].each { |socket| socket.close unless socket.closed? }
    end
  end

  def setup
    super
    version('v1')
    write('dsl/d.rb' => "driver :d do\non(:a) { puts 'got it' }\non(:slow) { puts 'working'; sleep 0.1 until File.exist?('#{path('go')}') }\nend\n")
    @proxy = Proxy.new(@place.amqp_host, @place.amqp_port)
    @core = start_running('--event-queue-connection-host', '127.0.0.1', '--event-queue-connection-port', @proxy.port.to_s)
  end

  def teardown
    @proxy&.cut
    super
  end

  def test_it_connects_again_and_handles_what_came_meanwhile
    @proxy.cut
    fire('a')
    @proxy = Proxy.new(@place.amqp_host, @place.amqp_port, @proxy.port)
    wait_for(@core, /handled event=a/)
    assert_equal('running', status_of(@core))
  end

  def test_a_handler_in_hand_ends_and_the_core_goes_on
    fire('slow')
    wait_for(@core, /working/)
    @proxy.cut
    @proxy = Proxy.new(@place.amqp_host, @place.amqp_port, @proxy.port)
    write('go' => '')
    fire('a')
    wait_for(@core, /handled event=slow.*handled event=a/m)
  end

  def test_hup_without_a_broker_ends_the_core_with_an_error
    @proxy.cut
    wait_for(@core, /recover|TCP connection/i)
    @core.kill(:HUP)
    refute_equal(0, wait_for_end(@core).exitstatus)
    assert_equal('shutting_down', status_of(@core))
  end
end
