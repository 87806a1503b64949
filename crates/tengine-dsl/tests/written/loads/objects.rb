# Classes, modules and Structs.

#== a Struct with keywords
Step = Struct.new(:name, :script, keyword_init: true)
STEPS = [Step.new(name: "a", script: "x"), Step.new(name: "b", script: "y")]
jobnet("n") { auto_sequence; STEPS.each { |s| job s.name, s.script } }

#== a Struct with a block
Step = Struct.new(:name, :script) do
  include Comparable
  def <=>(other) name <=> other.name end
  def to_s() "#{name}.sh" end
end
jobnet("n") { auto_sequence; [Step.new("b"), Step.new("a")].sort.each { |s| job s.name, s.to_s } }

#== a Struct that is inherited
class Step < Struct.new(:name)
  def script() "#{name}.sh" end
end
jobnet("n") { job Step.new("a").name, Step.new("a").script }

#== members of a Struct
Step = Struct.new(:name, :script)
jobnet("n") { auto_sequence; Step.members.each { |m| job m.to_s, "x" } }

#== each of a Struct
Step = Struct.new(:a, :b)
jobnet("n") { auto_sequence; Step.new("p", "q").each { |m| job m, "x" } }

#== a Struct taken apart
Step = Struct.new(:a, :b)
a, b = *Step.new("p", "q")
jobnet("n") { auto_sequence; job a, "x"; job b, "x" }

#== a Struct as a hash
Step = Struct.new(:a, :b)
jobnet("n") { auto_sequence; Step.new("p", "q").to_h.each { |k, v| job k.to_s, v } }

#== a Struct by index
Step = Struct.new(:a, :b)
s = Step.new("p", "q")
s[:a] = "r"
s["b"] = "t"
jobnet("n") { boot_jobs "r"; job s[0], "x", :to => [s.b]; job s[-1], "x" }

#== a Struct with its own initialize
Step = Struct.new(:a, :b) do
  def initialize(a, b = "z") super end
end
jobnet("n") { job Step.new("p").b, "x" }

#== an object that is compared
class Level
  include Comparable
  attr_reader :n
  def initialize(n) @n = n end
  def <=>(o) n <=> o.n end
  def succ() Level.new(n + 1) end
  def to_s() "l#{n}" end
end
jobnet("n") { auto_sequence; (Level.new(1)..Level.new(3)).each { |l| job l.to_s, "x" } if Level.new(2).between?(Level.new(1), Level.new(3)) && Level.new(5).clamp(Level.new(1), Level.new(3)).n == 3 }

#== an object that is enumerated
class Steps
  include Enumerable
  def initialize(*names) @names = names end
  def each(&b) @names.each(&b); self end
end
jobnet("n") { auto_sequence; Steps.new("b", "a").sort.each_with_index { |n, i| job "#{n}#{i}", "x" } }

#== enumerated without a block
class Steps
  def each
    return enum_for(:each) unless block_given?
    yield "a"; yield "b"
  end
end
jobnet("n") { auto_sequence; Steps.new.each.with_index(1) { |n, i| job "#{n}#{i}", "x" } }

#== method_missing
class Steps
  def method_missing(name, *args, &block) name.to_s.start_with?("step_") ? name.to_s.sub("step_", "") : super end
  def respond_to_missing?(name, all = false) name.to_s.start_with?("step_") || super end
end
jobnet("n") { job Steps.new.step_a, "x" if Steps.new.respond_to?(:step_a) }

#== define_method in a class
class Steps
  %w[a b].each { |n| define_method("step_#{n}") { |s = "x"| [n, s] } }
end
jobnet("n") { auto_sequence; job(*Steps.new.step_a); job(*Steps.new.step_b("y")) }

#== a singleton
require 'singleton'
class Registry
  include Singleton
  attr_accessor :names
  def initialize() @names = ["a"] end
end
Registry.instance.names << "b"
jobnet("n") { auto_sequence; Registry.instance.names.each { |n| job n, "x" } }

#== class variables
class Counter
  @@count = 0
  def self.next_name() @@count += 1; "j#{@@count}" end
end
jobnet("n") { auto_sequence; 2.times { job Counter.next_name, "x" } }

