# frozen_string_literal: true

require_relative 'helper'

# Definitions with what the loader of Tengine 1.2.2 itself made of them, on Ruby 3.1: taken or refused, and with which exception.
class VerdictsTest < CoreTest
  FOLDER = File.expand_path('../../../crates/tengine-dsl/tests/verdicts', __dir__)

  # Where the stand-in is known to say otherwise, and why.
  TAKEN_HERE = {
    'require_tengine_job_sub' => 'its library has a file of this name',
    'v_helper_named_load' => 'a helper called `load` is not met by the way it loads files'
  }.freeze
  # Refused in other words: a driver that takes the name of one of Ruby's own constants breaks the original here and there.
  OTHER_CLASS = %w[d_encoding d_file d_hash d_object require_tengine_only].freeze

  Verdict = Struct.new(:name, :word, :error)

  def test_every_verdict_is_the_originals
    verdicts = File.readlines(File.join(FOLDER, 'verdicts.tsv'), encoding: 'UTF-8').drop(1).map { |line| Verdict.new(*line.chomp.split("\t", -1).first(3)) }
    assert_operator(verdicts.length, :>, 600)
    out, err, = command('tengine_load_only', '--json', *verdicts.map { |verdict| File.join(FOLDER, 'cases', verdict.name) })
    results = out.lines.map { |line| JSON.parse(line) }
    assert_equal(verdicts.length, results.length, err)
    wrong = verdicts.zip(results).filter_map do |verdict, result|
      "#{verdict.name} is #{verdict.word} #{verdict.error}: #{result}" unless same?(verdict, result) ^ TAKEN_HERE.key?(verdict.name)
    end
    assert_empty(wrong)
  end

  private

  def same?(verdict, result)
    return result['ok'] if verdict.word == 'loads'

    !result['ok'] && (result['class'] == verdict.error || OTHER_CLASS.include?(verdict.name))
  end
end
