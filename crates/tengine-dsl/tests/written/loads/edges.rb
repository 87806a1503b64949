# What is close to a mistake and is none.

#== a private class method is made public
class Foo
  def self.make() "a" end
  private_class_method :make
end
Foo.public_class_method :make
jobnet("n") { job Foo.make, "x" }

#== an instance method that a module gives itself
module Foo
  def make() "a" end
end
Foo.extend(Foo)
jobnet("n") { job Foo.make, "x" }

#== module_function from outside
module Foo
  def make() "a" end
end
Foo.module_eval { module_function :make }
jobnet("n") { job Foo.make, "x" }

#== a class method through its singleton class
class Foo
  def make() "a" end
end
Foo.singleton_class.class_exec { def other() "b" end }
jobnet("n") { job Foo.other, "x" }

#== a constant by its full name
NAMES = %w[a]
module In; NAMES = %w[b]; end
jobnet("n") { auto_sequence; ::NAMES.each { |n| job n, "x" }; Object::NAMES.each { |n| job n + "2", "x" }; In::NAMES.each { |n| job n, "x" } }

#== a constant that is given from outside
module In; end
In::NAME = "a"
In::OTHER ||= "b"
jobnet("n") { job In::NAME, "x"; job In::OTHER, "x" }

#== a constant that rescue gives
begin
  raise "a"
rescue => LAST
end
jobnet("n") { job LAST.message, "x" }

#== a constant that for gives
for EACH in ["a"] do end
jobnet("n") { job EACH, "x" }

#== a constant out of a block that is kept
class Run
  def initialize(&b) @b = b end
  def run() @b.call end
end
r = Run.new { LATE = "a" }
r.run
jobnet("n") { job LATE, "x" }

#== constants by several assignments
A, (B, C) = "a", ["b", "c"]
*D, E = "d", "e"
jobnet("n") { auto_sequence; [A, B, C, *D, E].each { |n| job n, "x" } }

#== a constant that is set only once
NAME = "a" unless defined?(NAME)
NAME ||= "b"
jobnet("n") { job NAME, "x" }

#== a constant in a class of a class
class Outer
  class Inner
    NAME = "a"
    def self.name_of() NAME end
  end
  OTHER = Inner::NAME + "b"
  def self.other() OTHER + Inner.name_of end
end
jobnet("n") { job Outer.other, "x"; job Outer::Inner::NAME, "x" }

#== a constant by inheritance
class Base; NAME = "a"; end
class Sub < Base
  def self.of() NAME end
end
jobnet("n") { job Sub.of, "x"; job Sub::NAME + "2", "x" }

#== a constant in singleton class
class Foo
  class << self
    NAME = "a"
    def of() NAME end
  end
end
jobnet("n") { job Foo.of, "x" }

#== a constant used by a method before it is there
def name_of() NAME end
NAME = "a"
jobnet("n") { job name_of, "x" }

#== a helper that uses a later helper
def first() second end
def second() "a" end
jobnet("n") { job first, "x" }

#== a helper in a later file that is called in a handler
driver(:d) { on(:a) { later_helper(event) } }
#-- z.rb
def later_helper(e) puts e end

#== a constant of a later file in a handler
driver(:d) { on(:a) { puts LATER } }
#-- z.rb
LATER = 1

#== a file that is brought forward
require_relative "z"
jobnet("n") { job LATER, "x"; later "b" }
#-- z.rb
LATER = "a"
def later(n) job n, "x" end

#== a file that is required by its full path
require File.expand_path("../lib/z", __FILE__)
require File.join(File.dirname(__FILE__), "lib", "z.rb")
require_relative "./lib/../lib/z.rb"
load File.expand_path("lib/z.rb", __dir__)
jobnet("n") { job "#{LATER}", "x" }
#-- lib/z.rb
LATER = "a" unless defined?(LATER)

#== a constant that is defined in two files
jobnet("n") { job MODE, "x" }
#-- 0.rb
require 'tengine_job'
MODE = "a"

