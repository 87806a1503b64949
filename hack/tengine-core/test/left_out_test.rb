# frozen_string_literal: true

require_relative 'helper'
require 'tengine/core/offline_load'

# What the README says is left out is left out, and what it names as an exception is there: item by item, in its order.
class LeftOutTest < CoreTest
  README = File.read(File.join(ROOT, 'README.md'))
  ITEMS = README[/^## What is left out\n(.*?)^## /m, 1].split(/^- /).drop(1).map { |item| item.split.join(' ') }.freeze
  Fields = Tengine::Core::Fields

  # The start of each item of the list, and the test that tries it.
  TRIED = {
    'Running jobs' => :test_jobnets_are_registered_and_nothing_runs_them,
    'Mongoid beyond' => :test_mongoid_has_what_is_listed,
    'ActiveSupport beyond' => :test_what_core_classes_get_is_what_is_listed,
    '`tengine_resource_watchd`' => :test_there_are_no_other_daemons_and_no_other_heartbeats,
    'Drivers as plain classes' => :test_drivers_as_plain_classes_know_instance_methods_only,
    'EventMachine' => :test_eventmachine_has_what_is_listed,
    'Log settings' => :test_log_settings_beside_level_and_output_change_nothing,
    '`--dry-run`' => :test_a_dry_run_is_the_stand_ins_own
  }.freeze

  # What ActiveSupport has, and definitions may therefore use.
  OF_ACTIVE_SUPPORT = {
    'Object.new' => %i[to_param to_query html_safe? acts_like? instance_values in?],
    '""' => %i[titleize pluralize singularize constantize classify tableize humanize demodulize dasherize truncate starts_with? html_safe at],
    '[]' => %i[second to_sentence in_groups_of split forty_two],
    '{}' => %i[symbolize_keys! stringify_keys! deep_merge with_indifferent_access reverse_merge! assert_valid_keys],
    '1' => %i[day minutes ordinalize megabytes],
    'Object' => %i[delegate mattr_accessor cattr_accessor alias_method_chain]
  }.freeze

  def test_every_item_is_tried
    assert_equal(TRIED.keys, ITEMS.map { |item| TRIED.keys.find { |start| item.start_with?(start) } || item })
    assert_empty(TRIED.values.reject { |name| respond_to?(name) })
  end

  def test_jobnets_are_registered_and_nothing_runs_them
    drivers, jobnets = load_definition("jobnet('n', :instance_name => 'nowhere', :credential_name => 'nobody') { boot_jobs('a'); job('a', 'x') }")
    assert_equal(['n'], jobnets.map { |jobnet| jobnet['name'] })
    assert_empty(drivers) # of the original's own, which handle start.jobnet.job.tengine
    refute_match(/Net::SSH|start\.jobnet\.job/, library)
    out, = command('tengine_load_only', '--json', path('a.rb'))
    assert_empty(JSON.parse(out)['doubts'])
  end

  def test_what_core_classes_get_is_what_is_listed
    named = item('ActiveSupport beyond').scan(/`([^`]*)`/).flatten.flat_map(&:split)
    assert_equal(named.map { |name| name.delete_prefix('Array.') }.sort, added.uniq.sort)
    tried = OF_ACTIVE_SUPPORT.flat_map { |on, names| names.map { |name| "puts #{name.inspect} if (#{on}).respond_to?(#{name.inspect}, true)" } }
    assert_empty(said(tried.join("\n")))
  end

  def test_mongoid_has_what_is_listed
    methods = said("require 'mongoid'; puts Mongoid.singleton_methods(false), Mongoid::Session.instance_methods(false)").split
    named = item('Mongoid beyond').scan(/`([^`]*)`/).flatten.map { |name| name[/\A(?:Mongoid\.)?(\w+)/, 1] }
    assert_equal(named.sort, methods.sort - ['default_session='])
    # Definitions find no more of it than they find errors.
    assert_equal('[:Errors]', said('p Mongoid.constants'))
  end

  def test_there_are_no_other_daemons_and_no_other_heartbeats
    assert_equal(README.scan(%r{^\| `bin/(\w+)`}).flatten.sort, Dir.children(File.join(ROOT, 'bin')).sort)
    assert_equal([%w[core], %w[atd]], [Fields::CORE, Fields::ATD].map { |fields| heartbeats(fields) })
    assert_equal(%w[core job hbw resourcew atd], heartbeats(Fields::WATCHD))
    # Who sends one: the core its own, and each of the other two that of its kind.
    assert_equal(%w[core], library.scan(/'(\w+)\.heartbeat\.tengine'/).flatten)
    assert_equal(%w[hbw atd], library.scan(/super\('[a-z_]+', :(\w+), Fields::/).flatten)
  end

  def test_drivers_as_plain_classes_know_instance_methods_only
    driver = "class D\ninclude Tengine::Core::Driveable\non :a\ndef %s(event)\nend\nend"
    assert_equal([1, 0], %w[handle self.handle].map { |name| load_definition(format(driver, name)).first.first['handlers'].length })
  end

  def test_eventmachine_has_what_is_listed
    named = item('EventMachine').scan(/`([^`]*)`/).flatten - %w[setup_eventmachine EM]
    methods = said("require 'tengine/core/reactor'; puts EM.singleton_methods(false)").split
    assert_equal(named.sort, methods.sort - ['reactor'])
  end

  def test_log_settings_beside_level_and_output_change_nothing
    names = Fields.log('log_common').map { |field| field.path.last.to_s } - %w[output level]
    assert_equal(%w[rotation rotation_size datetime_format progname], names)
    names.each do |name|
      assert_equal(7.to_s, parse("--log-common-#{name.tr('_', '-')}", '7').get(:log_common, name.to_sym).to_s)
      refute_match(/log[a-z_]*, :#{name}\b/, library)
    end
  end

  def test_a_dry_run_is_the_stand_ins_own
    assert_match(/\A\[stand-in only\]/, Fields::CORE.find { |field| field.path == [:dry_run] }.help)
    write('a.rb' => "driver :d do\non(:a) {}\nend\n")
    _out, err, status = command('tengined', '-k', 'start', '--dry-run', '-T', path('a.rb'))
    assert_equal(1, status.exitstatus)
    assert_match(/--dry-run goes with -k load only/, err)
  end

  private

  def item(start) = ITEMS.find { |item| item.start_with?(start) }

  def library = Dir.glob(File.join(ROOT, 'lib/**/*.rb')).map { |file| File.read(file) }.join

  def parse(*argv) = Tengine::Core::Config.parse('tengined', Fields::CORE, argv)

  def heartbeats(fields) = fields.map(&:path).select { |first,| first == :heartbeat }.map { |_, kind| kind.to_s }.uniq

  def load_definition(text)
    write('a.rb' => "require 'tengine_job'\n#{text}\n")
    code = 'load = Tengine::Core::OfflineLoad.new(ARGV.first); load.run; ' \
           'puts JSON.generate([load.kernel.store.drivers, load.kernel.store.root_jobnets])'
    JSON.parse(ruby('-rjson', '-rtengine/core/offline_load', '-e', code, path('a.rb')).lines.last)
  end

  # The methods that classes of Ruby's own have only with the library.
  def added
    count = '[Object, NilClass, String, Array, Hash, Integer, Float, Symbol, Range, Time, Date, Module, Array.singleton_class, ' \
            'Hash.singleton_class, String.singleton_class, Time.singleton_class].map { |one| one.instance_methods(false) }'
    first = 'require "json"; require "bigdecimal"; require "date"; require "set"; require "shellwords"; require "time"; require "yaml"; require "erb"; '
    ruby('-e', "#{first}before = #{count}; require 'tengine/core/active_support'; " \
               "require 'tengine/core/offline_load'; puts #{count}.zip(before).map { |now, then_| now - then_ }.flatten").split
  end

  def said(code) = ruby('-rtengine/core', '-e', code).strip

  def ruby(*arguments)
    out, err, status = Open3.capture3(RbConfig.ruby, '-I', File.join(ROOT, 'lib'), *arguments)
    assert(status.success?, err)
    out
  end
end
