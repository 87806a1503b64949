# Syntax that Ruby 3.1 reads.

#== endless methods with commands
def step(n) = job n, "x"
def label = "a"
def twice(n) = begin step n; step n + "2" end
jobnet("n") { auto_sequence; twice label }

#== anonymous blocks
def net(n, &) jobnet(n, &) end
net("n") { job "a", "x" }

#== pins of expressions
x = 5
r = case 7
    in ^(x + 2) then "a"
    end
@y = 1
s = (1 in ^@y) ? "b" : "c"
jobnet("n") { job r, "x"; job s, "x" }

#== one-line patterns
{ a: 1, b: { c: 2 } } => { a:, b: { c: } }
[1, [2, 3]] => [d, [e, *]]
{ k: 9 } => k:
[4, 5] => f, g
jobnet("n") { auto_sequence; [a, c, d, e, k, f, g].each { |i| job "j#{i}", "x" } }

#== guards and alternatives
r = [[1, 2], { n: nil }, "s", 3.0].map do |v|
  case v
  in [Integer => a, Integer => b] if a < b then "up#{a}#{b}"
  in { n: nil, **nil } then "none"
  in String | Symbol => s then s.to_s
  in Float unless v < 1 then "float"
  end
end
jobnet("n") { auto_sequence; r.each { |n| job n, "x" } }

#== numbered parameters and lambdas
add = -> { _1 + _2 }
jobnet("n") { job "j#{add.(1, 2)}", "x"; job [3].map { "k#{_1}" }.first, "x" }

#== rescue in blocks
r = [1].map do |i|
  raise "x"
rescue => e
  "a#{i}"
else
  "b"
ensure
  3
end
jobnet("n") { job r.first, "x" }

#== lambda literals of every form
a = -> x, y = 2 { x + y }
b = ->(x; t) do t = x; t end
c = lambda do |x| x end
d = ->() {}
e = ->(*, **, &k) { "e" }
jobnet("n") { job a[1].to_s, "x"; job b.(2).to_s + "b", "x"; job c === "c" ? "c" : "n", "x"; job e.call(1, z: 2), "x" if d.call.nil? }

#== operators as methods
jobnet("n") { job "a".+("b"), "x"; job 1.+(2).to_s, "x"; job [1, 2].[](0).to_s, "x"; job "x".==("x").to_s, "x"; job 5.-@.to_s, "x"; job true.!.to_s, "x"; job "c" "d".<<("e"), "x" } rescue jobnet("m") { job "a", "x" }

#== heredocs with methods and arguments
def join(*a) a.map(&:strip).join("-") end
jobnet("n") do
  job join(<<A, <<-B, <<~"C"), "x"
a
A
b
  B
  c#{1}
C
  job(<<~X.lines.map(&:chomp).join(" ").then { |s| s[0, 1] }, <<~'Y')
    one
    two
  X
    $HOME/#{x}
  Y
end

#== a heredoc in a hash in a call
jobnet("n") do
  job "a", { script: <<~S }[:script], :description => <<~D.strip
    echo
  S
    text
  D
end

#== conditions on many lines
x = if true
      "a"
    elsif false then "b"
    else "c" end
y = unless x then "u" else "e" end
z = (true and not false) ? (x ? "t" : "f") : "n"
jobnet("n") { auto_sequence; [x, y, z].each { |n| job n, "x" } }

#== begin and end as values
x = begin
  "a"
end
y = (z = "b"; z + "c")
w = while true do break "d" end
jobnet("n") { auto_sequence; [x, y, w].each { |n| job n, "x" } }

#== nested quotes and escapes
jobnet("n") { job 'it''s', "x"; job "q\"q", "x"; job %q{a{b}c}, "x"; job %Q<d<e>f>, "x"; job :"s y", "x"; job "\t".inspect, "x"; job "tab\tin", "x"; job 'a\\b', "x"; job "\#{no}", "x" }

#== odd but right calls
jobnet "n" do
  job("a", "x",)
  job "b", "x", { :description => "d", }
  job(*["c", "x"], **{})
  job "d", ("x"),
      :description => "e"
  (job "f", "x"; job "g", "x")
end

#== comments in odd places
jobnet("n") do # a comment
  job "a", # name
      # a line between
      "x"  # script
  [ # list
    "b", # first

    "c",
  ].each do |n| # each
    job n, "x" end # end
end

#== leading dots and commented chains
names = %w[c a b]
  .sort
  # .reverse
  .map(&:upcase)
  &.first(2)
jobnet("n") { auto_sequence; names.each { |n| job n, "x" } }