#== a hash is given for an optional parameter
OPTS = { :a => 1 }
def step(n, o = nil, k: 1) job n + o.size.to_s, "x" end
jobnet("n") { step("a", OPTS); step("b", { :a => 1 }); step("c", OPTS, k: 2) }

#== a hash is given for a rest
OPTS = { :a => 1 }
def step(n, *rest, k: 1) job n + rest.size.to_s, "x" end
jobnet("n") { step("a", OPTS); step("b") }

#== a hash is given where there are keywords, by two stars
OPTS = { :k => 1 }
def step(n, k:) job n + k.to_s, "x" end
jobnet("n") { step("a", **OPTS); step("b", k: 2); step("c", **OPTS, **{}) }

#== a hash literal with braces for a rest of keywords
def step(n, o = {}, **k) job n + o.size.to_s + k.size.to_s, "x" end
jobnet("n") { step("a", { "s" => 1 }); step("b", "s" => 1); step("c", s: 1) }

#== string keys as keywords
def step(n, **k) job n + k.keys.first.to_s, "x" end
jobnet("n") { step("a", "s" => 1, :t => 2) }

#== a proc takes what it gets
make = proc { |a, b, c = "c", *d| "#{a}#{b}#{c}#{d.size}" }
jobnet("n") { job make.call, "x"; job make.call("a"), "x"; job make.call("p", "q", "r", "s"), "x"; job make.call(["u", "v"]), "x" }

#== a method that begins with another of its name
class Foo
  def name() "a" end
end
def name(o = nil) o ? o.name : "b" end
jobnet("n") { job name(Foo.new), "x"; job name, "x" }

#== a method that ends when a block says so
def each_step(&b) catch(:done) { loop { b.call } } end
i = 0
names = []
each_step { i += 1; names << "j#{i}"; throw :done if i > 1 }
jobnet("n") { auto_sequence; names.each { |n| job n, "x" } }

#== frozen lists are not changed by what looks like it
A = %w[a b].freeze
A.delete("z")
b = A + ["c"]
c = A.dup.push("d")
d = [*A, "e"]
A.each(&:upcase)
jobnet("n") { auto_sequence; [b, c, d].each(&:pop); (b + c.map { |x| x + "2" }).each { |n| job n, "x" } }

#== a frozen list that is taken another name
A = %w[a].freeze
B = A.dup
B << "b"
jobnet("n") { auto_sequence; B.each { |n| job n, "x" } }

#== a frozen change that is rescued
A = %w[a].freeze
begin
  A << "b"
rescue => e
  NAME = e.class.name
end
(A << "c") rescue nil
jobnet("n") { job NAME, "x" }

#== a raise that is not reached
def check!(x) raise ArgumentError, "no" unless x; x end
raise "never" if ENV["NOT_SET_AT_ALL"]
raise "never" unless File.exist?(__FILE__)
abort "never" if RUBY_VERSION < "1.8"
exit 1 if false
fail "never" if [].any?
jobnet("n") { job check!("a"), "x" }

#== a raise in a method that is not called
def todo() raise NotImplementedError end
class Base; def run() raise NotImplementedError, "sub" end; end
l = -> { raise "x" }
jobnet("n") { job "a", "x" if l }

#== a raise in a block that is not run
[].each { raise "x" }
{}.each { |k, v| fail k }
0.times { raise "x" }
nil&.tap { raise "x" }
jobnet("n") { job "a", "x" }

#== raise within what is rescued elsewhere
def guarded() yield rescue "a" end
n = guarded { raise "x" }
jobnet("n") { job n, "x" }

#== raise is a method of one's own
def raise_alarm(n) n end
jobnet("n") { job raise_alarm("a"), "x" }

