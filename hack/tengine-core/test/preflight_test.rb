# frozen_string_literal: true

require_relative 'running'

# What the operator puts into the core of a preflight: its time, its end, and what it leaves behind, which is nothing.
class PreflightTest < RunningTest
  SCRIPT = File.expand_path('../../src/manifest/script/preflight.rb', ROOT)
  LOADS = "driver :d do\non(:foo) { }\nend\n"

  def setup
    super
    version('v1')
  end

  # As its container starts it.
  def preflight(*arguments, **options)
    start(*arguments, **options, env: { 'RUBYOPT' => "-r#{SCRIPT}", 'TENGINE_SCRATCH' => @name, 'TENGINE_PREFLIGHT_SECONDS' => '30',
                                        'TENGINE_PREFLIGHT_PARENT' => Process.pid.to_s })
  end

  def ends(*arguments, **options)
    core = preflight(*arguments, **options)
    [wait_for_end(core).exitstatus, core.output]
  end

  def there?
    query('SELECT 1') && true
  rescue PG::ConnectionBad
    false
  end

  def test_a_load_leaves_nothing_behind
    write('dsl/d.rb' => LOADS)
    assert_equal([0, ''], ends('-k', 'load'))
    refute(there?, 'its database')
  end

  def test_a_refused_load_says_what_the_core_says_and_leaves_nothing_behind
    write('dsl/d.rb' => LOADS, 'dsl/e.rb' => "hoge\n")
    status, output = ends('-k', 'load')
    assert_equal(1, status)
    assert_match(%r{\A#{path('dsl/e.rb')}:1:in .*NameError}, output)
    refute(there?, 'its database')
  end

  def test_a_load_without_end_says_where_it_is
    write('dsl/d.rb' => "Thread.new { TenginePreflight.late }\nsleep\n")
    status, output = ends('-k', 'load')
    assert_equal(1, status)
    assert_match(%r{^(\tfrom )?#{path('dsl/d.rb')}:2:in }, output)
    assert_match(/ it did not end within 30 s \(Timeout::Error\)$/, output)
    refute(there?, 'its database')
  end

  def test_one_that_is_told_to_end_takes_it_away
    write('dsl/d.rb' => "sleep\n")
    core = preflight('-k', 'load')
    wait_until('its database') { there? }
    core.kill(:TERM)
    assert_equal(143, wait_for_end(core).exitstatus)
    refute(there?, 'its database')
  end

  # The core works with its database, and fails when that is gone.
  FAILS = <<~RUBY
    def (Mongoid.default_session).drop
      super
      return if Thread.current == Thread.main
      Thread.main.raise('the database is gone')
      sleep 1
    end
  RUBY

  def test_that_its_database_is_gone_is_no_word_on_the_definitions
    write('dsl/d.rb' => "#{FAILS}puts 'asleep'\n$stdout.flush\nsleep\n")
    core = preflight('-k', 'load')
    wait_until('it sleeps') { core.output.include?('asleep') }
    core.kill(:TERM)
    assert_equal(143, wait_for_end(core).exitstatus)
    refute(there?, 'its database')
  end

  def test_nor_where_its_time_is_up
    write('dsl/d.rb' => "#{FAILS}Thread.new { TenginePreflight.late }\nsleep\n")
    status, output = ends('-k', 'load')
    assert_equal(1, status)
    assert_match(/ it did not end within 30 s \(Timeout::Error\)$/, output)
    refute_match(/gone/, output)
  end

  # As where it has no right to.
  def test_what_cannot_be_taken_away_is_said_and_is_no_word_on_the_definitions
    write('dsl/d.rb' => "#{LOADS}def (Mongoid.default_session).drop = raise(PG::InsufficientPrivilege, 'must be owner')\n")
    status, output = ends('-k', 'load')
    assert_equal(75, status)
    assert_equal("the scratch database #{@name} was not removed: [PG::InsufficientPrivilege] must be owner\n", output)
  end

  def test_another_database_than_its_own_is_not_touched
    write('dsl/d.rb' => "#{LOADS}Mongoid.default_session.options[:database] = 'postgres'\n")
    status, output = ends('-k', 'load')
    assert_equal(75, status)
    assert_match(/the core has opened postgres/, output)
  end

  def test_programs_that_a_definition_runs_do_not_do_the_same
    write('dsl/d.rb' => "#{LOADS}system('ruby', '-e', 'exit 3') || exit(4)\n".sub('exit(4)', 'puts($?.exitstatus)'))
    assert_equal([0, "3\n"], ends('-k', 'load'))
    write('dsl/d.rb' => "#{LOADS}Process.wait(fork {})\nTengine::Core::Log\n")
    assert_equal([0, ''], ends('-k', 'load'))
  end
end
