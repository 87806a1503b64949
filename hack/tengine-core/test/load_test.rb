# frozen_string_literal: true

require_relative 'helper'

# What the core takes, refuses and doubts when it loads a definition.
class LoadTest < CoreTest
  JOBNET = "require 'tengine_job'\njobnet('outer', :instance_name => 's', :credential_name => 'c') do\n%s\nend\n"

  VALIDATIONS = 'Tengine::Job::Template::Vertex::VertexValidations'

  REFUSED = {
    'a name that is not a word' => ["hoge\njob('a', 'x')", 'NameError', /`hoge'/],
    'boot_jobs of a job that is not there' => ["boot_jobs('b')\njob('a', 'x')", VALIDATIONS],
    'a symbol in boot_jobs' => ["boot_jobs(:a)\njob('a', 'x')", VALIDATIONS],
    'a list in boot_jobs' => ["boot_jobs(['a'])\njob('a', 'x')", VALIDATIONS],
    ':to a job that is not there' => ["boot_jobs('a')\njob('a', 'x', :to => 'b')", VALIDATIONS],
    ':to a symbol' => ["boot_jobs('a')\njob('a', 'x', :to => :b)\njob('b', 'x')", VALIDATIONS],
    'a list in the list of :to' => ["boot_jobs('a')\njob('a', 'x', :to => [['b']])\njob('b', 'x')", VALIDATIONS],
    'a blank name' => ["job(\"\\u3000\", 'x')", VALIDATIONS],
    'a job called finally that is to be found' => ["boot_jobs('finally')\njob('finally', 'x')", VALIDATIONS],
    'a cycle of :to' => ["boot_jobs('a')\njob('a', 'x', :to => 'b')\njob('b', 'x', :to => 'a')", 'Tengine::Job::Structure::Error'],
    'a job to itself alone' => ["boot_jobs('a')\njob('a', 'x', :to => 'a')", 'RuntimeError', /Must be a bug!!!/],
    'ruby_job' => ["ruby_job('a') { }", 'NoMethodError', /`ruby_job'/],
    'ssh_job' => ["ssh_job('a', 'x')", 'NoMethodError', /`ssh_job'/],
    'a value that cannot be stored' => ["job('a', 'x', :hoge => proc { })", 'NoMethodError', /__bson_dump__/],
    'a number that is too large' => ["job('a', 'x', :killing_signal_interval => 10**30)", 'RangeError'],
    'a frozen hash of options' => ["hadoop_job_run('h', 'x', { :to => 'b' }.freeze) do\nend", 'FrozenError'],
    'a variable of its own overwritten' => ["@redirections = nil\njob('a', 'x', :to => 'b')", 'NoMethodError', /<</],
    'the configuration overwritten' => ["job('a', 'x')\n@config = {}", 'NoMethodError', /dsl_version/],
    'a word on another object' => ["Object.new.instance_eval { job('a', 'x') }", 'NoMethodError', /`job'/],
    'finally with an argument' => ["job('a', 'x')\nfinally('b') do\njob('c', 'x')\nend", 'ArgumentError', /wrong number of arguments/],
    'auto_sequence with an argument' => ["auto_sequence(true)\njob('a', 'x')", 'ArgumentError', /wrong number of arguments/],
    'a word by send' => ["send('jobb', 'a', 'x')", 'NoMethodError', /`jobb'/]
  }.freeze

  # Whatever their author may have thought.
  TAKEN = {
    'forks and joins' => "boot_jobs('a')\njob('a', 'x', :to => ['b', 'c'])\njob('b', 'x', :to => 'd')\njob('c', 'x', :to => 'd')\njob('d', 'x')",
    'the same name in a nested jobnet' => "auto_sequence\njob('a', 'x')\njobnet('i') do\nauto_sequence\njob('a', 'x')\nend",
    'finally in a jobnet in finally' => "job('a', 'x')\nfinally do\njobnet('i') do\njob('b', 'x')\nfinally do\njob('c', 'x')\nend\nend\nend",
    'jobs from a loop' => "auto_sequence\n3.times { |i| job(\"a\#{i}\", 'x') }",
    'hadoop' => "hadoop_job_run('i', 'import', 'x.sh') do\nboot_jobs('a')\nhadoop_job('a', :to => 'b')\nhadoop_job('b')\nend",
    'every option' => "jobnet('i', :to => 'j', :server_name => 's', :credential_name => 'c', :auto_sequence => true, :killing_signals => ['KILL'], " \
                      ":killing_signal_interval => 5, :caption => 'i') do\njob('a', 'x', :preparation => proc { '' }, :instance_name => 's')\nend\njob('j', 'x')",
    'unknown options' => "job('a', 'x', :hoge => 1)\njobnet('i', 'preparation' => 1) do\njob('a', 'x')\nend",
    'words in the wrong place' => "hadoop_job('a')\nfinally do\nfinally do\njob('b', 'x')\nend\nhadoop_job('c')\nend",
    'everything twice' => "auto_sequence\nauto_sequence\nboot_jobs('a')\njob('a', 'x')\njob('a', 'y')\nfinally do\nend\nfinally do\nend",
    'expansions of nothing and of itself' => "expansion('other')\nexpansion('outer')",
    'a cycle in a sequence' => "job('a', 'x', :to => 'b')\njob('b', 'x', :to => 'a')",
    'a job to itself with another way out' => "boot_jobs('a')\njob('a', 'x', :to => ['a', 'b'])\njob('b', 'x')",
    'boot_jobs without jobs' => "boot_jobs('a')",
    'everyday methods of ActiveSupport' => "Array.wrap('a').each { |n| job(n.presence || 'b', 'x', { 'to' => nil.try(:x) }.symbolize_keys) }"
  }.freeze

  REFUSED.each do |name, (body, error, message)|
    define_method("test_refuses_#{name}") do
      text = format(JOBNET, body)
      text += "jobnet('next') do\nend\n" if body.include?('@config')
      result = load_one(text)
      refute(result['ok'], 'it was taken')
      assert_equal(error, result['class'])
      assert_match(message || //, result['message'])
      assert_match(/\Aa\.rb:\d+\z/, result['at'])
    end
  end

  TAKEN.each do |name, body|
    define_method("test_takes_#{name}") do
      result = load_one(format(JOBNET, body))
      assert(result['ok'], result.inspect)
      assert_empty(result['doubts'])
    end
  end

  def test_a_syntax_error_names_its_line
    result = load_one(format(JOBNET, "auto_sequence\n}"))
    assert_equal('SyntaxError', result['class'])
    assert_match(/a\.rb:4\z/, result['at'])
  end

  def test_jobnet_words_need_tengine_job
    result = load_one("jobnet('a') do\nend\n")
    assert_equal(['NoMethodError', 'a.rb:1'], result.values_at('class', 'at'))
  end

  def test_a_file_that_defines_nothing_is_doubted
    assert_equal(['file-defines-nothing'], load_one("require 'tengine_job'\n")['doubts'].map { |doubt| doubt['code'] })
  end

  def test_two_root_jobnets_of_one_name_in_different_places
    jobnet = "require 'tengine_job'\njobnet('same') do\njob('a', 'x')\nend\n"
    write('dsl/a.rb' => jobnet, 'dsl/b/c.rb' => "\n#{jobnet}")
    assert_match(%r{2 jobnet named "same" found at a\.rb:2 and b/c\.rb:3}, load_path('dsl')['message'])
  end

  def test_dictionaries_are_read_for_the_folders_of_jobnets_only
    write('dsl/a.rb' => format(JOBNET, "job('a', 'x')"), 'dsl/dictionary.yml' => "a: [\n", 'dsl/empty/dictionary.yml' => "a: [\n")
    assert(load_path('dsl')['ok'])
    write('dsl/sub/b.rb' => "jobnet('b') do\nend\n")
    assert_equal('Psych::SyntaxError', load_path('dsl')['class'])
    write('dsl/dictionary.yml' => "sub: 夜間\n")
    assert(load_path('dsl')['ok'])
    write('dsl/dictionary.yml' => "- sub\n")
    assert_equal('TypeError', load_path('dsl')['class'])
    write('dictionary.yml' => '', 'dsl/dictionary.yml' => '')
    assert_equal('NoMethodError', load_path('dsl')['class'])
  end

  def test_drivers
    assert(load_one("driver :d, :enabled_on_activation => false do\non :a do\nfire :b\nend\non(:b & :c) {}\non(:e.at('s')) {}\non :f\ndef f(event)\nend\nend\n")['ok'])
    assert_equal('NoMethodError', load_one("driver :d do\nonn :a do\nend\nend\n")['class'])
    assert_equal('NameError', load_one("driver :'1d' do\nend\n")['class'])
    assert_equal('Tengine::Core::DslError', load_one("session\n")['class'])
    assert_match(/artity/, load_one("driver :d do\non(:a) { |x, y| }\nend\n")['message'])
    assert_match(/artity/, load_one("driver :d do\non(:a) { |*x| }\nend\n")['message'])
    assert_equal('NameError', load_one("driver :process do\nend\n")['class'])
    assert_equal('Mongoid::Errors::Validations', load_one("driver :'a_夜' do\nend\n")['class'])
    assert_match(/reactor needed/, load_one("fire :a\n")['message'])
    assert(load_one("require 'tengine_core'\nputs config.dsl_version\n")['ok'])
  end

  def test_plain_ruby_over_files
    write('dsl/a.rb' => "require_relative 'helpers/b'\nrequire 'tengine_job'\njobnet('x') do\nsteps { |n| job(n, 'x') }\nend\n",
          'dsl/helpers/b.rb' => "def steps\n%w[a b].each { |n| yield n }\nend\n")
    result = load_path('dsl')
    assert(result['ok'], result.inspect)
    assert_match(/drivers=0 jobnets=1/, result['summary'])
  end

  def test_japanese_names_without_a_locale
    write('定義/夜間.rb' => "# 請求\nrequire 'tengine_job'\njobnet('夜間バッチ', '夜間') do\nboot_jobs('抽出')\nend\nraise '抽出'\n")
    out, err, = command('tengine_load_only', '--json', path('定義'), env: { 'LC_ALL' => 'C', 'LANG' => nil })
    result = JSON.parse(out)
    assert_match(/抽出/, result['message'], err)
    assert_equal('夜間.rb:6', result['at'])
  end

  def test_shift_jis_by_magic_comment
    write('dsl/a.rb' => "# -*- coding: Shift_JIS -*-\nrequire 'tengine_job'\njobnet('夜間') do\njob('抽出', 'x')\nend\n".encode('Shift_JIS'))
    assert(load_path('dsl')['ok'])
  end

  def test_a_load_that_ends_or_hangs
    assert_equal('SystemExit', load_one("exit\n")['class'])
    assert_equal('Timeout::Error', load_one("sleep\n", '--timeout', '0.5')['class'])
  end

  def test_the_example_definition_is_clean
    result = load_path(File.expand_path('../../examples/definitions/billing', ROOT))
    assert(result['ok'], result.inspect)
    assert_empty(result['doubts'])
  end

  def test_tengined_itself_refuses_with_class_message_and_backtrace
    write('a.rb' => format(JOBNET, "job('a', 'x')\nhoge"))
    _out, err, status = command('tengined', '-k', 'load', '--dry-run', '-T', path('a.rb'))
    assert_equal(1, status.exitstatus)
    assert_match(/undefined local variable or method `hoge'.*\(NameError\)/, err)
    assert_match(%r{#{path('a.rb')}:4:in }, err)
    write('a.rb' => format(JOBNET, "job('a', 'x')"))
    out, _err, status = command('tengined', '-k', 'load', '--dry-run', '-T', path('a.rb'))
    assert_equal([0, true], [status.exitstatus, out.include?('drivers=0 jobnets=1')])
  end

  private

  def load_one(text, *options)
    write('a.rb' => text)
    load_path('a.rb', *options)
  end

  def load_path(name, *options)
    out, err, = command('tengine_load_only', '--json', *options, File.absolute_path(name, @folder))
    JSON.parse(out)
  rescue JSON::ParserError
    flunk(err)
  end
end
