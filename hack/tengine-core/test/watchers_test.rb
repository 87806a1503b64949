# frozen_string_literal: true

require_relative 'running'

# tengine_heartbeat_watchd and tengine_atd.
class WatchersTest < RunningTest
  def start_watcher(program, *arguments)
    FileUtils.mkdir_p(path("pids/#{program}"))
    start('-f', path('watcher.yml.erb'), '--process-pid-dir', path("pids/#{program}"), *arguments, program: program).tap { |daemon| wait_for(daemon, /#{program} running/) }
  end

  def setup
    super
    text = File.read(path('tengined.yml.erb'))
    write('watcher.yml.erb' => text.lines.grep_v(/\Atengined:/).join)
    version('v1')
    write('dsl/d.rb' => "driver :d do\non(:due) { puts \"due \#{event[:x]}\" }\non(:plan) { Tengine::Core::Schedule.create!(event_type_name: :due, scheduled_at: Time.now + 1, properties: { x: 5 }) }\nend\n")
  end

  def heartbeats = query('SELECT state FROM heartbeats').map { |row| row['state'] }

  def test_a_killed_core_is_declared_dead_by_an_event
    core = start_running('-G', '1', as: 'lost')
    witness = start_running(as: 'witness')
    wait_until('a heartbeat') { heartbeats.include?('alive') }
    core.kill(:KILL)
    wait_for_end(core)
    watchd = start_watcher('tengine_heartbeat_watchd', '--heartbeat-core-expire', '2')
    wait_for(watchd, %r{expired heartbeat=core\.heartbeat\.tengine process=process:lost/#{core.pid}})
    wait_until('the dead core') { heartbeats.include?('dead') }
    refute_nil(witness)
    watchd.kill(:INT)
    assert_equal(0, wait_for_end(watchd).exitstatus)
    assert_match(/tengine_heartbeat_watchd terminated/, watchd.output)
  end

  def test_a_core_that_stopped_is_not_declared_dead
    core = start_running('-G', '1')
    witness = start_running
    wait_until('a heartbeat') { heartbeats.include?('alive') }
    stop(core)
    wait_until('it says that it finished') { heartbeats.include?('finished') }
    refute_nil(witness)
  end

  def test_atd_fires_what_is_due_once
    core = start_running
    fire('plan')
    atd = start_watcher('tengine_atd')
    wait_for(core, /due 5/)
    assert_equal([{ 'status' => '2' }], query('SELECT status FROM schedules'))
    atd.kill(:INT)
    assert_equal(0, wait_for_end(atd).exitstatus)
    assert_equal(1, core.output.scan(/due 5/).length)
  end

  def test_int_and_term_end_them_and_hup_kills_them
    %w[tengine_heartbeat_watchd tengine_atd].each do |program|
      %i[INT TERM].each do |signal|
        daemon = start_watcher(program)
        daemon.kill(signal)
        assert_equal(0, wait_for_end(daemon).exitstatus)
      end
      daemon = start_watcher(program)
      daemon.kill(:HUP)
      assert_equal(Signal.list['HUP'], wait_for_end(daemon).termsig)
      refute_match(/terminated/, daemon.output)
    end
  end

  def test_they_do_not_make_their_pid_folder
    daemon = start('-f', path('watcher.yml.erb'), '--process-pid-dir', path('nowhere'), program: 'tengine_atd')
    assert_equal(1, wait_for_end(daemon).exitstatus)
    assert_match(/nowhere.*\(Errno::ENOENT\)/, daemon.output)
  end

  def test_with_a_wrong_password_int_is_not_heeded_and_term_is
    FileUtils.mkdir_p(path('pids/tengine_atd'))
    daemon = start('-f', path('watcher.yml.erb'), '--process-pid-dir', path('pids/tengine_atd'), '-s', 'wrong', program: 'tengine_atd')
    wait_until('its pid file') { Dir.glob(path('pids/tengine_atd/*')).any? }
    sleep 1
    daemon.kill(:INT)
    sleep 1
    assert_nil(ended(daemon))
    daemon.kill(:TERM)
    assert_equal(0, wait_for_end(daemon).exitstatus)
  end
end
