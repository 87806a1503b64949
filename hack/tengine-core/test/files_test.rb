# frozen_string_literal: true

require_relative 'helper'
require 'tengine/core/pid_files'

# Pid, status and activation files, and the definition's VERSION: what needs neither broker nor database.
class FilesTest < CoreTest
  def setup
    super
    @sleepers = []
    FileUtils.mkdir_p([path('pids'), path('status'), path('activations')])
  end

  def teardown
    @sleepers.each do |pid|
      Process.kill(:KILL, pid)
      Process.wait(pid)
    rescue SystemCallError
      nil
    end
    super
  end

  def tengined(action)
    command('tengined', '-k', action, '--process-pid-dir', path('pids'), '--tengined-status-dir', path('status'),
            '--tengined-activation-dir', path('activations'))
  end

  # A process that is there, with its pid file and status.
  def sleeper(number, status)
    pid = spawn('sleep', '300')
    @sleepers << pid
    write("pids/tengined.#{number}.pid" => "#{pid}\n", "status/tengined_#{pid}.status" => status)
    pid
  end

  def dead_pid = spawn('true').tap { |pid| Process.wait(pid) }

  def test_status_prints_a_line_for_each_status_file_and_terminated_for_the_dead
    alive = sleeper(0, 'running')
    dead = dead_pid
    write("status/tengined_#{dead}.status" => 'running')
    out, _err, status = tengined('status')
    assert_equal([format('%6d running', alive), format('%6d terminated', dead)].sort, out.lines.map(&:chomp).sort)
    assert_equal(0, status.exitstatus)
  end

  def test_activate_makes_a_file_for_each_pid_file
    first = sleeper(0, 'waiting_activation')
    second = sleeper(3, 'waiting_activation')
    tengined('activate')
    assert_equal([first, second].map { |pid| "tengined_#{pid}.activation" }.sort, Dir.children(path('activations')).sort)
  end

  def test_stop_sends_hup_and_force_stop_sends_kill_and_old_files_are_passed_over
    write('pids/tengined.9.pid' => "#{dead_pid}\n")
    { 'stop' => 'HUP', 'force-stop' => 'KILL' }.each do |action, signal|
      pid = sleeper(0, 'running')
      out, _err, status = tengined(action)
      Process.wait(pid)
      assert_equal(Signal.list[signal], $?.termsig)
      assert_equal(["Process stop successfully [#{pid}]\n", 0], [out, status.exitstatus])
    end
  end

  def test_pid_files_are_numbered_after_the_highest
    write('pids/tengined.4.pid' => "1\n")
    pid = fork { Tengine::Core::PidFiles.new(path('pids')).create_numbered('tengined'); sleep }
    wait_until('the pid file') { File.exist?(path('pids/tengined.5.pid')) && !File.empty?(path('pids/tengined.5.pid')) }
    assert_equal("#{pid}\n", File.read(path('pids/tengined.5.pid')))
  ensure
    Process.kill(:KILL, pid)
    Process.wait(pid)
  end

  def test_the_version_is_the_version_file_or_the_wall_clock
    write('dsl/a.rb' => '', 'dsl/VERSION' => "abc123-0\n", 'bare/a.rb' => '')
    assert_equal('abc123-0', Tengine::Core::Definition.new(path('dsl')).version)
    assert_match(/\A\d{14}\z/, Tengine::Core::Definition.new(path('bare')).version)
    assert_equal('abc123-0', Tengine::Core::Definition.new(path('dsl/a.rb')).version)
  end

  def test_a_load_path_is_a_file_or_every_ruby_file_below_a_directory
    write('dsl/a.rb' => '', 'dsl/x/y/b.rb' => '', 'dsl/.hidden/c.rb' => '', 'dsl/d.txt' => '')
    assert_equal([path('dsl/a.rb'), path('dsl/x/y/b.rb')], Tengine::Core::Definition.new(path('dsl')).files)
    assert_raises(Tengine::Core::ConfigError) { Tengine::Core::Definition.new(path('nowhere')) }
    assert_raises(Tengine::Core::ConfigError) { Tengine::Core::Definition.new(nil) }
  end
end
