# frozen_string_literal: true

require_relative 'running'

# The connection test, and what a core says when broker or database cannot be reached.
class ConnectionTest < RunningTest
  def setup
    super
    version('v1')
    write('dsl/d.rb' => "driver :d do\non(:foo) { puts 'not yours' }\nend\n")
  end

  def closed_port
    server = TCPServer.new('127.0.0.1', 0)
    server.addr[1].tap { server.close }
  end

  def test_success
    out, _err, status = tengined('-k', 'test')
    assert_match(/handing :foo successfully.*handing :bar successfully.*Connection test success\.\n/m, out)
    assert_equal(0, status.exitstatus)
    assert_equal([{ 'name' => 'fire_bar_on_foo' }], query('SELECT name FROM drivers'))
    assert_match(/\A\d{14}\z/, query('SELECT value FROM settings').first['value'])
  end

  def test_failures_are_told_in_words_and_exit_with_zero
    _out, err, status = tengined('-k', 'test', '--event-queue-connection-port', closed_port.to_s)
    assert_match(/Connection test failure: \[Bunny::TCPConnectionFailed\w*\] /, err)
    assert_equal(0, status.exitstatus)
    _out, err, status = tengined('-k', 'test', '--db', { sessions: { default: { database: 'x', hosts: ["127.0.0.1:#{closed_port}"] } } }.to_json)
    assert_match(/Connection test failure: \[PG::ConnectionBad\] /, err)
    assert_equal(0, status.exitstatus)
  end

  def test_another_core_on_the_queue_swallows_the_event_of_the_test
    core = start_running
    results = Array.new(3) { tengined('-k', 'test').first.include?('Connection test success.') }
    refute(results.all?, 'on a queue that others consume it fails at random') if core.output.scan(/event=foo/).length == 3
    assert_match(/event=(foo|bar)/, core.output)
  end

  def test_no_broker
    core = start('--event-queue-connection-port', closed_port.to_s)
    assert_equal(1, wait_for_end(core).exitstatus)
    assert_match(/\(Bunny::TCPConnectionFailed\w*\)/, core.output)
  end

  def test_a_wrong_broker_password
    core = start('-s', 'wrong')
    assert_equal(1, wait_for_end(core).exitstatus)
    assert_match(/\(Bunny::AuthenticationFailureError\)/, core.output)
    refute_match(/wrong/, core.output)
  end

  def test_no_database
    core = start('--db', { sessions: { default: { database: 'x', hosts: ["127.0.0.1:#{closed_port}"] } } }.to_json)
    assert_equal(1, wait_for_end(core).exitstatus)
    assert_match(/\(PG::ConnectionBad\)/, core.output)
  end

  def test_events_come_back_after_the_connection_to_the_database_was_cut
    core = start_running
    query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()')
    fire('foo')
    wait_for(core, /giving up processing an event.*handled event=foo/m)
  end
end
