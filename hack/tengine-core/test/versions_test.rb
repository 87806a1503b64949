# frozen_string_literal: true

require_relative 'running'

# Versions side by side in one database and on one queue, and the traps in it.
class VersionsTest < RunningTest
  def define(version, *types)
    handlers = types.map { |type| "on(:#{type}) { puts '#{version} has #{type}' }\n" }.join
    write("#{version}/VERSION" => version, "#{version}/d.rb" => "driver :d do\n#{handlers}end\n")
  end

  def start_version(version, *arguments)
    start_running('-T', path(version), *arguments, as: version)
  end

  def setting = query("SELECT value FROM settings WHERE name = 'dsl_version'").first['value']

  def test_each_core_handles_with_its_own_version_and_drops_what_only_the_other_knows
    define('v1', 'common', 'old')
    define('v2', 'common')
    start_version('v1')
    newer = start_version('v2')
    20.times { fire('old') }
    wait_until('all events are dealt with') { query("SELECT count(*) AS n FROM events WHERE event_type_name = 'old'").first['n'] == '20' }
    wait_for(newer, /dropped event=old key=\S+ reason=no_handler dsl_version=v2/)
    assert_equal([{ 'dsl_version' => 'v1' }], query('SELECT DISTINCT dsl_version FROM handled_events'))
    assert_equal(%w[v1 v2], query('SELECT version FROM drivers ORDER BY 1').map { |row| row['version'] })
  end

  def test_whoever_loads_last_owns_the_one_setting
    define('v1', 'a')
    define('v2', 'a')
    %w[v1 v2 v1].each do |version|
      _out, err, status = tengined('-k', 'load', '-T', path(version))
      assert(status.success?, err)
      assert_equal(version, setting)
    end
  end

  def test_a_load_that_is_refused_has_changed_the_setting_already
    define('v1', 'a')
    tengined('-k', 'load', '-T', path('v1'))
    write('v2/VERSION' => 'v2', 'v2/d.rb' => "hoge\n")
    refute(tengined('-k', 'load', '-T', path('v2')).last.success?)
    assert_equal('v2', setting)
  end

  def test_two_versions_that_load_at_the_same_time_misfile_drivers
    define('v2', 'a')
    write('v1/VERSION' => 'v1', 'v1/d.rb' => "puts 'half way'\nsleep 0.1 until File.exist?('#{path('go')}')\ndriver :d do\non(:a) {}\nend\ndriver :only_in_v1 do\non(:b) {}\nend\n")
    core = start('-T', path('v1'), as: 'v1')
    wait_for(core, /half way/)
    tengined('-k', 'load', '-T', path('v2'))
    write('go' => '')
    wait_for_status(core, 'running')
    assert_equal([%w[d v2], %w[only_in_v1 v2]], query('SELECT name, version FROM drivers ORDER BY 1').map(&:values))
    fire('b')
    wait_for(core, /dropped event=b key=\S+ reason=no_handler dsl_version=v1/)
  end

  def test_without_version_each_process_is_a_version_of_its_own
    define('v1', 'a')
    FileUtils.rm(path('v1/VERSION'))
    start_version('v1')
    sleep 1.1 # the wall clock of the trap counts seconds
    start_version('v1')
    assert_equal(2, query('SELECT DISTINCT version FROM drivers').length)
  end

  def test_replicas_of_one_version_share_their_records
    define('v1', 'a')
    3.times { start_version('v1') }
    assert_equal('1', query('SELECT count(*) AS n FROM handlers').first['n'])
  end

  def test_without_cache_drivers_the_records_come_and_go_at_each_event
    define('v1', 'a')
    core = start_version('v1', '--no-tengined-cache-drivers')
    before = query('SELECT id FROM drivers').first['id']
    fire('a')
    wait_for(core, /handled event=a/)
    refute_equal(before, query('SELECT id FROM drivers').first['id'])
  end

  def test_without_cache_drivers_another_core_finds_nothing_while_records_are_remade
    write('v1/VERSION' => 'v1', 'v1/d.rb' => "sleep 3 if File.exist?('#{path('slow')}')\ndriver :d do\non(:a) {}\nend\n")
    reloading = start_version('v1', '--no-tengined-cache-drivers')
    other = start_version('v1')
    write('slow' => '')
    key = fire('a')
    wait_until('the records are gone') { query('SELECT 1 FROM drivers').empty? } unless other.output.include?(key)
    6.times { fire('a') }
    wait_for(other, /dropped event=a key=\S+ reason=no_handler/)
    refute_nil(reloading)
  end

  def test_skip_enablement_and_enable
    write('v1/VERSION' => 'v1', 'v1/d.rb' => "driver :on_it do\non(:a) { puts 'on' }\nend\ndriver :off, :enabled_on_activation => false do\non(:a) { puts 'off' }\nend\n")
    core = start_version('v1', '--tengined-skip-enablement')
    fire('a')
    wait_for(core, /dropped event=a/)
    out, err, = tengined('-k', 'enable', '-T', path('v1'))
    assert_match(/enabled 1 drivers/, out, err)
    fire('a')
    wait_for(core, /handled event=a key=\S+ driver=on_it/)
    refute_match(/driver=off/, core.output)
  end

  def test_one_version_with_two_contents_is_refused_where_it_shows
    jobnet = "require 'tengine_job'\njobnet('j') do\njob('a', 'x')\nend\n"
    write('v1/VERSION' => 'v1', 'v1/d.rb' => jobnet)
    assert(tengined('-k', 'load', '-T', path('v1')).last.success?)
    write('v1/d.rb' => "\n#{jobnet}")
    _out, err, status = tengined('-k', 'load', '-T', path('v1'))
    assert_equal(1, status.exitstatus)
    assert_match(/2 jobnet named "j" found at d\.rb:2 and d\.rb:3 \(Tengine::Job::Dsl::Error\)/, err)
  end

  def test_shift_jis_definitions_are_kept_as_utf8
    write('v1/VERSION' => 'v1', 'v1/d.rb' => "# -*- coding: Shift_JIS -*-\nrequire 'tengine_job'\njobnet('夜間') do\nboot_jobs('抽出')\njob('抽出', 'x')\nend\n".encode('Shift_JIS'))
    _out, err, status = tengined('-k', 'load', '-T', path('v1'))
    assert(status.success?, err)
    row = query('SELECT name, definition FROM root_jobnets').first
    assert_equal(%w[夜間 抽出], [row['name'], JSON.parse(row['definition'])['children'][0]['name']].map { |text| text.dup.force_encoding('UTF-8') })
  end

  def test_jobnets_are_kept_with_their_edges
    write('v1/VERSION' => 'v1', 'v1/d.rb' => "require 'tengine_job'\njobnet('j') do\nboot_jobs('a')\njob('a', 'x', :to => 'b')\njob('b', 'y')\nend\n")
    tengined('-k', 'load', '-T', path('v1'))
    edges = JSON.parse(query('SELECT definition FROM root_jobnets').first['definition'])['edges']
    assert_equal([%w[start a], %w[a b], %w[b end]], edges)
  end
end
