# frozen_string_literal: true

require_relative 'running'

# Which events are handled, by whom, and when they are acknowledged.
class EventsTest < RunningTest
  def core_with(driver, *arguments)
    version('v1')
    write('dsl/d.rb' => driver)
    start_running(*arguments)
  end

  def test_a_handler_reads_the_event_fires_and_keeps_a_session
    core = core_with(<<~'RUBY')
      driver :counter do
        on :count do
          session.update { |h| h["n"] = h["n"].to_i + event[:by] }
          puts "n=#{session[:n]} from #{event.source_name} at #{event.level}"
          fire :counted, :properties => { :n => session[:n] }
        end
        on(:counted) { |e| puts "counted #{e.properties["n"]}" }
      end
    RUBY
    2.times { fire('count', '--properties', '{"by": 3}', '--source', 'here', '--level', 'warn') }
    wait_for(core, /n=3 from here at 3.*n=6 from here at 3.*counted 6/m)
    assert_equal([{ 'confirmed' => 'f' }], query("SELECT DISTINCT confirmed FROM events WHERE event_type_name = 'count'"))
  end

  def test_a_duplicate_key_is_not_handled_twice
    core = core_with("driver :d do\non(:a) { puts 'once' }\nend\n")
    2.times { fire('a', '--key', 'same') }
    wait_for(core, /dropped event=a key=same reason=duplicate dsl_version=v1/)
    assert_equal(1, core.output.scan(/handled event=a/).length)
    wait_for(core, /event=a\.failed\.tengined/)
    assert_equal(0, queue_depth)
  end

  def test_an_event_without_handler_is_acknowledged_and_dropped
    core = core_with("driver :d do\nend\n")
    key = fire('nobody')
    wait_for(core, /dropped event=nobody key=#{key} reason=no_handler dsl_version=v1/)
    stop(core)
    assert_equal(0, queue_depth - finished_events)
  end

  def test_what_is_no_event_is_dropped
    core = core_with("driver :d do\non(:a) {}\nend\n")
    publish('nonsense', '{"key": "", "event_type_name": "a"}', '{"hoge": 1}')
    fire('a')
    wait_for(core, /handled event=a/)
    assert_equal(2, core.output.scan('failed to parse a message').length)
    assert_equal(0, queue_depth)
  end

  def test_a_json_array_ends_one_core_after_the_other_and_stays
    core = core_with("driver :d do\non(:a) {}\nend\n")
    publish('[1]')
    2.times do
      assert_equal(1, wait_for_end(core).exitstatus)
      assert_match(/undefined method .* for \[1\]:Array \(NoMethodError\)/, core.output)
      refute_match(%r{dsl/d\.rb}, core.output, 'the definition has no part in it')
      wait_until('the message is back') { queue_depth == 1 }
      core = start
    end
  end

  def test_an_event_without_a_type_is_requeued_without_end
    core = core_with("driver :d do\non(:a) {}\nend\n")
    publish('{"key": "k"}')
    wait_until('it comes again') { core.output.scan('without event_type_name').length > 3 }
    assert_equal('running', status_of(core))
  end

  def test_an_exception_in_a_handler_is_reported_and_the_core_lives
    core = core_with("driver :d do\non(:a) { raise 'oh no' }\non(:'a.error.tengined') { puts event['error_message'] }\nend\n")
    fire('a')
    wait_for(core, /failed event=a .* driver=d error=RuntimeError.*\[RuntimeError\] oh no\n.*handled event=a\.error\.tengined/m)
    assert_equal('[RuntimeError] oh no', query("SELECT error FROM handled_events WHERE event_type_name = 'a'").first['error'])
  end

  def test_filters
    core = core_with("driver :d do\non(:a & :b) { puts 'both' }\non(:c.at('server1')) { puts 'here' }\nend\n")
    fire('a')
    wait_for(core, /skipped event=a .*reason=filter/)
    fire('b')
    wait_for(core, /both/)
    fire('c', '--source', 'server2')
    fire('c', '--source', 'server1')
    wait_for(core, /skipped event=c.*here\n/m)
  end

  # What is said before the handler leaves only after it, and by then the key is stored.
  def test_at_first_too_a_kill_in_a_handler_loses_the_event
    core = core_with("driver :d do\non(:a) { puts \"ack=\#{ack?}\"; sleep 30 }\nend\n")
    fire('a')
    wait_for(core, /ack=true/)
    core.kill(:KILL)
    wait_for_end(core)
    wait_until('the event is back') { queue_depth == 1 }
    wait_for(start_running, /dropped event=a key=\S+ reason=duplicate/)
  end

  AFTER = "ack_policy :after_all_handler_submit, :a\ndriver :d do\non(:a) { puts \"ack=\#{ack?}\"; sleep(ENV['SLOW'].to_f); submit if event['submit'] }\nend\n"

  def test_after_all_handler_submit_is_acknowledged_by_submit
    core = core_with(AFTER)
    fire('a', '--properties', '{"submit": true}')
    wait_for(core, /ack=false.*handled event=a/m)
    stop(core)
    assert_equal(0, queue_depth - finished_events)
  end

  def test_without_submit_it_goes_back_and_is_then_a_duplicate
    core = core_with(AFTER)
    fire('a')
    wait_for(core, /handled event=a.*dropped event=a key=\S+ reason=duplicate/m)
    assert_equal(1, core.output.scan(/handled event=a /).length)
  end

  def test_killed_in_the_middle_it_goes_back_to_the_queue_and_is_then_a_duplicate
    version('v1')
    write('dsl/d.rb' => AFTER)
    core = start_running(env: { 'SLOW' => '30' })
    fire('a', '--properties', '{"submit": true}')
    wait_for(core, /ack=false/)
    core.kill(:KILL)
    wait_for_end(core)
    wait_until('the event is back') { queue_depth == 1 }
    other = start_running
    wait_for(other, /dropped event=a key=\S+ reason=duplicate/)
  end

  def test_the_broker_survives_in_the_queue_what_no_core_has_taken
    version('v1')
    write('dsl/d.rb' => "driver :d do\non(:a) {}\nend\n")
    keys = Array.new(3) { fire('a') }
    core = start_running
    keys.each { |key| wait_for(core, /handled event=a key=#{key}/) }
  end

  def test_two_cores_share_the_queue
    core = core_with("driver :d do\non(:a) { sleep 0.2 }\nend\n")
    other = start_running(as: 'other')
    6.times { fire('a') }
    wait_until('six handled') { query('SELECT count(*) AS n FROM handled_events WHERE finished_at IS NOT NULL').first['n'] == '6' }
    assert_equal(%w[other pod], query('SELECT DISTINCT server FROM handled_events ORDER BY 1').map { |row| row['server'] })
    [core, other].each { |one| refute_match(/failed|duplicate/, one.output) }
  end

  private

  def publish(*texts)
    with_channel { |channel| texts.each { |text| channel.exchange("#{@name}_exchange", durable: true).publish(text) } }
  end

  # The last event of a core that ended, which nobody was there to take.
  def finished_events = query("SELECT 1 FROM events WHERE event_type_name = 'finished.process.core.tengine'").empty? ? 1 : 0
end
