# frozen_string_literal: true

require_relative 'helper'

# What the core takes, refuses and doubts when it loads a definition.
class LoadTest < CoreTest
  JOBNET = "require 'tengine_job'\njobnet('outer', :instance_name => 's', :credential_name => 'c') do\n%s\nend\n"

  REFUSED = {
    'a name that is not a word' => ["hoge\njob('a', 'x')", 'NameError', /`hoge'/],
    'an unknown option of job' => ["job('a', 'x', :hoge => 1)", 'Tengine::Job::DslError', /hoge is invalid option/],
    'an unknown option of jobnet' => ["jobnet('i', :hoge => 1) do\njob('a', 'x')\nend", 'Tengine::Job::DslError', /hoge is invalid option/],
    'an unknown option of hadoop_job_run' => ["hadoop_job_run('i', 'x', :hoge => 1) do\nhadoop_job('a')\nend", 'Tengine::Job::DslError', /hoge is invalid/],
    'an unknown option of expansion' => ["expansion('other', :hoge => 1)", 'Tengine::Job::DslError', /hoge is invalid option/],
    'an unknown option in finally' => ["job('a', 'x')\nfinally do\njob('f', 'x', :hoge => 1)\nend", 'Tengine::Job::DslError', /hoge is invalid option/],
    'preparation on a jobnet' => ["jobnet('i', :preparation => 1) do\njob('a', 'x')\nend", 'Tengine::Job::DslError', /preparation is invalid/],
    'auto_sequence on a job' => ["job('a', 'x', :auto_sequence => true)", 'Tengine::Job::DslError', /auto_sequence is invalid/],
    'hadoop_job outside hadoop_job_run' => ["hadoop_job('a')", 'Tengine::Job::DslError', /jobnet block contains unexpected method\(hadoop_job\)/],
    'job in hadoop_job_run' => ["hadoop_job_run('i', 'x') do\njob('a', 'x')\nend", 'Tengine::Job::DslError', /hadoop_job_run block contains unexpected method\(job\)/],
    'hadoop_job in finally' => ["job('a', 'x')\nfinally do\nhadoop_job('b')\nend", 'Tengine::Job::DslError', /finally block contains unexpected method\(hadoop_job\)/],
    'finally in finally' => ["job('a', 'x')\nfinally do\nfinally do\njob('b', 'x')\nend\nend", 'Tengine::Job::DslError', /finally block contains unexpected method\(finally\)/],
    'two finally' => ["job('a', 'x')\nfinally do\njob('b', 'x')\nend\nfinally do\njob('c', 'x')\nend", 'Tengine::Job::DslError', /finally is duplicated/],
    'two auto_sequence' => ["auto_sequence\nauto_sequence\njob('a', 'x')", 'Tengine::Job::DslError', /: auto_sequence is duplicated|\Aauto_sequence is duplicated/],
    'boot_jobs after auto_sequence' => ["auto_sequence\nboot_jobs('a')\njob('a', 'x')", 'Tengine::Job::DslError', /boot_jobs or auto_sequence is duplicated/],
    'boot_jobs of a job that is not there' => ["boot_jobs('b')\njob('a', 'x')", 'Tengine::Job::DslError', /boot_jobs names "b"/],
    ':to a job that is not there' => ["boot_jobs('a')\njob('a', 'x', :to => 'b')", 'Tengine::Job::DslError', /names "b" in :to/],
    ':to out of the jobnet' => ["jobnet('i') do\njob('b', 'x', :to => 'a')\nend\njob('a', 'x')", 'Tengine::Job::DslError', /names "a" in :to/],
    'a cycle of :to' => ["boot_jobs('a')\njob('a', 'x', :to => 'b')\njob('b', 'x', :to => 'a')", 'Tengine::Job::DslError', /circular dependency found in jobnet ``outer''/],
    'a job to itself' => ["boot_jobs('a')\njob('a', 'x', :to => 'a')", 'Tengine::Job::DslError', /circular dependency/],
    'the same name twice' => ["auto_sequence\njob('a', 'x')\njob('b', 'x')\njob('a', 'x')", 'Tengine::Job::DslError', /a is duplicated/],
    'expansion of nothing' => ["expansion('other')", 'Tengine::Job::DslError', /expansion of "other"/],
    'expansion of itself' => ["expansion('outer')", 'Tengine::Job::DslError', /circular dependency found in expansions/],
    'ruby_job without a block' => ["ruby_job('a')", 'Tengine::Job::DslError', /no block given for ruby_job/],
    'finally with an argument' => ["job('a', 'x')\nfinally('b') do\njob('c', 'x')\nend", 'ArgumentError', /wrong number of arguments/],
    'auto_sequence with an argument' => ["auto_sequence(true)\njob('a', 'x')", 'ArgumentError', /wrong number of arguments/],
    'a word by send' => ["send('jobb', 'a', 'x')", 'NoMethodError', /`jobb'/]
  }.freeze

  DOUBTED = {
    'finally-not-last' => "boot_jobs('a')\njob('a', 'x')\nfinally do\njob('f', 'x')\nend\njobnet('i') do\njob('b', 'x')\nend\n",
    'sequence-not-first' => "job('a', 'x')\nboot_jobs('a')",
    'unreachable-job' => "boot_jobs('a')\njob('a', 'x')\njob('b', 'x')",
    'empty-jobnet' => "jobnet('i') do\nend\njob('a', 'x')"
  }.freeze

  TAKEN = {
    'forks and joins' => "boot_jobs('a')\njob('a', 'x', :to => ['b', 'c'])\njob('b', 'x', :to => 'd')\njob('c', 'x', :to => 'd')\njob('d', 'x')",
    'the same name in a nested jobnet' => "auto_sequence\njob('a', 'x')\njobnet('i') do\nauto_sequence\njob('a', 'x')\nend",
    'finally in a jobnet in finally' => "job('a', 'x')\nfinally do\njobnet('i') do\njob('b', 'x')\nfinally do\njob('c', 'x')\nend\nend\nend",
    'jobs from a loop' => "auto_sequence\n3.times { |i| job(\"a\#{i}\", 'x') }",
    'hadoop' => "hadoop_job_run('i', 'import', 'x.sh') do\nboot_jobs('a')\nhadoop_job('a', :to => 'b')\nhadoop_job('b')\nend",
    'ruby_job' => "ruby_job('a', :to => 'b') { puts 1 }\nruby_job('b', :conductor => lambda { |job| job.run }) { puts 2 }",
    'every option' => "jobnet('i', :to => 'j', :server_name => 's', :credential_name => 'c', :auto_sequence => true, :killing_signals => ['KILL'], " \
                      ":killing_signal_interval => 5, :caption => 'i') do\njob('a', 'x', :preparation => proc { '' }, :instance_name => 's')\nend\njob('j', 'x')"
  }.freeze

  REFUSED.each do |name, (body, error, message)|
    define_method("test_refuses_#{name}") do
      result = load_one(format(JOBNET, body))
      refute(result['ok'], 'it was taken')
      assert_equal(error, result['class'])
      assert_match(message, result['message'])
      assert_match(/\Aa\.rb:\d+\z/, result['at'] || result['message'][/ at (a\.rb:\d+)/, 1])
    end
  end

  DOUBTED.each do |code, body|
    define_method("test_doubts_#{code}") do
      body += "\njob('late', 'x')" if code == 'finally-not-last'
      result = load_one(format(JOBNET, body))
      assert(result['ok'], result.inspect)
      assert_includes(result['doubts'].map { |doubt| doubt['code'] }, code)
      refute(load_one(format(JOBNET, body), '--refuse-doubts')['ok'])
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

  def test_expansions_may_go_forward_and_over_files_but_not_in_a_circle
    write('dsl/a.rb' => "require 'tengine_job'\njobnet('a') do\nexpansion('b')\nend\n",
          'dsl/b.rb' => "jobnet('b') do\njob('x', 'x')\nend\n")
    assert(load_path('dsl')['ok'])
    write('dsl/b.rb' => "jobnet('b') do\nfinally do\nexpansion('a')\nend\njob('x', 'x')\nend\n")
    assert_match(/circular dependency found in expansions: [ab] -> [ab]/, load_path('dsl')['message'])
  end

  def test_dictionaries
    write('dsl/a.rb' => format(JOBNET, "job('a', 'x')"), 'dsl/dictionary.yml' => "a.rb: A\ngone.rb: B\n")
    assert_equal(['dictionary-unknown-name'], load_path('dsl')['doubts'].map { |doubt| doubt['code'] })
    write('dsl/dictionary.yml' => "a.rb: [\n")
    assert_equal('Psych::SyntaxError', load_path('dsl')['class'])
  end

  def test_drivers
    assert(load_one("driver :d, :enabled_on_activation => false do\non :a do\nfire :b\nend\non(:b & :c) {}\non(:e.at('s')) {}\non :f\ndef f(event)\nend\nend\n")['ok'])
    assert_equal('NoMethodError', load_one("driver :d do\nonn :a do\nend\nend\n")['class'])
    assert_equal('NameError', load_one("driver :'1d' do\nend\n")['class'])
    assert_equal('Tengine::Core::DslError', load_one("session\n")['class'])
  end

  def test_plain_ruby_over_files
    write('dsl/a.rb' => "require_relative 'helpers/b'\nrequire 'tengine_job'\njobnet('x') do\nsteps { |n| job(n, 'x') }\nend\n",
          'dsl/helpers/b.rb' => "def steps\n%w[a b].each { |n| yield n }\nend\n")
    result = load_path('dsl')
    assert(result['ok'], result.inspect)
    assert_match(/drivers=0 jobnets=1/, result['summary'])
  end

  def test_japanese_names_without_a_locale
    write('定義/夜間.rb' => "# 請求\nrequire 'tengine_job'\njobnet('夜間バッチ', '夜間') do\njob('抽出', 'x')\njob('抽出', 'x')\nend\n", '定義/dictionary.yml' => "無い.rb: 無\n")
    out, err, = command('tengine_load_only', '--json', path('定義'), env: { 'LC_ALL' => 'C', 'LANG' => nil })
    result = JSON.parse(out)
    assert_match(/抽出 is duplicated/, result['message'], err)
    assert_equal('夜間.rb:5', result['at'])
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
    write('a.rb' => format(JOBNET, "job('a', 'x', :hoge => 1)"))
    _out, err, status = command('tengined', '-k', 'load', '--dry-run', '-T', path('a.rb'))
    assert_equal(1, status.exitstatus)
    assert_match(/hoge is invalid option.*at a\.rb:3 \(Tengine::Job::DslError\)/, err)
    assert_match(%r{from #{path('a.rb')}:3:in }, err)
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
