# frozen_string_literal: true

require_relative 'helper'
require_relative 'services'

# Tests with a real broker and database: each has a queue, an exchange and a database of its own.
class RunningTest < CoreTest
  # They wait more than they work.
  parallelize_me!

  CONFIG = <<~'ERB'
    process:   { daemon: false, pid_dir: "%{folder}/pids" }
    tengined:  { load_path: "%{folder}/dsl", status_dir: "%{folder}/status", activation_dir: "%{folder}/activations", cache_drivers: true }
    db: { sessions: { default: { database: "%{name}", hosts: ["%{pg_host}:%{pg_port}"], username: "%{pg_user}", password: <%%= ENV["DB_PASSWORD"].to_json %%> } } }
    event_queue:
      connection: { host: "%{amqp_host}", port: %{amqp_port}, user: "%{amqp_user}", pass: <%%= ENV["MQ_PASSWORD"].to_json %%> }
      exchange:   { name: "%{name}_exchange", type: direct, durable: true }
      queue:      { name: "%{name}", durable: true }
    log_common: { output: STDOUT, level: info }
  ERB

  Started = Struct.new(:pid, :log, :status) do
    def output = File.read(log)

    def kill(signal) = Process.kill(signal, pid)
  end

  def setup
    super
    @place = Services.place or skip(Services.why_not)
    @name = "core_test_#{Process.pid}_#{rand(1_000_000)}"
    @started = []
    # As the operator does it; without, nothing is seen of a core before its end.
    write('sync.rb' => "$stdout.sync = true\n")
    @environment = { 'DB_PASSWORD' => @place.pg_password, 'MQ_PASSWORD' => @place.amqp_password, 'RUBYOPT' => "-r#{path('sync.rb')}",
                     'TENGINED_IDLE_STOP_SECONDS' => '0.3' }
    write('tengined.yml.erb' => format(CONFIG, folder: @folder, name: @name, **@place.to_h))
  end

  def teardown
    remove_everything if @place && @name
  ensure
    super
  end

  # Starts a daemon in the background; `as` is its MM_SERVER_NAME.
  def start(*arguments, program: 'tengined', as: 'pod', wrapper: [], env: {})
    log = path("#{program}-#{@started.length}.log")
    pid = spawn(@environment.merge('MM_SERVER_NAME' => as, **env), *wrapper, File.join(ROOT, 'bin', program),
                *(['-f', path('tengined.yml.erb')] unless arguments.include?('-f')), *arguments, out: log, err: %i[child out], chdir: @folder)
    Started.new(pid, log).tap { |started| @started << started }
  end

  def start_running(...)
    start(...).tap { |core| wait_for_status(core, 'running') }
  end

  def tengined(*arguments) = command('tengined', '-f', path('tengined.yml.erb'), *arguments, env: @environment)

  def fire(type, *arguments)
    out, err, status = command('tengine_fire', '-f', path('tengined.yml.erb'), type, *arguments, env: @environment)
    assert(status.success?, err)
    out[/key=(.+)/, 1]
  end

  def status_of(core) = File.exist?(path("status/tengined_#{core.pid}.status")) ? File.read(path("status/tengined_#{core.pid}.status")) : nil

  def wait_for_status(core, word)
    wait_until(-> { "status #{word}, is #{status_of(core).inspect}\n#{core.output}" }) { wanted_while_alive(core) { status_of(core) == word } }
  end

  def wait_for(core, text)
    wait_until(-> { "#{text} in:\n#{core.output}" }) { wanted_while_alive(core) { core.output.match?(text) } }
  end

  def wait_for_end(core)
    wait_until(-> { "the end of #{core.pid}\n#{core.output}" }) { ended(core) }
  end

  # Nothing more is to be expected of a process that was gone before we looked.
  def wanted_while_alive(core)
    gone = ended(core)
    yield || (gone && flunk("#{core.pid} is gone with #{core.status}:\n#{core.output}"))
  end

  def ended(core) = core.status ||= Process.wait(core.pid, Process::WNOHANG) && $?

  def stop(core)
    core.kill(:HUP)
    wait_for_end(core)
  end

  def query(sql, *values)
    connection = PG.connect(database(@name))
    connection.exec_params(sql, values).to_a
  ensure
    connection&.close
  end

  def queue_depth
    with_channel { |channel| channel.queue(@name, durable: true).message_count }
  end

  def version(text, word = 'VERSION') = write("dsl/#{word}" => text)

  private

  def database(name) = { host: @place.pg_host, port: @place.pg_port, user: @place.pg_user, password: @place.pg_password, dbname: name }

  def with_channel
    session = Bunny.new(host: @place.amqp_host, port: @place.amqp_port, user: @place.amqp_user, password: @place.amqp_password,
                        logger: Logger.new(File::NULL)).start
    yield session.create_channel
  ensure
    session&.close
  end

  def remove_everything
    @started.each do |core|
      next if core.status

      core.kill(:KILL)
      Process.wait(core.pid)
    rescue SystemCallError
      nil
    end
    with_channel do |channel|
      channel.queue_delete(@name)
      channel.exchange_delete("#{@name}_exchange")
    end
    connection = PG.connect(database('postgres'))
    connection.exec('SET client_min_messages TO error')
    connection.exec("DROP DATABASE IF EXISTS #{@name} WITH (FORCE)")
    connection.close
  end
end
