# frozen_string_literal: true

require_relative 'running'
require 'net/http'

# A core whose broker goes away and comes back.
class BrokerLossTest < RunningTest
  # Passes bytes between a port of its own and the broker until it is cut.
  class Proxy
    attr_reader :port, :ports

    def initialize(host, target, port = 0)
      @host = host
      @target = target
      @server = TCPServer.new('127.0.0.1', port)
      @port = @server.addr[1]
      @open = []
      @ports = []
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
      @ports << broker.local_address.ip_port
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
    assert_equal(1, connections(@core))
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

  def test_hup_after_a_loss_hangs_until_term
    @proxy.cut
    wait_until('the connection is lost') { connections(@core).zero? }
    2.times { @core.kill(:HUP) }
    wait_for_status(@core, 'shutting_down')
    sleep 1 # longer than an idle core sleeps here
    assert_nil(ended(@core))
    @core.kill(:TERM)
    assert_equal(0, wait_for_end(@core).exitstatus)
  end

  # As the management interface does it.
  def test_closed_by_the_broker_it_stays_running_and_never_comes_back
    wait_until('the connection is known') { close_connections }
    wait_until('the connection is gone') { connections(@core).zero? }
    fire('a')
    sleep 1.5 # a reconnect takes a second
    assert_equal(['running', 0, 1], [status_of(@core), connections(@core), queue_depth])
    assert_nil(ended(@core))
  end

  def test_with_its_queue_deleted_it_stays_running_and_consumes_nothing
    with_channel { |channel| channel.queue_delete(@name) }
    wait_until('the connection is gone') { connections(@core).zero? }
    assert_equal('running', status_of(@core))
    assert_nil(ended(@core))
  end

  def test_a_handler_longer_than_two_heartbeats_loses_the_connection_and_its_event_is_a_duplicate
    long = start_running('-G', '0', env: { 'TENGINED_BROKER_HEARTBEAT_SECONDS' => '0.5' })
    stop(@core)
    key = fire('slow')
    wait_for(long, /working/)
    wait_until('the connection is lost') { connections(long).zero? }
    write('go' => '')
    wait_for(long, /handled event=slow key=#{key}.*dropped event=slow key=#{key} reason=duplicate/m)
    assert_equal('running', status_of(long))
  end

  def test_hup_in_a_handler_that_lost_its_connection_ends_with_an_error
    long = start_running(env: { 'TENGINED_BROKER_HEARTBEAT_SECONDS' => '0.5' })
    stop(@core)
    fire('slow')
    wait_for(long, /working/)
    wait_until('the connection is lost') { connections(long).zero? }
    long.kill(:HUP)
    wait_for_status(long, 'shutting_down')
    write('go' => '')
    assert_equal(1, wait_for_end(long).exitstatus, long.output)
    assert_match(/worked|handled event=slow/, long.output)
    assert_match(/ConnectionClosedError/, long.output)
  end

  private

  # True once there was one of the core's to close; the broker takes its time to list it.
  def close_connections
    api = URI(@place.amqp_api)
    Net::HTTP.start(api.host, api.port) do |http|
      ask = ->(request) { http.request(request.tap { request.basic_auth(@place.amqp_user, @place.amqp_password) }) }
      known = JSON.parse(ask.call(Net::HTTP::Get.new('/api/connections')).body)
      names = known.select { |connection| @proxy.ports.include?(connection['peer_port']) }.map { |connection| connection['name'] }
      names.each { |name| ask.call(Net::HTTP::Delete.new("/api/connections/#{URI.encode_www_form_component(name).gsub('+', '%20')}")) }
      names.any?
    end
  end

  # Established ones of a process to broker or proxy; its database is somewhere else.
  def connections(core)
    sockets = Dir.glob("/proc/#{core.pid}/fd/*").filter_map { |fd| File.readlink(fd)[/socket:\[(\d+)\]/, 1] rescue nil }
    ports = [@proxy.port, @place.amqp_port].map { |port| format(':%04X', port) }
    %w[tcp tcp6].flat_map { |name| File.readlines("/proc/#{core.pid}/net/#{name}").drop(1).map(&:split) }
                .count { |row| row[3] == '01' && ports.any? { |port| row[2].end_with?(port) } && sockets.include?(row[9]) }
  rescue Errno::ENOENT
    0
  end
end
