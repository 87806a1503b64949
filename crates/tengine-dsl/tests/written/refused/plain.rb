# What is plain and certain in Ruby.

#== a misspelt method of a text: unknown-method
jobnet("n") { job "a".upcas, "x" }

#== a misspelt method of a list: unknown-method
%w[a b].eachh { |n| n }
jobnet("n") { job "a", "x" }

#== a misspelt method of a hash: unknown-method
O = { :a => 1 }
O.each_pairr { |k, v| k }
jobnet("n") { job "a", "x" }

#== a misspelt method of a number: unknown-method
3.time { |i| i }
jobnet("n") { job "a", "x" }

#== a misspelt method of a symbol: unknown-method
jobnet("n") { job :a.to_str, "x" }

#== each of a text: unknown-method
"a b".each { |n| n }
jobnet("n") { job "a", "x" }

#== a method of nil: unknown-method
x = nil
jobnet("n") { job x.upcase, "x" }

#== a list by a method it has not, in a chain: unknown-method
jobnet("n") { auto_sequence; %w[a b].map(&:upcase).uniqq.each { |n| job n, "x" } }

#== a symbol to a method there is not: unknown-method
jobnet("n") { auto_sequence; %w[a b].map(&:upcas).each { |n| job n, "x" } }

#== a misspelt word: unknown-word
jobnett("n") { job "a", "x" }

#== a misspelt word in a jobnet: unknown-word
jobnet("n") { jobb "a", "x" }

#== a misspelt word in a nested jobnet: unknown-word
jobnet("n") { jobnet("m") { autosequence; job "a", "x" } }

#== a misspelt word in finally: unknown-word
jobnet("n") { job "a", "x"; finally { jop "b", "x" } }

#== a misspelt require: unknown-word
requir 'json'
jobnet("n") { job "a", "x" }

#== a misspelt puts: unknown-word
put "x"
jobnet("n") { job "a", "x" }

#== a misspelt helper: unknown-word
def add_step(n) job n, "x" end
jobnet("n") { add_stpe "a" }

#== a variable that is not there: unknown-word
jobnet("n") { job name_of_job, "x" }

#== a variable of a block outside of it: unknown-word
%w[a].each { |n| m = n }
jobnet("n") { job m, "x" }

#== a local variable in a method: unknown-word
names = %w[a b]
def add_all() names.each { |n| job n, "x" } end
jobnet("n") { add_all }

#== a parameter of another method: unknown-word
def one(script) job "a", script end
def two() job "b", script end
jobnet("n") { one "x"; two }

#== an unknown constant: undefined-constant
jobnet("n") { job SCRIPT, "x" }

#== an unknown class: undefined-constant
jobnet("n") { job Labels.new.of("a"), "x" }

#== an unknown module's function: undefined-constant
jobnet("n") { Steps.add(self, "a") }

#== an unknown superclass: undefined-constant
class Step < BaseStep; end
jobnet("n") { job "a", "x" }

#== a constant inside of a text: undefined-constant
jobnet("n") { job "a", "#{HOME_OF_BATCH}/a.sh" }

#== a constant in options: undefined-constant
jobnet("n", :server_name => SERVER) { job "a", "x" }

#== a constant of another module: undefined-constant
module Conf; NAMES = %w[a]; end
jobnet("n") { NAMES.each { |n| job n, "x" } }

#== too few arguments: wrong-argument-count
def step(n, s) job n, s end
jobnet("n") { step "a" }

#== too many arguments: wrong-argument-count
def step(n) job n, "x" end
jobnet("n") { step "a", "x" }

#== arguments for none: wrong-argument-count
def label() "a" end
jobnet("n") { job label("b"), "x" }

#== a keyword is missing: wrong-argument-count
def step(n, script:) job n, script end
jobnet("n") { step "a" }

#== too many arguments for an endless method: wrong-argument-count
def label(n) = "j#{n}"
jobnet("n") { job label(1, 2), "x" }

#== too many for a module's function: wrong-argument-count
module Names; def self.of(n) "j#{n}" end; end
jobnet("n") { job Names.of(1, 2), "x" }

#== too few for new: wrong-argument-count
class Step; def initialize(n, s) @n = n end; end
s = Step.new("a")
jobnet("n") { job "a", "x" }

#== too many for a Struct: wrong-argument-count
Step = Struct.new(:n, :s)
s = Step.new("a", "x", 1)
jobnet("n") { job "a", "x" }

#== a text and a number: wrong-type
jobnet("n") { job "a" + 1, "x" }

#== a number and a text: wrong-type
jobnet("n") { job "j#{1 + "a"}", "x" }

#== a text and nil: wrong-type
suffix = nil
jobnet("n") { job "a" + suffix, "x" }

#== a text and a list: wrong-type
jobnet("n") { job "a" + %w[b], "x" }

#== a list and a text: wrong-type
jobnet("n") { (%w[a] + "b").each { |n| job n, "x" } }

#== divided by zero: wrong-type
jobnet("n") { job "j#{10 / 0}", "x" }

