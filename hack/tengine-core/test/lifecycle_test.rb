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

  def statuses(core) = core.output.scan(/status \w+ -> (\w+)/).flatten

  def test_a_core_starts_runs_and_stops_on_hup
    core = start_running
    assert_equal("#{core.pid}\n", File.read(path('pids/tengined.0.pid')))
    out, = tengined('-k', 'status')
    assert_equal(format("%6d running\n", core.pid), out)
    tengined('-k', 'stop')
    assert_equal(0, wait_for_end(core).exitstatus)
    assert_equal(%w[initialized starting running shutting_down terminated], statuses(core))
    assert_equal('terminated', status_of(core))
    refute_path_exists(path('pids/tengined.0.pid'))
  end

  def test_hup_finishes_the_handler_in_hand_and_leaves_the_next_event_to_others
    core = start_running
    first = fire('slow')
    wait_for(core, /working/)
    fire('slow')
    core.kill(:HUP)
    wait_for_status(core, 'shutting_down')
    let_it_finish
    assert_equal(0, wait_for_end(core).exitstatus)
    assert_match(/worked\n.*handled event=slow key=#{first} driver=slow dsl_version=v1 pid=#{core.pid} server=pod/, core.output)
    assert_equal(1, core.output.scan(/handling event=/).length)
    wait_until('the second event is back') { queue_depth >= 1 }
  end

  def test_int_stops_like_hup
    core = start_running
    core.kill(:INT)
    assert_equal(0, wait_for_end(core).exitstatus)
  end

  def test_term_dies_on_the_spot_in_the_middle_of_a_handler_and_leaves_a_stale_status
    core = start_running
    fire('slow')
    wait_for(core, /working/)
    core.kill(:TERM)
    assert_equal(Signal.list['TERM'], wait_for_end(core).termsig)
    refute_match(/worked|shutting_down/, core.output)
    assert_equal('running', status_of(core))
    assert_equal(0, queue_depth, 'acknowledged at first, so the work is lost')
    assert_equal([{ 'finished_at' => nil }], query('SELECT finished_at FROM handled_events'))
    assert_match(/#{core.pid} terminated/, tengined('-k', 'status').first)
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
    assert_equal(%w[initialized shutting_down starting running], statuses(core))
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
    assert_equal(%w[initialized starting waiting_activation running], statuses(core))
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

  # Ruby's own handler for TERM runs even as PID 1, but its last step, the signal's default action, has no effect there.
  def test_term_as_pid_one_dies_too_with_exit_status_one
    skip('needs root to make a PID namespace') unless Process.uid.zero? && system('unshare', '--pid', '--fork', 'true', err: File::NULL)
    core = start(wrapper: %w[unshare --pid --fork --kill-child --mount-proc])
    wait_until(-> { core.output }) { File.exist?(path('status/tengined_1.status')) && File.read(path('status/tengined_1.status')) == 'running' }
    fire('slow')
    wait_for(core, /working/)
    inner = Integer(File.read("/proc/#{core.pid}/task/#{core.pid}/children").split.first)
    Process.kill(:TERM, inner)
    assert_equal(1, wait_for_end(core).exitstatus)
    refute_match(/worked/, core.output)
  end
end
