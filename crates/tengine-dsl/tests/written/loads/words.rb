# Tengine's own words in ways that are right.

#== names that are spread
NAMES = %w[a b]
jobnet("n") { boot_jobs(*NAMES); NAMES.each { |n| job n, "x" } }

#== names of a frozen list
NAMES = %w[a b].freeze
jobnet("n") { boot_jobs(*NAMES.first(1)); job NAMES[0], "x", :to => NAMES.drop(1); job NAMES[1], "x" }

#== :to in every form
jobnet("n") { boot_jobs "a"; job "a", "x", :to => "b"; job "b", "x", to: ["c", "d"]; job "c", "x", { :to => nil }; job "d", "x", :to => [] }

#== :to out of a variable that grows
jobnet("n") do
  boot_jobs "j0"
  nexts = (1..3).map { |i| "j#{i}" }
  job "j0", "x", :to => nexts
  nexts.each { |n| job n, "x", :to => "end_of" }
  job "end_of", "x"
end

#== jobnets in jobnets
jobnet("n", "d", :server_name => "s", :credential_name => "c") do
  boot_jobs "m"
  jobnet("m", :to => "o") { auto_sequence; job "a", "x"; jobnet("deep") { job "a", "x" } }
  jobnet("o") { job "a", "x" }
  finally { job "clean", "x" }
end

#== finally in a jobnet of its own
jobnet("n") { boot_jobs "m"; jobnet("m") { job "a", "x"; finally { auto_sequence; job "f1", "x"; job "f2", "x" } } }

#== an expansion
jobnet("part") { job "a", "x" }
jobnet("n") { boot_jobs "part"; expansion "part", :to => "b"; job "b", "x" }

#== an expansion of what comes later
jobnet("n") { auto_sequence; expansion "part"; job "b", "x" }
jobnet("part") { job "a", "x" }

#== hadoop
jobnet("n") { boot_jobs "h"; hadoop_job_run("h", "hadoop", "h.sh") { hadoop_job("m"); hadoop_job("r") } }

#== a job with a description only
jobnet("n", "description") { job "a", "description of a", "x", :to => "b"; job "b", "description of b", "y"; boot_jobs "a" }

#== conductors and options that are read
jobnet("n", :server_name => "s1", :credential_name => "c1", :killing_signals => ["KILL"], :killing_signal_interval => 5) { job "a", "x", :killing_signals => %w[TERM KILL], :killing_signal_interval => 3, :server_name => :s2.to_s }

#== names that look odd
jobnet("夜間-バッチ_01") { auto_sequence; job "a b", "x"; job "a.b", "x"; job "a/b", "x"; job "1", "x"; job "é", "x"; job "a:b", "x"; job "?", "x"; job "end_", "x"; job "start_", "x" }

#== symbols for names of jobs
jobnet(:n) { auto_sequence; job :a, "x"; job :b, "x" }

#== numbers for names of jobs
jobnet("n") { auto_sequence; job 1, "x"; job 2, "x" } rescue jobnet("m") { job "a", "x" }

#== drivers
driver(:invoices) do
  on(:paid) { puts event.key }
  on :sent, :cancelled do
    fire :done, :source_name => event.source_name, :properties => { :a => 1 }
  end
  on(:late) { |event| event.properties.each { |k, v| puts k }; ack? }
  on(:sess) { session.update(:n => session[:n].to_i + 1); submit }
end

#== a driver with filters
driver "filtered" do
  on(:a.and(:b)) { submit } rescue nil
  on(:c & :d) { submit } rescue nil
end

#== a driver with helpers
def notify(e) puts e end
driver :helped do
  on(:a) { notify(event) }
end

#== drivers in a loop
%w[a b].each { |n| driver("d_#{n}") { on("#{n}_done".to_sym) { puts n } } }

#== a driver with a version
driver :versioned, :version => "1", :enabled_on_activation => false do
  on(:a) { }
end

#== a driver as a class
class Collector
  include Tengine::Core::Driveable
  on :collected
  def collected() puts event.key end
end

#== ack policies
ack_policy :at_first, :paid
ack_policy :after_all_handler_submit, :sent
driver(:d) { on(:paid) { }; on(:sent) { submit } }

#== setup_eventmachine
setup_eventmachine { EM.add_periodic_timer(60) { fire :tick } }
driver(:d) { on(:tick) { } }

#== dsl_version
V = dsl_version
jobnet("n") { job "a", "x", :description => dsl_version.to_s }

#== config
jobnet("n") { job "a", config.respond_to?(:dsl_version) ? "x" : "y" } rescue jobnet("m") { job "a", "x" }

#== jobnets and drivers beside each other
jobnet("n") { job "a", "x" }
driver(:d) { on(:"finished.process.job.tengine") { puts event.key } }

#== jobnets out of a table
TABLE = { "n1" => %w[a b], "n2" => %w[c] }
TABLE.each { |name, steps| jobnet(name, "desc of #{name}") { auto_sequence; steps.each { |s| job s, "#{s}.sh" } } }

#== two jobnets of one name under different parents
jobnet("n") { auto_sequence; jobnet("x") { job "a", "y" }; jobnet("y") { jobnet("x") { job "a", "y" } } }

#== a jobnet only when asked for
if ENV["WITH_MONTHLY"]
  jobnet("monthly") { boot_jobs "nope"; job "a", "x" }
end
jobnet("n") { job "a", "x" }

#== a word inside of a condition
jobnet("n") { (job "a", "x") && (job "b", "x"); job("c", "x") or raise "no"; raise "never" unless job("d", "x") }

#== what a word returns
jobnet("n") { j = job("a", "x"); k = [job("b", "x"), job("c", "x")]; job k.size.to_s, "x"; job j.name + "2", "x" }

#== what jobnet returns
n = jobnet("n") { job "a", "x" }
puts n.name
jobnet(n.name + "2") { job "a", "x" }

#== boot_jobs twice is the last
jobnet("n") { boot_jobs "a"; boot_jobs "b"; job "a", "x"; job "b", "x" } rescue jobnet("m") { job "a", "x" }

#== with_options by hand
jobnet("n") { o = { :server_name => "s" }; auto_sequence; %w[a b].each { |n| job n, "x", o.dup }; job "c", "x", o.merge(:description => "d") }

#== options that are shared by all
O = { :server_name => "s", :credential_name => "c" }
jobnet("n", O.dup) { auto_sequence; job "a", "x", O.merge(:description => "d"); job "b", "x", **O; job "c", "x", O.dup.tap { |o| o[:description] = "e" } }

#== a heredoc with a script of ruby
jobnet("n") { job "a", <<~RB }
  ruby -e 'jobnet("x") { job :y, ssh_job }'
RB
jobnet("m") { job "b", "ruby_job ssh_job conductor" }

#== many lines
jobnet "n" do auto_sequence
  job "a",
    "x",
    :server_name => "s"   # the first
  job("b",
    "x")                  # the second
  # job("b", "x")
end

#== a driver's class that is opened again
class Collector
  include Tengine::Core::Driveable
end
class Collector
  on :collected
  def collected() puts 1 end
end

#== a driver's class from outside
class Collector; end
Collector.include Tengine::Core::Driveable
class Collector
  on :collected
  def collected() puts 1 end
end

#== a driver's class in a block
class Collector
  tap { include Tengine::Core::Driveable }
  on :collected
  def collected() puts 1 end
end

#== boot_jobs and auto_sequence outside of a jobnet
boot_jobs "a"
auto_sequence
jobnet("n") { job "a", "x" }

#== a hash for a name
jobnet("n") { job :a => "b" }