#== Integer and JSON take what looks odd
require 'json'
jobnet("n") { auto_sequence; [Integer("0x1f", 16), Integer(" 12 "), Integer("1_000"), Integer("z", 36), Integer("0b1"), Integer(3.9), Integer("-5")].each { |i| job "j#{i}", "x" }; job JSON.parse("{ }").size.to_s, "x"; job JSON.parse(' {"a": {} } ').keys[0], "x"; job JSON.parse("2").to_s + "n", "x"; job JSON.parse('"s"'), "x" }

#== odd formats
jobnet("n") { auto_sequence; job "100%" + "done", "x"; job "%d%%" % 5, "x"; job "%%d" % [], "x"; job "%d" % "12", "x"; job "%d" % 3.7, "x"; job "%-3d|" % "0x1f".hex, "x"; job format("%s %s", *%w[a b]), "x"; job "%p" % [nil], "x"; job "%s" % nil + "e", "x"; job "%d" % "0b11", "x"; job "%<n>d" % { n: 1 }, "x" }

#== division that is no mistake
jobnet("n") { job "j#{5.fdiv(0)}", "x"; job "k#{5 / 0.0}", "x"; job "l#{0 / 5}", "x"; job "m#{(5 / 0 rescue 0)}", "x" }

#== adding that is no mistake
class Tail; def to_str() "t" end; def coerce(o) [o, 1] end; end
jobnet("n") { job "a" + Tail.new, "x"; job (1 + Tail.new).to_s, "x"; job "a" "b" + "c", "x"; job ["a"].+(["b"]).join, "x"; job (2 * 3).to_s + "d", "x"; job "e" * 2, "x"; job (["f"] * 2).join, "x"; job ["g"] * ",", "x" }

#== nil that is asked for what nil has
x = nil
jobnet("n") { job "a#{x.to_s}", "x"; job x.to_a.size.to_s, "x"; job (x & true).to_s, "x"; job "b" + x.inspect, "x"; job "c", "x" if x.nil? && !x; job "d", "x" unless x.respond_to?(:upcase); job "e", x.to_s + "x" }

#== a variable that is nil in one branch only
x = "a" if ENV["NOT_SET_AT_ALL"].nil?
y = ENV["NOT_SET_AT_ALL"]
jobnet("n") { job x.upcase, "x"; job y.upcase, "x" if y }

#== a global variable from elsewhere
alias $my_out $stdout
$my_out.puts "x"
$stdout.sync = true
$stderr.puts "a" if $DEBUG
$, = nil
jobnet("n") { job $stdin.class.name, "x"; job $PROGRAM_NAME.class.name + "2", "x" }

#== a global variable set in a method
def set() $given = ["a"] end
set
jobnet("n") { $given.each { |n| job n, "x" } }

#== a global variable set in another file
jobnet("n") { $given.each { |n| job n, "x" } }
#-- 0.rb
$given = %w[a b]

#== names by rescue of a block in a jobnet
jobnet("n") do
  boot_jobs "a"
  begin
    job "a", "x", :to => ["b"]
    job "b", Nothing::AtAll.new
  rescue NameError
    job "b", "x"
  end
end

#== a job only sometimes
jobnet("n") do
  boot_jobs "a"
  job "a", "x", :to => (ENV["NOT_SET_AT_ALL"] ? ["b"] : [])
  job "b", "x" if ENV["NOT_SET_AT_ALL"]
end

#== the same root once in each branch
if ENV["NOT_SET_AT_ALL"]
  jobnet("n") { job "a", "x" }
else
  jobnet("n") { job "b", "x" }
end

#== the same root in a case
case RUBY_VERSION
when /^1/ then jobnet("n") { job "a", "x" }
when /^2/ then jobnet("n") { job "b", "x" }
else jobnet("n") { job "c", "x" }
end

#== the same root from one line of a loop
2.times { |i| jobnet("n#{i}") { job "a", "x" } }
[1, 1].uniq.each { |i| jobnet("m") { job "a", "x" } }

#== the same root after a rescue
begin
  raise "x"
  jobnet("n") { job "a", "x" }
rescue
  jobnet("n") { job "b", "x" }
end