#== class instance variables
class Counter
  class << self
    attr_accessor :count
    def next_name() self.count = (count || 0) + 1; "j#{count}" end
  end
end
jobnet("n") { auto_sequence; 2.times { job Counter.next_name, "x" } }

#== inherited
class Base
  @kinds = []
  class << self
    attr_reader :kinds
    def inherited(k) super; (@kinds || Base.kinds) << k.name.downcase end
  end
end
class Load < Base; end
class Sort < Base; end
jobnet("n") { auto_sequence; Base.kinds.each { |k| job k, "x" } }

#== included with class methods
module Named
  def self.included(base) base.extend(ClassMethods) end
  module ClassMethods
    def named(*all) @names = all end
    def names() @names end
  end
end
class Nightly
  include Named
  named "a", "b"
end
jobnet("n") { auto_sequence; Nightly.names.each { |k| job k, "x" } }

#== prepend
module Loud
  def label() super.upcase end
end
class Label
  prepend Loud
  def label() "a" end
end
jobnet("n") { boot_jobs "A"; job Label.new.label, "x" }

#== super without arguments
class Base
  def initialize(name, script: "x") @name, @script = name, script end
  attr_reader :name, :script
end
class Sub < Base
  def initialize(name, script: "y") super end
end
jobnet("n") { job Sub.new("a").name, Sub.new("a", script: "z").script }

#== module_function
module Names
  module_function
  def of(n) "j#{n}" end
end
jobnet("n") { job Names.of(1), "x" }

#== module_function with names
module Names
  def of(n) "j#{n}" end
  module_function :of
end
jobnet("n") { job Names.of(1), "x" }

#== extend self
module Names
  extend self
  def of(n) pre + n.to_s end
  private
  def pre() "j" end
end
jobnet("n") { job Names.of(1), "x" }

#== nested modules
module Company
  module Batch
    NAMES = %w[a b].freeze
    class Step
      SCRIPT = "x"
      def self.script() SCRIPT end
    end
  end
end
jobnet("n") { auto_sequence; Company::Batch::NAMES.each { |n| job n, Company::Batch::Step.script } }

#== a module's constant within another file's module
module Company; NAMES = %w[a b]; end
module Company
  def self.all() NAMES end
end
jobnet("n") { auto_sequence; Company.all.each { |n| job n, "x" } }

#== a module that is included at the top
module Company; NAMES = %w[a b]; def label(n) "l-#{n}" end; end
include Company
jobnet("n") { auto_sequence; NAMES.each { |n| job label(n), "x" } }

#== a compact class path
module Company; end
class Company::Step
  def self.all() ["a"] end
end
jobnet("n") { Company::Step.all.each { |n| job n, "x" } }

#== refinements
module Shouting
  refine String do
    def shout() upcase + "1" end
  end
end
using Shouting
jobnet("n") { job "a".shout, "x" }

#== operators
class Path
  attr_reader :s
  def initialize(s) @s = s end
  def /(o) Path.new("#{s}/#{o}") end
  def +(o) Path.new(s + o) end
  def [](i) s[i] end
  def -@() Path.new(s.reverse) end
  def !() false end
  def =~(o) true end
  def to_str() s end
  alias to_s to_str
end
jobnet("n") { job "a", (Path.new("/opt") / "bin" / "a.sh").s; job (Path.new("b") + "c").s, "x" }

#== a Data-like class
class Point
  attr_reader :x, :y
  def initialize(x, y) @x, @y = x, y; freeze end
  def ==(o) o.is_a?(Point) && x == o.x && y == o.y end
  alias eql? ==
  def hash() [x, y].hash end
end
jobnet("n") { auto_sequence; [Point.new(1, 2), Point.new(1, 2)].uniq.each { |p| job "p#{p.x}", "x" } }

#== a delegator
require 'delegate'
class Name < SimpleDelegator
  def shout() upcase end
end
jobnet("n") { job Name.new("a").shout, "x" }

#== forwardable
require 'forwardable'
class Names
  extend Forwardable
  def_delegators :@all, :each, :size, :first, :<<
  def_delegator :@all, :last, :newest
  def initialize() @all = [] end