#== Integer of a word: wrong-type
jobnet("n") { job "j#{Integer("ten")}", "x" }

#== JSON that is none: wrong-type
require 'json'
CONF = JSON.parse("{ name: 'a' }")
jobnet("n") { job CONF["name"], "x" }

#== a frozen list is changed: frozen-change
NAMES = %w[a b].freeze
NAMES << "c"
jobnet("n") { NAMES.each { |n| job n, "x" } }

#== a frozen hash is changed: frozen-change
OPTS = { :a => 1 }.freeze
OPTS[:b] = 2
jobnet("n") { job "a", "x" }

#== a frozen text is changed: frozen-change
NAME = "a".freeze
NAME << "b"
jobnet("n") { job NAME, "x" }

#== raise at the top: raises-at-load
raise "not yet"

#== raise in a jobnet: raises-at-load
jobnet("n") { job "a", "x"; raise ArgumentError, "no" }

#== fail in a helper: raises-at-load
def check() fail "no" end
check
jobnet("n") { job "a", "x" }

#== raise under a condition that is true: raises-at-load
DEBUG = true
raise "debugging" if DEBUG
jobnet("n") { job "a", "x" }

#== throw without catch: raises-at-load
throw :done
jobnet("n") { job "a", "x" }

#== a method calls itself without end: raises-at-load
def step(n) step(n) end
jobnet("n") { step "a" }

#== a helper below its use: used-too-early
jobnet("n") { step "a" }
def step(n) job n, "x" end

#== a constant below its use: undefined-constant
jobnet("n") { job NAME, "x" }
NAME = "a"

#== a class below its use: undefined-constant
jobnet("n") { job Step.label, "x" }
class Step; def self.label() "a" end; end

#== an unfinished block: syntax
jobnet("n") do
  job "a", "x"

#== an end too many: syntax
jobnet("n") do
  job "a", "x"
end
end

#== an unfinished text: syntax
jobnet("n") { job "a, "x" }

#== a missing comma: syntax
jobnet("n") { job "a" :to => "b" }

#== an unfinished list: syntax
NAMES = ["a", "b"
jobnet("n") { job "a", "x" }

#== an unfinished heredoc: syntax
jobnet("n") { job "a", <<-SH }
  echo

#== a brace too many: syntax
jobnet("n") { job "a", "x" } }

#== an elsif too late: syntax
if true then 1 else 2 elsif false then 3 end
jobnet("n") { job "a", "x" }

#== break outside of a loop: syntax
break
jobnet("n") { job "a", "x" }

#== a class in a method: syntax
def x() class A; end end
jobnet("n") { job "a", "x" }

#== a constant in a method: syntax
def x() NAME = "a" end
jobnet("n") { job "a", "x" }

#== a keyword for a variable: syntax
class = "a"
jobnet("n") { job "a", "x" }

#== a full-width quote: syntax
jobnet(“n") { job "a", "x" }

#== a full-width space before a word: unknown-word
jobnet("n") do
　job "a", "x"
end

#== an arrow without a key: syntax
jobnet("n", => "s") { job "a", "x" }

#== a parenthesis too few: syntax
jobnet("n") { job("a", "x" }

#== a library that is not there: nothing, a gem of that name may be installed in the image
require 'company_batch_tools'
jobnet("n") { job "a", "x" }

#== a file that is not there: missing-file
require_relative 'helpers'
jobnet("n") { job "a", "x" }

#== a file that is not there, by load: nothing, where the core was started there may be such a file
load "helpers.rb"
jobnet("n") { job "a", "x" }

#== a file that is required from the wrong folder: missing-file
require_relative 'lib/helpers'
jobnet("n") { job "a", "x" }
#-- helpers.rb
HELP = 1

#== nil is called: unknown-method
x = nil
x.each { |n| n }
jobnet("n") { job "a", "x" }

#== the wrong number for a lambda: wrong-argument-count
add = lambda { |n| n }
add.call(1, 2)
jobnet("n") { job "a", "x" }

#== a private method: unknown-method
class Step
  def initialize() end
  private
  def label() "a" end
end
jobnet("n") { job Step.new.label, "x" }

#== an instance method of the class: unknown-method
class Step
  def label() "a" end
end
jobnet("n") { job Step.label, "x" }

#== a class method of an object: unknown-method
class Step
  def other() "b" end
end
jobnet("n") { job Step.new.label, "x" }

#== a module is made: unknown-method
module Names; def self.all() [] end; end
Names.new
jobnet("n") { job "a", "x" }

#== a member that a Struct has not: unknown-method
Step = Struct.new(:name)
jobnet("n") { job Step.new("a").nam, "x" }

#== a method of a module at the top: unknown-word
module Macros; def pair(n) job n, "x" end; end
jobnet("n") { pair "a" }

#== a number has no each: unknown-method
5.each { |i| i }
jobnet("n") { job "a", "x" }

#== a hash is called by a point: unknown-method
CONF = { :name => "a" }
jobnet("n") { job CONF.name, "x" }

#== a class again as something else: class-mismatch
Step = "a"
class Step; end
jobnet("n") { job "a", "x" }
