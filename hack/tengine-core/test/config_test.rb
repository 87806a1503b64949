# frozen_string_literal: true

require_relative 'helper'

# Where settings come from.
class ConfigTest < CoreTest
  Config = Tengine::Core::Config
  Fields = Tengine::Core::Fields

  def parse(*argv, fields: Fields::CORE) = Config.parse('tengined', fields, argv)

  def test_defaults
    config = parse
    assert_equal('start', config.get(:action))
    assert_equal(['./tmp/tengined_pids', './tmp/tengined_status', './tmp/tengined_activations'],
                 [config.get(:process, :pid_dir), config.get(:tengined, :status_dir), config.get(:tengined, :activation_dir)])
    assert_equal([false, 300, 0], [config.get(:tengined, :cache_drivers), config.get(:tengined, :activation_timeout),
                                   config.get(:heartbeat, :core, :interval)])
  end

  def test_erb_comes_before_yaml_and_survives_any_character
    ENV['TENGINE_TEST_PASSWORD'] = "a: \"b'\\ \#{x} <%= 1 %>\n%"
    write('c.yml.erb' => "event_queue: { connection: { pass: <%= ENV['TENGINE_TEST_PASSWORD'].to_json %> } }\n")
    assert_equal(ENV.fetch('TENGINE_TEST_PASSWORD'), parse('-f', path('c.yml.erb')).get(:event_queue, :connection, :pass))
  ensure
    ENV.delete('TENGINE_TEST_PASSWORD')
  end

  def test_the_command_line_wins_over_the_file
    write('c.yml' => "tengined: { cache_drivers: false, load_path: /a, activation_timeout: 3 }\n")
    config = parse('-f', path('c.yml'), '-c', '--tengined-load-path', '/b')
    assert_equal([true, '/b', 3], %i[cache_drivers load_path activation_timeout].map { |name| config.get(:tengined, name) })
  end

  def test_every_key_is_a_long_option
    Fields::CORE.each do |field|
      next if field.path == %i[config]

      value = { boolean: [], integer: ['7'], hash: ['{a: 1}'] }.fetch(field.type, ['word'])
      config = parse("--#{field.path.join('-').tr('_', '-')}", *value)
      assert_equal({ boolean: true, integer: 7, hash: { 'a' => 1 } }.fetch(field.type, 'word'), config.get(*field.path))
    end
  end

  def test_short_options
    config = parse('-k', 'load', '-T', '/x', '-c', '-D', '-G', '9', '-o', 'h', '-p', '1', '-u', 'u', '-s', 's', '-e', 'e', '-q', 'q')
    assert_equal(['load', '/x', true, true, 9],
                 [config.get(:action), config.get(:tengined, :load_path), config.get(:tengined, :cache_drivers),
                  config.get(:process, :daemon), config.get(:heartbeat, :core, :interval)])
    assert_equal(['h', 1, 'u', 's'], %i[host port user pass].map { |name| config.get(:event_queue, :connection, name) })
  end

  def test_unknown_keys_and_options_are_refused
    write('c.yml' => "tengined: { lode_path: /a }\n")
    error = assert_raises(Tengine::Core::ConfigError) { parse('-f', path('c.yml')) }
    assert_match(/child not found for "lode_path" on :tengined in .*c\.yml/, error.message)
    assert_raises(OptionParser::InvalidOption) { parse('--hoge') }
  end

  def test_the_watchers_refuse_the_keys_of_tengined
    write('c.yml' => "tengined: { load_path: /a }\n", 'h.yml' => "heartbeat: { core: { interval: 3 } }\n")
    error = assert_raises(Tengine::Core::ConfigError) { parse('-f', path('c.yml'), fields: Fields::WATCHD) }
    assert_match(/child not found for "tengined" in /, error.message)
    assert_equal(3, parse('-f', path('h.yml'), fields: Fields::WATCHD).get(:heartbeat, :core, :interval))
    error = assert_raises(Tengine::Core::ConfigError) { parse('-f', path('h.yml'), fields: Fields::ATD) }
    assert_match(/child not found for "core" on :heartbeat in /, error.message)
  end

  def test_database_settings_of_both_shapes
    require 'tengine/core/store/connection'
    new = { 'sessions' => { 'default' => { 'database' => 'd', 'hosts' => ['a:1', 'b'], 'username' => 'u', 'password' => 'p' } } }
    old = { host: 'a', port: 1, database: 'd', username: 'u', password: 'p' }
    assert_equal(['a,b', '1,5432', 'd', 'u', 'p'], Tengine::Core::Connection.parameters(new).values_at(:host, :port, :dbname, :user, :password))
    assert_equal(%w[a 1 d], Tengine::Core::Connection.parameters(old).values_at(:host, :port, :dbname))
  end
end
