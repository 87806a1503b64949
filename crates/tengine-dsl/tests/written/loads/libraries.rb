# Helpers out of Ruby's libraries.

#== yaml
require 'yaml'
CONF = YAML.load(<<Y)
steps:
  - name: a
    to: [b]
  - name: b
Y
jobnet("n") { boot_jobs "a"; CONF["steps"].each { |s| job s["name"], "x", :to => s["to"] } }

#== yaml of the folder
require 'yaml'
CONF = YAML.load_file(File.expand_path("../steps.yml", __FILE__))
jobnet("n") { auto_sequence; CONF.each { |s| job s, "x" } }
#-- steps.yml
- a
- b

#== yaml with aliases and symbols
require 'yaml'
CONF = YAML.safe_load("a: &x {k: 1}\nb: *x\nc: :d\n", permitted_classes: [Symbol], aliases: true)
jobnet("n") { auto_sequence; CONF.each { |k, v| job k, v.to_yaml.strip } }

#== erb
require 'erb'
def script(name) ERB.new("echo <%= name %><% 2.times do |i| %> <%= i %><% end %>", trim_mode: "-").result(binding) end
jobnet("n") { job "a", script("a"); job "b", ERB.new("<%= n %>").result_with_hash(n: "b") }

#== csv
require 'csv'
ROWS = CSV.parse("name,script\na,x\nb,y\n", headers: true)
jobnet("n") { auto_sequence; ROWS.each { |r| job r["name"], r["script"] }; CSV.parse_line("c;z", col_sep: ";").tap { |n, s| job n, s }; job ["d", "e"].to_csv.strip, "x"; job "f,g".parse_csv.last, "x" }

#== csv of the folder
require 'csv'
jobnet("n") { auto_sequence; CSV.foreach(File.join(__dir__, "steps.csv"), headers: true, header_converters: :symbol) { |r| job r[:name], r[:script] } }
#-- steps.csv
name,script
a,x
b,y

#== csv table and generate
require 'csv'
t = CSV.table(StringIO.new("a\n1\n").tap { }.string.then { |s| File.write("/tmp/tengine-dsl-t.csv", s); "/tmp/tengine-dsl-t.csv" })
s = CSV.generate { |c| c << %w[p q] }
jobnet("n") { job "j#{t[:a].first}", "x"; job s.strip, "x"; job CSV("a,b").class.name, "x" }

#== json
require 'json'
CONF = JSON.parse('{"steps":[{"name":"a","to":["b"]},{"name":"b"}]}', symbolize_names: true)
jobnet("n") { boot_jobs "a"; CONF[:steps].each { |s| job s[:name], s.to_json, :to => s[:to] }; job JSON.generate([1]), "x"; job JSON.pretty_generate({}), "x"; job({ a: 1 }.to_json, "x"); job JSON([1]).to_s, "x" }

#== set
require 'set'
S = Set.new(%w[a b a])
S << "c"
S.add?("c")
T = %w[b c].to_set
jobnet("n") { auto_sequence; (S & T).sort.each { |n| job n, "x" }; (S - T).each { |n| job n + "1", "x" }; (S | T).map { |n| n + "2" }.each { |n| job n, "x" }; job "sub", "x" if T.subset?(S) && S.superset?(T) && S === "a" && !S.disjoint?(T); S.group_by(&:size).each { |k, v| job "g#{k}", "x" }; S.each_slice(2) { |p| job p.join, "x" } }

