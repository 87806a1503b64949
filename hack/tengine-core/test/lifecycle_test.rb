# frozen_string_literal: true

require_relative 'running'

# Starting, activating, stopping and being killed.
class LifecycleTest < RunningTest
  def setup
    super
    version('v1')
    write('dsl/slow.rb' => "driver :slow do\non :slow do\nputs 'working'\nsleep 0.05 until File.exist?('#{path('go')}')\nputs 'worked'\nend\nend\n")
  end

  # Until then a handler of `slow` is at work.
  def let_it_finish = write('go' => '')

  # A core that is told before it sleeps for the first time ends at once, so there it is waited for.
  def start_asleep(...)
    write('dsl/asleep.rb' => "setup_eventmachine { EM.next_tick { EM.defer { sleep 0.01 until Thread.main.stop?; puts 'asleep' } } }\n")
    start_running(...).tap { |core| wait_for(core, /^asleep$/) }
  end

  def statuses(core) = core.output.scan(/status \w+ -> (\w+)/).flatten

  def test_a_core_starts_runs_and_stops_on_hup
    core = start_running
    assert_equal("#{core.pid}\n", File.read(path('pids/tengined.0.pid')))
    out, = tengined('-k', 'status')
    assert_equal(format("%6d running\n", core.pid), out)
    tengined('-k', 'stop')
    assert_equal(0, wait_for_end(core).exitstatus)
    assert_equal(%w[starting running shutting_down terminated], statuses(core))
    assert_equal('terminated', status_of(core))
    refute_path_exists(path('pids/tengined.0.pid'))
  end

  def test_hup_finishes_the_handler_in_hand_and_leaves_the_next_event_to_others
    core = start_running(env: { 'TENGINED_IDLE_STOP_SECONDS' => '600' })
    first = fire('slow')
    wait_for(core, /working/)
    fire('slow')
    core.kill(:HUP)
    wait_for_status(core, 'shutting_down')
    let_it_finish
    assert_equal(0, wait_for_end(core).exitstatus)
    assert_match(/worked\n.*handled event=slow key=#{first} driver=slow dsl_version=v1 pid=#{core.pid} server=pod/, core.output)
    assert_equal(1, core.output.scan(/handling event=/).length)
    assert_equal('shutting_down', status_of(core), 'the last word of a core that was told in a handler')
    wait_until('the second event is back') { queue_depth >= 1 }
  end

  def test_an_idle_core_sleeps_after_hup_and_a_second_one_wakes_it
    %i[HUP INT].each do |signal|
      core = start_asleep(env: { 'TENGINED_IDLE_STOP_SECONDS' => '600' })
      core.kill(signal)
      wait_for_status(core, 'shutting_down')
      sleep 0.5 # nothing else could show that it sleeps
      assert_nil(ended(core))
      core.kill(signal)
      assert_equal(0, wait_for_end(core).exitstatus)
      assert_equal('terminated', status_of(core))
    end
  end

  def test_an_idle_core_is_woken_by_a_heartbeat_of_its_own
    core = start_running('-G', '1', env: { 'TENGINED_IDLE_STOP_SECONDS' => '600' })
    stop(core)
    assert_equal(0, core.status.exitstatus)
  end

  def test_an_idle_core_is_woken_by_the_brokers_heartbeat
    core = start_running(env: { 'TENGINED_IDLE_STOP_SECONDS' => '1' })
    stop(core)
    assert_equal(0, core.status.exitstatus)
  end

  def test_term_ends_a_core_in_every_state_with_zero_and_removes_its_pid_file
    write('dsl/zz.rb' => "puts 'loading slowly'\nsleep 0.1 until File.exist?('#{path('loaded')}')\n")
    loading = start
    wait_for(loading, /loading slowly/)
    write('loaded' => '')
    waiting = start('--tengined-wait-activation')
    wait_for_status(waiting, 'waiting_activation')
    idle = start_running
    told = start_asleep(env: { 'TENGINED_IDLE_STOP_SECONDS' => '600' })
    told.kill(:HUP)
    wait_for_status(told, 'shutting_down')
    FileUtils.rm(path('loaded'))
    loading = start
    wait_for(loading, /loading slowly/)
    { loading => nil, waiting => 'waiting_activation', idle => 'running', told => 'shutting_down' }.each do |core, word|
      core.kill(:TERM)
      assert_equal(0, wait_for_end(core).exitstatus)
      word ? assert_equal(word, status_of(core)) : assert_nil(status_of(core))
      refute(Dir.glob(path('pids/*')).any? { |file| File.read(file).to_i == core.pid })
    end
  end

  def test_term_ends_a_core_that_was_told_to_stop_while_it_loaded
    write('dsl/zz.rb' => "begin\nputs 'loading slowly'\nsleep\nrescue Exception\nretry\nend\n")
    core = start
    wait_for(core, /loading slowly/)
    core.kill(:HUP)
    wait_for_status(core, 'shutting_down')
    core.kill(:TERM)
    assert_equal(0, wait_for_end(core).exitstatus)
  end

  def test_term_in_a_handler_aborts_the_handler_and_the_core_goes_on
    core = start_running
    fire('slow')
    wait_for(core, /working/)
    core.kill(:TERM)
    wait_for(core, /failed event=slow .*error=SystemExit/)
    wait_for(core, /event=slow\.error\.tengined/)
    let_it_finish
    fire('slow')
    wait_for(core, /handled event=slow/)
    assert_equal('running', status_of(core))
    assert_equal(0, queue_depth, 'acknowledged, so the work is lost')
  end

  def test_kill_leaves_pid_and_status_behind
    core = start_running
    tengined('-k', 'force-stop')
    assert_equal(Signal.list['KILL'], wait_for_end(core).termsig)
    assert_equal(['running', true], [status_of(core), File.exist?(path('pids/tengined.0.pid'))])
  end

  def test_hup_while_loading_is_only_written_down
    write('dsl/zz.rb' => "puts 'loading slowly'\nsleep 2\ndriver :zz do\nend\n")
    core = start
    wait_for(core, /loading slowly/)
    core.kill(:HUP)
    wait_for_status(core, 'shutting_down')
    wait_for_status(core, 'running')
    let_it_finish
    fire('slow')
    wait_for(core, /handled event=slow/)
    assert_equal(%w[shutting_down starting running], statuses(core))
  end

  def test_hup_while_waiting_for_activation_is_only_written_down
    core = start('--tengined-wait-activation')
    wait_for_status(core, 'waiting_activation')
    core.kill(:HUP)
    wait_for_status(core, 'shutting_down')
    tengined('-k', 'activate')
    wait_for_status(core, 'running')
    stop(core)
  end

  def test_a_waiting_core_consumes_nothing_until_its_activation_file_appears
    core = start('--tengined-wait-activation')
    wait_for_status(core, 'waiting_activation')
    fire('slow')
    assert_equal(1, queue_depth)
    let_it_finish
    tengined('-k', 'activate')
    wait_for(core, /handled event=slow/)
    assert_empty(Dir.children(path('activations')))
    assert_equal(%w[starting waiting_activation running], statuses(core))
    stop(core)
  end

  def test_activation_times_out
    core = start('--tengined-wait-activation', '--tengined-activation-timeout', '1')
    assert_equal(1, wait_for_end(core).exitstatus)
    assert_match(/activation file found timeout error\. \(Tengine::Core::ActivationTimeoutError\)/, core.output)
    assert_equal('shutting_down', status_of(core))
  end

  def test_a_bad_definition_ends_the_core_with_class_message_and_line
    write('dsl/bad.rb' => "driver :bad do\nsend(:onn, :x)\nend\n")
    core = start
    assert_equal(1, wait_for_end(core).exitstatus)
    assert_match(%r{#{path('dsl/bad.rb')}:2:in .*undefined method `onn' for Bad:Class \(NoMethodError\)}, core.output)
    assert_equal([{ 'name' => 'slow' }], query('SELECT name FROM drivers'), 'half a driver is gone, the file after it was never reached') if query('SELECT 1 FROM drivers').any?
  end

  def test_setup_eventmachine_runs_once_the_core_runs
    write('dsl/em.rb' => "setup_eventmachine { EM.add_timer(0.1) { puts 'timer' } }\n")
    core = start_running
    wait_for(core, /timer/)
    stop(core)
  end

  def test_quit_kills_it
    core = start_running
    core.kill(:QUIT)
    assert_equal(Signal.list['QUIT'], wait_for_end(core).termsig)
  end

  def test_as_pid_one_it_hears_every_signal
    skip('needs root to make a PID namespace') unless Process.uid.zero? && system('unshare', '--pid', '--fork', 'true', err: File::NULL)
    core = start(wrapper: %w[unshare --pid --fork --kill-child --mount-proc])
    wait_until(-> { core.output }) { File.exist?(path('status/tengined_1.status')) && File.read(path('status/tengined_1.status')) == 'running' }
    inner = Integer(File.read("/proc/#{core.pid}/task/#{core.pid}/children").split.first)
    Process.kill(:TERM, inner)
    assert_equal(0, wait_for_end(core).exitstatus)
  end

  def test_without_help_nothing_is_seen_on_stdout_before_the_end
    core = start_running(env: { 'RUBYOPT' => '' })
    assert_empty(core.output)
    stop(core)
    assert_match(/status starting -> running/, core.output)
  end

  def test_an_unknown_action_does_nothing_in_silence
    assert_equal(['', '', 0], tengined('-k', 'hoge').then { |out, err, status| [out, err, status.exitstatus] })
  end

  def test_a_load_says_nothing_on_stdout_and_leaves_no_pid_file
    out, err, status = tengined('-k', 'load')
    assert_equal(['', '', 0], [out, err, status.exitstatus])
    write('dsl/bad.rb' => "puts File.exist?('#{path('pids/tengined_load.pid')}')\nraise 'no'\n")
    out, err, status = tengined('-k', 'load')
    assert_equal(["true\n", 1], [out, status.exitstatus])
    assert_match(%r{bad\.rb:2:in .*: no \(RuntimeError\)}, err)
    assert_empty(Dir.children(path('pids')))
  end

  def test_cores_of_a_new_version_that_load_at_the_same_time_race
    cores = Array.new(3) { start(env: { 'TENGINED_RACE_SECONDS' => '2' }) }
    wait_until('one runs') { cores.any? { |core| status_of(core) == 'running' } }
    lost = cores.reject { |core| status_of(core) == 'running' }.each { |core| assert_equal(1, wait_for_end(core).exitstatus) }
    refute_empty(lost)
    lost.each { |core| assert_match(/slow\.rb:1:in .*|uninitialized constant Tengine::Core::Driveable::Mongo \(NameError\)/, core.output) }
    again = start_running
    stop(again)
  end
end
