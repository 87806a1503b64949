# frozen_string_literal: true

require_relative 'running'

# What the operator puts into the core of a connection test: its verdict, its end, and what it leaves behind, which is nothing.
class ConnectionPreflightTest < RunningTest
  SCRIPTS = File.expand_path('../../src/manifest/script', ROOT)
  CONFIGURATION = File.read("#{SCRIPTS}/preflight.rs")[/CONFIGURATION: &str = r#"(.*?)"#;/m, 1]

  def setup
    super
    configure
  end

  # Production's configuration, and the one of the test, which is made of it.
  def configure(host: @place.amqp_host, port: @place.amqp_port, vhost: '/', database: "#{@place.pg_host}:#{@place.pg_port}")
    production = File.read(path('tengined.yml.erb')).gsub(@name, 'production')
    production = production.sub(/connection: \{ host: .*?, port: \d+,/, "connection: { host: \"#{host}\", port: #{port}, vhost: \"#{vhost}\",")
    write('production.yml.erb' => production.sub(/hosts: \[.*?\]/, "hosts: [\"#{database}\"]"))
    write('test.yml.erb' => CONFIGURATION.sub('/etc/tengine/tengined.yml.erb', path('production.yml.erb')))
  end

  def preflight(*arguments, action: 'test', seconds: '60', env: {})
    own = { 'RUBYOPT' => "-r#{SCRIPTS}/preflight.rb -r#{SCRIPTS}/connection.rb", 'TENGINE_SCRATCH' => @name, 'TENGINE_PREFLIGHT_SECONDS' => seconds,
            'TENGINE_PREFLIGHT_PARENT' => Process.pid.to_s, 'TENGINE_PREFLIGHT_PROOF' => path('connected') }
    start('-k', action, '-G', '1', '-f', path('test.yml.erb'), *arguments, env: own.merge(env))
  end

  def ends(...)
    core = preflight(...)
    [wait_for_end(core).exitstatus, core.output]
  end

  def proven? = File.exist?(path('connected'))

  def refute_left_behind
    with_session do |session|
      refute(session.queue_exists?(@name), 'its queue')
      refute(session.exchange_exists?(@name), 'its exchange')
    end
    assert_raises(PG::ConnectionBad, 'its database') { query('SELECT 1') }
  end

  def with_session
    session = Bunny.new(host: @place.amqp_host, port: @place.amqp_port, user: @place.amqp_user, password: @place.amqp_password,
                        logger: Logger.new(File::NULL)).start
    yield session
  ensure
    session&.close
  end

  def test_success_is_proven_and_nothing_is_left
    status, output = ends
    assert_equal(0, status, output)
    assert_includes(output, 'Connection test success.')
    assert(proven?)
    refute_left_behind
  end

  def test_what_an_earlier_one_left_behind_says_nothing
    with_session do |session|
      channel = session.create_channel
      channel.queue(@name, durable: true).bind(channel.direct(@name, durable: true), routing_key: '')
      # A core that gets this one ends.
      channel.default_exchange.publish('[]', routing_key: @name, persistent: true)
    end
    status, output = ends
    assert_equal([0, true], [status, proven?], output)
    refute_left_behind
  end

  def test_a_broker_that_refuses_the_password_is_told_at_once
    status, output = ends(env: { 'MQ_PASSWORD' => 'wrong' })
    assert_equal([1, false], [status, proven?])
    assert_match(/^Connection test failure: \[Broker::Refused\] 403 ACCESS_REFUSED - /, output)
  end

  def test_a_virtual_host_that_is_not_there_is_told_at_once
    configure(vhost: 'nowhere')
    status, output = ends
    assert_equal([1, false], [status, proven?])
    assert_match(/^Connection test failure: \[Broker::Refused\] 530 NOT_ALLOWED - .*nowhere/, output)
  end

  def test_of_a_broker_that_is_not_there_the_core_has_the_word
    configure(port: 1)
    status, output = ends
    assert_equal([1, false], [status, proven?])
    assert_match(/Connection test failure: \[Bunny::TCPConnectionFailed\w*\] /, output)
  end

  def test_of_a_database_that_is_not_there_the_core_has_the_word
    configure(database: '127.0.0.1:1')
    status, output = ends
    assert_equal([1, false], [status, proven?])
    assert_match(/Connection test failure: \[PG::ConnectionBad\] /, output)
  end

  def test_a_broker_that_says_nothing_has_its_time
    silent = TCPServer.new('127.0.0.1', 0)
    configure(host: '127.0.0.1', port: silent.addr[1])
    status, output = ends(seconds: '1')
    assert_equal([1, false], [status, proven?])
    assert_match(/^Connection test failure: \[Timeout::Error\] it did not end within 1 s$/, output)
  ensure
    silent&.close
  end

  def test_what_does_not_speak_amqp_is_told
    other = TCPServer.new('127.0.0.1', 0)
    server = Thread.new { other.accept.tap { |socket| socket.readpartial(8) && socket.write("HTTP/1.1 400 Bad Request\r\n\r\n") }.close }
    configure(host: '127.0.0.1', port: other.addr[1])
    status, output = ends
    assert_equal([1, false], [status, proven?])
    assert_equal("Connection test failure: [Broker::Refused] it does not speak AMQP 0-9-1\n", output)
  ensure
    server&.kill
    other&.close
  end

  def test_an_end_without_words_proves_nothing
    _, output = ends(action: 'status')
    refute(proven?, output)
  end

  def test_one_that_is_told_to_end_takes_it_away
    # It fails without heartbeats, ten seconds later.
    core = preflight('-G', '0')
    wait_for(core, /handing :bar/)
    core.kill(:TERM)
    assert_equal(143, wait_for_end(core).exitstatus)
    refute(proven?)
    refute_left_behind
  end
end