end
N = Names.new
N << "a" << "b"
jobnet("n") { auto_sequence; N.each { |n| job n, "x" }; job N.newest + N.size.to_s, "x" }

#== single forwardable
require 'forwardable'
module Names
  extend SingleForwardable
  def_delegators :all, :each, :map
  def self.all() ["a"] end
end
jobnet("n") { Names.each { |n| job n, "x" } }

#== Class.new
Step = Class.new do
  attr_reader :name
  def initialize(name) @name = name end
end
jobnet("n") { job Step.new("a").name, "x" }

#== Class.new with a superclass
Failed = Class.new(StandardError) { def message() "a" end }
begin
  raise Failed
rescue Failed => e
  NAME = e.message
end
jobnet("n") { job NAME, "x" }

#== Module.new
Names = Module.new do
  def self.all() ["a"] end
end
jobnet("n") { Names.all.each { |n| job n, "x" } }

#== a singleton method on an object
registry = Object.new
def registry.names() ["a"] end
jobnet("n") { registry.names.each { |n| job n, "x" } }

#== class << object
registry = Object.new
class << registry
  def names() ["a"] end
  attr_accessor :more
end
registry.more = ["b"]
jobnet("n") { auto_sequence; (registry.names + registry.more).each { |n| job n, "x" } }

#== instance_variable_get
class Box; def initialize() @n = "a" end; end
jobnet("n") { job Box.new.instance_variable_get(:@n), "x" }

#== a class reopened
class Box; def a() "a" end; end
class Box; def b() a + "b" end; end
jobnet("n") { job Box.new.b, "x" }

#== private methods through send
class Box
  def name() secret end
  private
  def secret() "a" end
end
jobnet("n") { job Box.new.name, "x"; job Box.new.send(:secret) + "2", "x" }

#== private with def
class Box
  private def secret() "a" end
  def name() secret end
  private attr_reader :hidden
end
jobnet("n") { job Box.new.name, "x" }

#== protected
class Box
  def initialize(n) @n = n end
  def same?(o) o.n == n end
  protected
  attr_reader :n
end
jobnet("n") { job "a", "x" if Box.new(1).same?(Box.new(1)) }

#== a builder that yields itself
class Builder
  attr_accessor :name, :script
  def self.build(&block) new.tap(&block) end
end
b = Builder.build { |x| x.name = "a"; x.script = "x" }
jobnet("n") { job b.name, b.script }

#== a builder by instance_eval
class Builder
  def initialize(&block) @steps = []; instance_eval(&block) end
  def step(name, script = "x") @steps << [name, script] end
  attr_reader :steps
end
B = Builder.new { step "a"; step "b", "y" }
jobnet("n") { auto_sequence; B.steps.each { |n, s| job n, s } }

#== a fluent interface
class Chain
  def initialize() @n = [] end
  def add(n) @n << n; self end
  def names() @n end
end
jobnet("n") { auto_sequence; Chain.new.add("a").add("b").names.each { |n| job n, "x" } }

#== an object that knows the jobnet
class Adder
  def initialize(net) @net = net end
  def add(n) @net.job(n, "x") end
end
jobnet("n") { Adder.new(self).add("a") }

#== an object is called
class Maker
  def call(n) "j#{n}" end
  def to_proc() method(:call).to_proc end
end
jobnet("n") { auto_sequence; job Maker.new.(1), "x"; [2, 3].map(&Maker.new).each { |n| job n, "x" } }

#== constants of a class through self.class
class Kind
  LIST = %w[a b]
  def list() self.class::LIST end
end
class Other < Kind
  LIST = %w[c d]
end
jobnet("n") { auto_sequence; Other.new.list.each { |n| job n, "x" } }

#== const_missing
class Names
  def self.const_missing(n) n.to_s.downcase end
end
jobnet("n") { job Names::Alpha, "x" }

#== const_get
module Names; A = "a"; B = "b"; end
jobnet("n") { auto_sequence; Names.constants.sort.each { |c| job Names.const_get(c), "x" } }

#== an enum in a module
module Color
  RED = :red
  ALL = constants(false).map { |c| const_get(c) }
