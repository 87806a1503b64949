# frozen_string_literal: true

require 'minitest/autorun'
require 'fileutils'
require 'json'
require 'open3'
require 'timeout'
require 'tmpdir'

ROOT = File.expand_path('..', __dir__)
$LOAD_PATH.unshift(File.join(ROOT, 'lib'))
require 'tengine/core'

# A folder for each test, gone afterwards, and the commands of the stand-in.
class CoreTest < Minitest::Test
  PATIENCE = Float(ENV.fetch('TENGINE_CORE_TEST_PATIENCE', '60'))

  def setup
    @folder = File.realpath(Dir.mktmpdir('tengine-core-test'))
  end

  def teardown
    FileUtils.rm_rf(@folder)
  end

  # Writes files below the test's folder: `{ "dsl/a.rb" => "..." }`.
  def write(files)
    files.each do |name, text|
      path = File.join(@folder, name)
      FileUtils.mkdir_p(File.dirname(path))
      File.write(path, text)
    end
  end

  def path(name) = File.join(@folder, name)

  def command(name, *arguments, env: {})
    Open3.capture3(env, File.join(ROOT, 'bin', name), *arguments, chdir: @folder)
  end

  def wait_until(what, seconds = PATIENCE)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    until (result = yield)
      flunk("still waiting after #{seconds} s: #{what.respond_to?(:call) ? what.call : what}") if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
      sleep 0.05
    end
    result
  end
end
