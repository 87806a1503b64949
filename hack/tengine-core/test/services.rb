# frozen_string_literal: true

require 'bunny'
require 'pg'
require 'socket'

# The broker and the database that the tests use: those of the local cluster if its environment is set, otherwise their
# own, started here on free ports of 127.0.0.1 and stopped at the end; nothing if the programs are not installed.
module Services
  Place = Struct.new(:amqp_host, :amqp_port, :amqp_api, :amqp_user, :amqp_password, :pg_host, :pg_port, :pg_user, :pg_password)
  STARTED = []
  LOCK = Mutex.new

  class << self
    def place
      LOCK.synchronize { defined?(@place) ? @place : @place = found }
    end

    def why_not = 'no broker and database: neither TENGINE_AMQP_HOST and TENGINE_PG_HOST are set nor are rabbitmq-server and postgres installed'

    def stop
      STARTED.reverse_each(&:call)
      STARTED.clear
    end

    private

    def found
      from_environment || own
    rescue StandardError => e
      warn "the tests' own broker and database did not start: #{e.class}: #{e.message}"
      nil
    end

    def from_environment
      return unless ENV['TENGINE_AMQP_HOST'] && ENV['TENGINE_PG_HOST']

      Place.new(ENV['TENGINE_AMQP_HOST'], Integer(ENV.fetch('TENGINE_AMQP_PORT', '5672')), ENV['TENGINE_AMQP_API'], ENV.fetch('TENGINE_AMQP_ADMIN', 'guest'),
                ENV.fetch('TENGINE_AMQP_PASSWORD', 'guest'), ENV['TENGINE_PG_HOST'], Integer(ENV.fetch('TENGINE_PG_PORT', '5432')),
                ENV.fetch('TENGINE_PG_ADMIN', 'postgres'), ENV.fetch('TENGINE_PG_PASSWORD', ''))
    end

    def own
      postgres = Dir.glob('/usr/lib/postgresql/*/bin').max
      rabbitmq = '/usr/lib/rabbitmq/bin/rabbitmq-server'
      return unless postgres && File.exist?(rabbitmq) && Process.uid.zero?

      folder = Dir.mktmpdir('tengine-core-services')
      File.chmod(0o755, folder)
      STARTED << -> { FileUtils.rm_rf(folder) }
      pg_port = start_postgres(postgres, File.join(folder, 'pg'))
      amqp_port, api_port = start_rabbitmq(rabbitmq, File.join(folder, 'mq'))
      Place.new('127.0.0.1', amqp_port, "http://127.0.0.1:#{api_port}", 'guest', 'guest', '127.0.0.1', pg_port, 'postgres', '')
    end

    def start_postgres(bin, folder)
      port, = ports(1)
      FileUtils.mkdir_p(folder)
      FileUtils.chown('postgres', nil, folder)
      as('postgres', {}, "#{bin}/initdb", '-D', "#{folder}/data", '-U', 'postgres', '-A', 'trust', '--no-sync', out: File::NULL)
      start('postgres', {}, folder, :INT, "#{bin}/postgres", '-D', "#{folder}/data", '-p', port.to_s, '-c', 'listen_addresses=127.0.0.1',
            '-c', "unix_socket_directories=#{folder}", '-c', 'fsync=off')
      patiently { PG.connect(host: '127.0.0.1', port: port, user: 'postgres', dbname: 'postgres').close }
      port
    end

    def start_rabbitmq(server, folder)
      amqp, dist, epmd, api = ports(4)
      FileUtils.mkdir_p(folder)
      File.write("#{folder}/rabbitmq.conf", "listeners.tcp.1 = 127.0.0.1:#{amqp}\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = #{api}\n")
      File.write("#{folder}/plugins", "[rabbitmq_management].\n")
      FileUtils.chown_R('rabbitmq', nil, folder)
      environment = { 'HOME' => folder, 'RABBITMQ_NODENAME' => "core#{amqp}@localhost", 'RABBITMQ_MNESIA_BASE' => "#{folder}/mnesia",
                      'RABBITMQ_LOG_BASE' => "#{folder}/log", 'RABBITMQ_CONFIG_FILE' => "#{folder}/rabbitmq.conf",
                      'RABBITMQ_ENABLED_PLUGINS_FILE' => "#{folder}/plugins", 'RABBITMQ_DIST_PORT' => dist.to_s,
                      'ERL_EPMD_PORT' => epmd.to_s, 'ERL_EPMD_ADDRESS' => '127.0.0.1' }
      epmd_pid = start('rabbitmq', environment, folder, :TERM, 'epmd')
      start('rabbitmq', environment, folder, :TERM, server)
      patiently { Bunny.new(host: '127.0.0.1', port: amqp, logger: Logger.new(File::NULL), recover_from_connection_close: false).start.close }
      epmd_pid && [amqp, api]
    end

    def start(user, environment, folder, signal, *arguments)
      pid = spawn(environment, 'setpriv', "--reuid=#{user}", "--regid=#{user}", '--init-groups', *arguments,
                  chdir: folder, out: File.join(folder, 'out.log'), err: %i[child out], pgroup: true)
      STARTED << lambda do
        Process.kill(signal, -pid)
        Process.wait(pid)
      end
      pid
    end

    def as(user, environment, *arguments, **options)
      system(environment, 'setpriv', "--reuid=#{user}", "--regid=#{user}", '--init-groups', *arguments, exception: true, chdir: '/', **options)
    end

    def ports(count)
      servers = Array.new(count) { TCPServer.new('127.0.0.1', 0) }
      servers.map { |server| server.addr[1] }.tap { servers.each(&:close) }
    end

    def patiently
      deadline = Time.now + 180
      begin
        yield
      rescue StandardError
        raise if Time.now > deadline

        sleep 0.3
        retry
      end
    end
  end
end
Minitest.after_run { Services.stop }