#== shellwords
require 'shellwords'
jobnet("n") { job "a", ["echo", "a b"].shelljoin; job "b", "echo #{"it's".shellescape}"; job "echo c".shellsplit.last, Shellwords.escape("x y"); job Shellwords.split("d e").first, Shellwords.join(%w[x]) }

#== fileutils and tmpdir
require 'fileutils'
require 'tmpdir'
NAMES = Dir.mktmpdir { |d| FileUtils.mkdir_p(File.join(d, "x/y")); FileUtils.touch(Dir["#{d}/x"].map { |p| p + "/z" }); FileUtils.cd(d) { Dir.glob("**/*").sort.map { |p| p.tr("/", "_") } } }
jobnet("n") { auto_sequence; NAMES.each { |n| job n, "x" } }

#== include FileUtils
require 'fileutils'
include FileUtils
mkdir_p "/tmp/tengine-dsl-written"
touch "/tmp/tengine-dsl-written/a"
rm_rf "/tmp/tengine-dsl-written"
jobnet("n") { job pwd.empty? ? "b" : "a", "x" }

#== pathname
require 'pathname'
HERE = Pathname.new(__FILE__).dirname
jobnet("n") { auto_sequence; (HERE + "steps").children.sort.each { |p| job p.basename(".*").to_s, p.extname }; job Pathname("a/b").each_filename.to_a.join("-"), "x"; job HERE.join("steps", "p.txt").read.strip, "x"; job "r", HERE.relative_path_from(HERE.parent).to_s; job "g#{Pathname.glob(HERE + "steps/*").size}", "x" }
#-- steps/p.txt
contents
#-- steps/q.txt
more

#== files and folders
jobnet("n") { auto_sequence; Dir[File.join(File.dirname(__FILE__), "sql", "*.sql")].sort.each { |f| job File.basename(f, ".sql"), "psql -f #{f}" }; File.readlines("#{__dir__}/list.txt", chomp: true).each { |l| job l, "x" }; File.open("#{__dir__}/list.txt") { |f| f.each_line { |l| job l.chomp + "2", "x" } }; job File.read("#{__dir__}/list.txt").split.join, "x"; IO.foreach("#{__dir__}/list.txt").first(1).each { |l| job l.strip + "3", "x" }; job "e", "x" if File.exist?(__FILE__) && File.file?(__FILE__) && !File.directory?(__FILE__); Dir.children("#{__dir__}/sql").each { |c| job c, "x" }; Dir.each_child("#{__dir__}/sql") { |c| job c + "2", "x" }; job Dir.entries("#{__dir__}/sql").size.to_s, File.stat(__FILE__).size.to_s }
#-- sql/load.sql
select 1
#-- list.txt
a
b

#== a glob that requires
Dir[File.expand_path("lib/*.rb", __dir__)].sort.each { |f| require f }
jobnet("n") { helper_step "a" }
#-- lib/helper.rb
def helper_step(n) job n, "x" end

#== $LOAD_PATH
$LOAD_PATH.unshift(File.expand_path("lib", __dir__))
require 'mine/helper'
jobnet("n") { helper_step "a" }
#-- lib/mine/helper.rb
def helper_step(n) job n, "x" end

#== autoload
autoload :Mine, File.expand_path("lib/mine.rb", __dir__)
jobnet("n") { job Mine::NAME, "x" }
#-- lib/mine.rb
module Mine; NAME = "a"; end

#== autoload of a module
module Company
  autoload :Steps, "#{__dir__}/lib/steps.rb"
end
jobnet("n") { job Company::Steps::NAME, "x" }
#-- lib/steps.rb
module Company; module Steps; NAME = "a"; end; end

#== load and eval of a fragment
jobnet("n") { instance_eval(File.read("#{__dir__}/part.txt")); eval("job 'b', 'x'") }
#-- part.txt
job "a", "x"

#== optparse
require 'optparse'
o = {}
OptionParser.new { |p| p.on("-n", "--name NAME") { |v| o[:name] = v } }.parse!(%w[-n a])
jobnet("n") { job o[:name], "x" }

#== logger and stringio
require 'logger'
require 'stringio'
OUT = StringIO.new
LOG = Logger.new(OUT)
LOG.formatter = proc { |s, t, p, m| "#{m}\n" }
LOG.info("a")
jobnet("n") { OUT.string.each_line { |l| job l.chomp, "x" } }

#== strscan
require 'strscan'
sc = StringScanner.new("a=1;b=2")
names = []
until sc.eos?
  sc.scan(/(\w)=(\d);?/)
  names << sc[1] + sc[2]
end
jobnet("n") { auto_sequence; names.each { |n| job n, "x" } }

#== digest, base64, securerandom
require 'digest/md5'
require 'digest'
require 'base64'
require 'securerandom'
jobnet("n") { job Digest::MD5.hexdigest("a"), "x"; job Digest::SHA256.hexdigest("b")[0, 8], "x"; job Base64.strict_encode64("c"), "x"; job "r#{SecureRandom.hex(2).size}", "x"; job Digest::SHA1.new.update("x").hexdigest[0, 4], "x" }

#== bigdecimal
require 'bigdecimal'
require 'bigdecimal/util'
jobnet("n") { job (BigDecimal("1.1") + 1).to_s("F"), "x"; job "1.5".to_d.to_i.to_s, "x"; job 3.to_d.class.name, "x" }

#== benchmark and timeout
require 'benchmark'
require 'timeout'
t = Benchmark.realtime { 1 + 1 }
r = Timeout.timeout(5) { "a" }
jobnet("n") { job r, "x" if t < 60 }

#== uri and net/http
require 'uri'
require 'net/http'
u = URI.parse("http://h.example/a?b=c")
jobnet("n") { job u.host, u.path; job URI("http://i.example").host, "x"; job URI.join("http://x.example/", "y").path[1..], "x"; job URI.encode_www_form(a: 1), "x"; job Net::HTTP::Get.name.split("::").last, "x"; job URI.decode_www_form_component("d%20e"), "x"; job URI::HTTP.build(host: "j").host, "x" }

#== socket and etc
require 'socket'
require 'etc'
jobnet("n") { job Socket.gethostname[0] ? "h" : "i", "x"; job Etc.getpwuid ? "u" : "v", "x"; job Etc.nprocessors > 0 ? "c" : "d", "x" }

#== open3 and backticks
require 'open3'
o, s = Open3.capture2("echo a")
jobnet("n") { job o.strip, "x" if s.success?; job `echo b`.chomp, "x"; job $?.exitstatus.to_s, "x"; system("true") && job("c", "x"); IO.popen("echo d") { |p| job p.read.strip, "x" } }

#== monitor, mutex and threads
require 'monitor'
require 'thread'
M = Monitor.new
Q = Queue.new
r = []
[1, 2].map { |i| Thread.new { M.synchronize { r << "j#{i}" }; Q << i } }.each(&:join)
Mutex.new.synchronize { r << "m" }
jobnet("n") { auto_sequence; r.sort.each { |n| job n, "x" }; job "q#{Q.size}", "x" }

#== tsort
require 'tsort'
class Deps < Hash
  include TSort
  alias tsort_each_node each_key
  def tsort_each_child(n, &b) fetch(n).each(&b) end
end
d = Deps.new
d["b"] = ["a"]
d["a"] = []
jobnet("n") { auto_sequence; d.tsort.each { |n| job n, "x" } }

#== observer, weakref, pstore, tempfile, find
require 'observer'
require 'weakref'
require 'pstore'
require 'tempfile'
require 'find'
class Bell
  include Observable
  def ring() changed; notify_observers("a") end
end
class Ear; attr_reader :heard; def update(x) @heard = x end; end
b, e = Bell.new, Ear.new
b.add_observer(e)
b.ring
f = Tempfile.create("x") { |t| t.write("q"); t.flush; File.read(t.path) }
jobnet("n") { job e.heard, "x"; job f, "x"; job WeakRef.new("w").to_s, "x"; Find.find(__dir__) { |p| job File.basename(p) + "-found", "x" if p.end_with?(".rb") } }

#== prime, matrix, abbrev
require 'prime'
require 'matrix'
require 'abbrev'
jobnet("n") { Prime.first(2).each { |q| job "p#{q}", "x" }; job "m#{Matrix[[1, 2], [3, 4]].determinant}", "x"; job "a#{%w[car cat].abbrev.size}", "x"; job "x#{7.prime?}", "x"; job "f#{12.prime_division.size}", "x"; job "v#{Vector[1, 2].inner_product(Vector[1, 1])}", "x" }

#== English and pp
require 'English'
require 'pp'
"a b" =~ /(\w) (\w)/
jobnet("n") { job $LAST_MATCH_INFO[1], "x"; job $PROGRAM_NAME ? "p" : "q", "x"; job [1].pretty_inspect.strip, "x" }

#== rexml
require 'rexml/document'
d = REXML::Document.new("<s><j n='a'/><j n='b'/></s>")
jobnet("n") { auto_sequence; d.elements.each("s/j") { |e| job e.attributes["n"], "x" } }

#== zlib, openssl, ipaddr
require 'zlib'
require 'openssl'
require 'ipaddr'
jobnet("n") { job Zlib.crc32("a").to_s, "x"; job OpenSSL::Digest.new("SHA256").hexdigest("a")[0, 4], "x"; IPAddr.new("10.0.0.0/30").to_range.each { |i| job i.to_s, "x" } }

#== rbconfig and io/console
require 'rbconfig'
require 'io/console'
jobnet("n") { job RbConfig::CONFIG["host_os"], "x"; job IO.console ? "c" : "d", "x" }

#== psych and cgi
require 'psych'
require 'cgi'
jobnet("n") { job Psych.load("[a]").first, "x"; job CGI.escape("a b"), CGI.escapeHTML("<") }

#== a library that may be missing
begin
  require 'no_such_library'
rescue LoadError
  HAVE = false
else
  HAVE = true
end
jobnet("n") { job HAVE ? "a" : "b", "x" }

#== a gem that may be missing
begin
  gem 'no_such_gem'
  require 'no_such_gem'
rescue LoadError, Gem::LoadError => e
  NAME = e.class.name
end
jobnet("n") { job NAME, "x" }

#== readline of lines without files
jobnet("n") { %w[a b].each_entry { |n| job n, "x" }; ObjectSpace.garbage_collect; job [3, 1].sort!.first.to_s, "x" }

#== marshal
copy = Marshal.load(Marshal.dump({ :a => ["x"] }))
jobnet("n") { job copy[:a][0], "x" }

#== ractor, fiber and process
f = Fiber.new { Fiber.yield "a"; "b" }
jobnet("n") { job f.resume, "x"; job f.resume, "x"; pid = fork { exit!(0) }; Process.wait(pid); job "w", "x" }

#== Comparable clamp and Kernel functions
jobnet("n") { job Integer("12", 8).to_s, "x"; job Float("1e3").to_i.to_s + "f", "x"; job String(5), "x"; job Array(nil).size.to_s + "n", "x"; Array(1..2).each { |i| job "a#{i}", "x" }; Hash([]).each { |k, v| job k.to_s, "x" }; job Rational("1/2").to_s, "x"; job (Integer("z", exception: false) || "i").to_s, "x"; job Array({ a: 1 }).flatten.join, "x"; job Array("s").first, "x" }