end
jobnet("n") { Color::ALL.each { |c| job c.to_s, "x" } }

#== dup and clone of an object
class Box
  attr_accessor :names
  def initialize() @names = ["a"] end
  def initialize_copy(o) super; @names = o.names.dup end
end
a = Box.new
b = a.dup
b.names << "b"
jobnet("n") { auto_sequence; b.names.each { |n| job n, "x" }; job "size#{a.names.size}", "x" }

#== methods that are asked for
class Checks
  def check_a() "a" end
  def check_b() "b" end
end
jobnet("n") { auto_sequence; c = Checks.new; c.public_methods(false).grep(/^check_/).sort.each { |m| job c.public_send(m), "x" } }

#== instance_methods
class Checks
  def check_a() "a" end
end
jobnet("n") { Checks.instance_methods(false).each { |m| job m.to_s, "x" } }

#== ObjectSpace
class Base; end
class A1 < Base; end
jobnet("n") { ObjectSpace.each_object(Class).select { |k| k < Base }.each { |k| job k.name.downcase, "x" } }

#== subclasses
class Base; end
class A1 < Base; end
jobnet("n") { Base.subclasses.each { |k| job k.name.downcase, "x" } }

#== undef and remove
class Base; def a() "a" end; end
class Sub < Base; undef a; end
class Other < Base; def a() "o" end; remove_method :a; end
jobnet("n") { job Other.new.a, "x"; job "b", "x" unless Sub.new.respond_to?(:a) }

#== alias of super
class Base; def a() "a" end; alias_method :old_a, :a; def a() old_a + "2" end; end
jobnet("n") { job Base.new.a, "x" }

#== a class with a name like a constant of Ruby's library that is not loaded
class Matrix
  def self.rows() ["a"] end
end
jobnet("n") { Matrix.rows.each { |r| job r, "x" } }

#== a Set subclass
require 'set'
class Names < Set
  def shout() map(&:upcase) end
end
jobnet("n") { auto_sequence; Names["a", "b"].shout.each { |n| job n, "x" } }

#== an Array subclass
class Names < Array
  def shout() map(&:upcase) end
end
jobnet("n") { auto_sequence; Names.new(["a", "b"]).shout.each { |n| job n, "x" } }

#== a Hash subclass
class Options < Hash
  def initialize(o = {}) super(); update(o) end
end
jobnet("n") { job "a", "x", Options.new(:to => ["b"]); job "b", "x"; boot_jobs "a" }

#== a String subclass
class Name < String
  def shout() upcase end
end
jobnet("n") { job Name.new("a").shout, "x"; }

#== an error with its own message
class Missing < ArgumentError
  def initialize(name = "a") super("missing #{name}"); @name = name end
  attr_reader :name
end
NAME = begin raise Missing.new("q"); rescue Missing => e then e.name; end
jobnet("n") { job NAME, "x" }

#== Struct with keyword_init and members that are called like methods
Conf = Struct.new(:name, :hash_, :size, :first, keyword_init: true)
c = Conf.new(name: "a", size: 2)
jobnet("n") { auto_sequence; c.size.times { |i| job "#{c.name}#{i}", "x" } }

#== OpenStruct
require 'ostruct'
CONF = OpenStruct.new(:name => "a", :servers => %w[s1 s2])
CONF.script = "x"
jobnet("n") { auto_sequence; CONF.servers.each { |s| job "#{CONF.name}-#{s}", CONF.script }; job CONF[:name], "x" if CONF.respond_to?(:name) }

#== a method object
class Box; def name(n) "j#{n}" end; end
m = Box.new.method(:name)
jobnet("n") { auto_sequence; [1, 2].map(&m).each { |n| job n, "x" } }

#== an unbound method
class Box; def name() "a" end; end
jobnet("n") { job Box.instance_method(:name).bind(Box.new).call, "x" }

#== curry of a method
def label(a, b) "#{a}#{b}" end
jobnet("n") { job method(:label).curry["a"]["b"], "x" }

#== composition
up = :upcase.to_proc >> ->(s) { s + "1" }
jobnet("n") { job up.call("a"), "x"; job (method(:Integer) << ->(s) { s[1..] }).call("j7").to_s, "x" }