#== the same root, then unless
A = []
def root(n, &b) jobnet(n, &b) unless A.include?(n); A << n end
root("n") { job "a", "x" }
root("n") { job "b", "x" }

#== names that are strings at last
jobnet("n") { boot_jobs(*[:a, 1].map(&:to_s)); job :a, "x", :to => [2].map(&:to_s); job 1, "x"; job 2, "x" }

#== a description that is nil or a number
jobnet("n", nil) { job "a", nil, "x"; job "b", 5, "x" } rescue jobnet("m") { job "a", "x" }

#== a script of several kinds
jobnet("n") { job "a", :sym; job "b", 5; job "c", ["x", "y"] } rescue jobnet("m") { job "a", "x" }

#== options with string keys
jobnet("n") { job "a", "x", "server_name" => "s" } rescue jobnet("m") { job "a", "x" }

#== config of one's own
@my_config = { "a" => 1 }
@conf = {}
@name = "a"
@description = "d"
@jobs = []
jobnet(@name, @description) { @jobs << "a"; @jobs.each { |n| job n, "x" } } rescue jobnet("m") { job "a", "x" }

#== a driver whose handler uses the driver's own methods
driver :d do
  on(:a) { log_it(event.key) }
  on(:b) { self.class.name; driver_name rescue nil }
end
def log_it(k) puts k end

#== a driver with a method inside
driver :d do
  def shout(s) s.upcase end
  on(:a) { shout(event.key) }
end

#== a driver with constants and variables
LIMIT = 5
times = 0
driver :d do
  names = %w[x y]
  names.each { |n| on("#{n}_e".to_sym) { puts n } }
  on(:a) { times += 1; puts LIMIT if times > LIMIT }
end

#== a handler with its own rescue
driver :d do
  on :a do
    begin
      no_such_helper
    rescue NameError
      fire :failed
    ensure
      submit
    end
  end
  on(:b) { |e| e.nil? ? ack? : (raise "again") }
end

#== a handler with a lambda and a proc
H = lambda { |e| puts e }
P = proc { puts 1 }
driver(:d) { on(:a, &H); on(:b, &P) } rescue driver(:e) { on(:a) { H.call(event) } }

#== a handler that asks what is defined
driver(:d) { on(:a) { respond_to?(:nope) ? nope : 1; defined?(nope2) && nope2; method_of_mine = 1; method_of_mine } }

#== instance_eval with something of one's own
class Ctx
  def word(n) "w#{n}" end
end
n = Ctx.new.instance_eval { word(1) }
m = Ctx.new.instance_exec(2) { |i| word(i) }
jobnet("n") { job n, "x"; job m, "x" }

#== a block that another object runs
class Dsl
  def initialize() @l = [] end
  def step(n) @l << n end
  def self.read(&b) d = new; d.instance_eval(&b); d.list end
  def list() @l end
end
jobnet("n") { auto_sequence; Dsl.read { step "a"; step "b" }.each { |n| job n, "x" } }

#== define_method with the block of a caller
class Dsl
  def self.action(name, &b) define_method(name, &b) end
  def helper() "a" end
end
Dsl.action(:run) { helper + other }
class Dsl; def other() "b" end; end
jobnet("n") { job Dsl.new.run, "x" }

#== Struct with a method that is called like a word
Step = Struct.new(:name) do
  def job() "j" + name end
  def run(net) net.job(job, "x") end
end
jobnet("n") { Step.new("a").run(self); job Step.new("b").job, "x" }

#== a class with methods called like words
class Plan
  def jobnet(n) "net-#{n}" end
  def expansion() jobnet("e") end
  def self.driver() new.expansion end
end
jobnet("n") { job Plan.driver, "x"; job Plan.new.jobnet("a"), "x" }

#== a module whose methods take the jobnet's place
module Macros
  def load_and_check(n) job "#{n}_load", "x", :to => ["#{n}_check"]; job "#{n}_check", "x" end
