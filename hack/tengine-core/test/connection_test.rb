# frozen_string_literal: true

require_relative 'running'

# The connection test, and what a core says when broker or database cannot be reached.
class ConnectionTest < RunningTest
  def setup
    super
    version('v1')
    write('dsl/d.rb' => "driver :d do\non(:foo) { puts 'not yours' }\nend\n")
  end

  # A port that was free a moment ago may be one that another test listens at by now.
  def closed_port = 1

  def test_success_needs_heartbeats_and_leaves_things_behind
    out, _err, status = tengined('-k', 'test', '-G', '1')
    assert_match(/handing :foo successfully.*handing :bar successfully.*Connection test success\.\n/m, out)
    assert_equal(0, status.exitstatus)
    assert_equal([{ 'name' => 'fire_bar_on_foo' }], query('SELECT name FROM drivers'))
    assert_match(/\A\d{14}\z/, query('SELECT value FROM settings').first['value'])
    assert_operator(queue_depth, :>=, 1)
    assert_empty(Dir.children(path('pids')))
  end

  def test_without_heartbeats_it_fails_on_a_healthy_broker
    out, err, status = tengined('-k', 'test')
    assert_match(/handing :bar successfully/, out)
    assert_match(/Connection test failure: \[Timeout::Error\] execution expired/, err)
    assert_equal(0, status.exitstatus)
  end

  def test_it_hangs_on_a_wrong_password
    test = start('-k', 'test', '-G', '1', '-s', 'wrong')
    wait_until('it has loaded') { loaded? }
    assert_hangs(test)
  end

  def loaded?
    query('SELECT 1 FROM drivers').any?
  rescue PG::Error
    false # its database is made when it is needed
  end

  # Long enough for a healthy one to have succeeded or failed.
  def assert_hangs(process)
    sleep 2
    assert_nil(ended(process))
    refute_match(/wrong|Authentication|success|failure/, process.output)
    process.kill(:TERM)
    assert_equal(0, wait_for_end(process).exitstatus)
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
    results = Array.new(3) { tengined('-k', 'test', '-G', '1').first.include?('Connection test success.') }
    refute(results.all?, 'on a queue that others consume it fails at random') if core.output.scan(/event=foo/).length == 3
    assert_match(/event=(foo|bar)/, core.output)
  end

  def test_no_broker
    core = start('--event-queue-connection-port', closed_port.to_s)
    assert_equal(1, wait_for_end(core).exitstatus)
    assert_match(/\(Bunny::TCPConnectionFailed\w*\)/, core.output)
  end

  def test_a_name_that_nobody_has
    core = start('--event-queue-connection-host', 'broker.invalid')
    assert_equal(1, wait_for_end(core).exitstatus)
    assert_match(/\(Bunny::TCPConnectionFailed\w*\)/, core.output)
  end

  def test_a_wrong_password_or_virtual_host_hangs_in_starting_and_says_nothing
    [%w[-s wrong], %w[--event-queue-connection-vhost nowhere]].each do |wrong|
      core = start(*wrong)
      wait_for_status(core, 'starting')
      assert_hangs(core)
      assert_equal('starting', status_of(core))
    end
  end

  def test_hup_while_it_waits_for_a_broker_that_says_nothing_is_only_written_down
    silent = TCPServer.new('127.0.0.1', 0)
    core = start('--event-queue-connection-port', silent.addr[1].to_s)
    wait_for_status(core, 'starting')
    silent.accept
    core.kill(:HUP)
    wait_for_status(core, 'shutting_down')
    assert_hangs(core)
  ensure
    silent&.close
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