#== global special variables
"abc" =~ /b/
jobnet("n") { auto_sequence; [$~[0], $`, $', $&, $+.to_s + "p", $!.inspect, $/.inspect, $;.inspect, $,.inspect, __FILE__[-4..], __ENCODING__.name, $-w.inspect, $*.size.to_s, $<.class.name, $>.class.name, $:.size > 0 ? "l" : "m", $".size > 0 ? "r" : "s"].each_with_index { |n, i| job "#{n}#{i}", "x" } }

#== unusual method names
def ok?() true end
def run!() "a" end
def 夜() "b" end
def _private() "c" end
def Upper(x) x end
def class_of(x) x.class end
jobnet("n") { job run!, "x" if ok?; job 夜, "x"; job _private, "x"; job Upper("d"), "x"; job Upper(["e"])[0], "x" }

#== local variables of odd names
夜間 = "a"
_ = "b"
__x = "c"
jobnet("n") { auto_sequence; [夜間, _, __x].each { |n| job n, "x" } }

#== keywords as names of options and keys
h = { if: 1, end: 2, class: 3, nil: 4, self: 5, def: 6, "while": 7 }
def opt(if: nil, class: nil) binding.local_variable_get(:if).to_s + binding.local_variable_get(:class).to_s end
jobnet("n") { auto_sequence; h.each { |k, v| job "#{k}_#{v}", "x" }; job opt(if: 8, class: 9), "x" }

#== trailing rescue, ensure and retry in do-blocks of jobnets
jobnet("n") do
  job "a", "x"
  raise "x"
rescue
  job "b", "x"
ensure
  job "c", "x"
end

#== string continuation over lines
jobnet("n") { job "a" \
  "b" \
  'c', "x"; job("d" +
  "e", "x"); job(%w[
    f
  ].first, "x") }

#== ternaries and ranges without spaces
x=1
y=x>0?"a":"b"
z=(1..3).to_a[-1]
jobnet("n"){job y,"x";job z.to_s,"x";job(x ?"c":"d","x")}

#== hashes in every form
h = { "a" => 1, b: 2, :c => 3, "d": 4, **{ e: 5 }, "#{"f"}": 6, 7 => 8, nil => 9, [1] => 10 }
jobnet("n") { auto_sequence; h.each { |k, v| job "k#{k}#{v}", "x" } }

#== safe assignment
require 'ostruct'
o = OpenStruct.new(n: nil)
o.n ||= "a"
o&.n += "b"
o[:m] ||= "c"
h = Hash.new
h[:x] ||= []
h[:x] <<= "d" rescue h[:x] << "d"
jobnet("n") { auto_sequence; [o.n, o.m, *h[:x]].each { |n| job n, "x" } }

#== undef and alias as statements
def a1() "a" end
alias a2 a1
alias :a3 :a1
alias_method(:a4, :a1) rescue nil
def a5() "z" end
undef a5
jobnet("n") { job a2, "x"; job a3 + "3", "x" }

#== BEGIN in the middle
jobnet("n") { job $from_begin, "x" }
BEGIN { $from_begin = "a" }

#== class bodies that compute
class Table
  ROWS = []
  %w[a b].each { |n| ROWS << n }
  ROWS.freeze
  if ROWS.size > 1
    def self.rows() ROWS end
  else
    def self.rows() [] end
  end
end
jobnet("n") { auto_sequence; Table.rows.each { |n| job n, "x" } }

#== a method is defined by what def returns
class Foo
  private def a() "a" end
  public def b() a + "b" end
  X = def c() "c" end
  memo = ->(m) { m }
  memo.(def d() "d" end)
end
jobnet("n") { job Foo.new.b, "x"; job Foo.new.public_send(Foo::X), "x" }

#== block-local and shadowed variables
x = "a"
[1].each { |i; x| x = i }
[2].each { |x| x }
y = [3].map { |x = 4| x }
jobnet("n") { job x, "x"; job y.first.to_s, "x" }

#== string formats by percent with arrays and hashes
jobnet("n") { job "%s" % "a", "x"; job "%s-%s" % ["b", 1], "x"; job "%05d" % 7, "x"; job "%{a}" % { a: "q" }, "x"; job "%s" % [["r"]].first, "x"; job "%%", "x" }

#== eval with a binding
x = "a"
n = eval("x + 'b'", binding)
jobnet("n") { job n, "x"; eval "job 'c', 'x'"; binding.eval("job 'd', 'x'") }

#== object equality in when
class Even; def self.===(n) n.even? end; end
jobnet("n") { job (case 4 when Even then "a" else "b" end), "x" }

#== a semicolon after do and empty statements
jobnet("n") do; ; job("a", "x"); ; end;

#== CRLF ends lines
# -*- coding: utf-8 -*-
require 'tengine_job'
jobnet("n") { job "a", "x" }

#== a very long chain
jobnet("n") { job "a".then { |s| s + "b" }.then { _1 + "c" }.tap { }.itself.dup.to_s.to_sym.to_proc.call("x").to_s, "x" } rescue jobnet("m") { job "a", "x" }