end
jobnet("n") { boot_jobs "a_load"; extend Macros; load_and_check "a" }

#== extend at the top with words inside
module Macros
  def pair(n) job n, "x"; job n + "2", "x" end
end
extend Macros
jobnet("n") { auto_sequence; pair "a" }

#== self is passed on
module Macros
  def self.add(net, *names) names.each { |n| net.job(n, "x") } end
end
jobnet("n") { auto_sequence; Macros.add(self, "a", "b") }

#== the jobnet is kept in a variable
jobnet("n") { me = self; auto_sequence; %w[a b].each { |n| me.job n, "x" }; me.instance_eval { job "c", "x" } }

#== an older hash syntax among the new
jobnet("n", :"server_name" => "s", "credential_name": "c") { job "a", "x", to: "b"; job "b", "x"; boot_jobs "a" } rescue jobnet("m") { job "a", "x" }

#== coding in several ways
# vim: set fileencoding=utf-8 :
require 'tengine_job'
jobnet("夜") { job "a", "x" }

#== coding with a line end of unix
# -*- mode: ruby; coding: utf-8-unix -*-
require 'tengine_job'
jobnet("夜") { job "a", "x" }

#== coding below a shebang
#!/usr/bin/env ruby
# encoding: UTF-8
require 'tengine_job'
jobnet("夜") { job "a", "x" }

#== coding in a comment that is no longer magic
# a comment
# about something
# encoding: klingon
require 'tengine_job'
jobnet("夜") { job "a", "x" }

#== us-ascii with ascii only
# encoding: us-ascii
require 'tengine_job'
jobnet("n") { job "a", "\u591c" }

#== tengine_job is required by a method
# -*- coding: utf-8 -*-
Setup = Struct.new(:q) { def run() require 'tengine_job' end }
Setup.new(1).run
jobnet("n") { job "a", "x" }

#== a constant that rescue gives where anything may have gone wrong
begin
  no_such_word "a"
rescue NameError, ArgumentError => LAST
end
jobnet("n") { job LAST.class.name, "x" }

#== require is undefined when it is no longer needed
undef require
jobnet("n") { job "a", "x" }

#== a frozen hash of options that lead nowhere
O = { :description => "d" }.freeze
jobnet("n") { hadoop_job_run("h", "x", O) { hadoop_job("m") } }

#== the second job of a name leads on
jobnet("n") { boot_jobs "a"; %w[a b].each { |to| job "a", "x", :to => to }; job "b", "x" }

#== constants over several lines
A,
  B =
  "a", "b"
(C, D), E = %w[c d], "e"
for F, G in [%w[f g]] do end
jobnet("n") { auto_sequence; [A, B, C, D, E, F, G].each { |n| job n, "x" } }

#== lambdas take what they say
a = -> { _1 + _2 }
b = ->(x, y = 1, *z) { x }
c = ->(x, k: 1) { x }
d = lambda { |x, (y, z)| y }
e = ->(**o) { "e" }
f = ->((x, y)) { x }
g = lambda(&proc { |x| x })
jobnet("n") { auto_sequence; [a.(1, 2), b["b"], b.("c", 1, 2), c.call("d", k: 2), d.(1, %w[f g]), e.(k: 1), f.(%w[h i])].each { |n| job n.to_s, "x" }; job g.call("j"), "x" }

#== a module that makes objects
module Maker; def self.new(n) n.upcase end; end
jobnet("n") { job Maker.new("a"), "x" }

#== a class has a method that is called require
class Loader
  def require(name) name end
end
jobnet("n") { job "a", "x" }

#== a helper takes the name of puts later on
puts "loading"
jobnet("n") { boot_jobs "a"; job "a", "x" }
def puts(s) job(s, "x") end
jobnet("m") { boot_jobs "b"; puts "b" }

#== a helper takes the name of require later on
# -*- coding: utf-8 -*-
require 'tengine_job'
def require(n) job(n, 'x') end
jobnet("n") { boot_jobs "a"; require "a" }
