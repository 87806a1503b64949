# Helper methods, arguments, blocks and lambdas.

#== an endless method
def label(n) = "j#{n}"
jobnet("n") { job label(1), "x" }

#== numbered parameters
jobnet("n") { auto_sequence; %w[a b].each { job _1, "x" }; %w[c d].each_with_index { job "#{_1}#{_2}", "x" } }

#== keyword arguments
def step(name, script: "x", to: nil, **rest) to ? job(name, script, :to => to, **rest) : job(name, script, **rest) end
jobnet("n") { boot_jobs "a"; step "a", to: ["b"], :description => "d"; step "b", script: "y" }

#== required keywords
def step(name:, script:) job(name, script) end
jobnet("n") { step name: "a", script: "x"; step(**{ name: "b", script: "y" }) }

#== keywords out of a constant
OPTS = { script: "y" }.freeze
def step(name, script: "x") job(name, script) end
jobnet("n") { step "a", **OPTS; step "b", **{} }

#== no keywords at all
def step(name, **nil) job(name, "x") end
jobnet("n") { step "a" }

#== forwarding everything
def step(...) job(...) end
jobnet("n") { boot_jobs "a"; step("a", "x", :to => ["b"]); step("b", "y") }

#== forwarding with a leading argument
def step(name, ...) job("j-#{name}", ...) end
jobnet("n") { boot_jobs "j-a"; step("a", "x", :to => ["j-b"]); step("b", "y") }

#== splats
def step(name, *rest) job(name, *rest) end
jobnet("n") { boot_jobs "a"; step("a", "x", { :to => ["b"] }); step("b", "y") }

#== splat and keywords
def step(*args, **opts, &block) job(*args, **opts, &block) end
jobnet("n") { boot_jobs "a"; step("a", "x", :to => ["b"]); step("b", "y") }

#== ruby2_keywords
def step(*args) job(*args) end
ruby2_keywords(:step) if respond_to?(:ruby2_keywords, true)
jobnet("n") { boot_jobs "a"; step("a", "x", :to => ["b"]); step("b", "y") }

#== a default that depends on an earlier one
def step(name, script = "#{name}.sh", desc = script.upcase) job(name, desc, script) end
jobnet("n") { step "a"; step "b", "y" }

#== a default from a method
def default_script() "x" end
def step(name, script = default_script) job(name, script) end
jobnet("n") { step "a" }

#== optional in the middle
def step(name, desc = "d", script) job(name, desc, script) end
jobnet("n") { step "a", "x"; step "b", "D", "y" }

#== a destructuring parameter
def step((name, script), to = nil) job(name, script, *(to && { :to => to })) end
jobnet("n") { boot_jobs "a"; step(["a", "x"], ["b"]); step ["b", "y"] }

#== a block with destructuring
jobnet("n") { auto_sequence; [["a", ["x", 1]], ["b", ["y", 2]]].each { |n, (s, i)| job "#{n}#{i}", s } }

#== a hash with each_with_index
jobnet("n") { auto_sequence; { "a" => "x", "b" => "y" }.each_with_index { |(n, s), i| job "#{n}#{i}", s } }

#== each_with_object
names = { "a" => 1, "b" => 2 }.each_with_object([]) { |(k, v), all| all << "#{k}#{v}" }
jobnet("n") { auto_sequence; names.each { |n| job n, "x" } }

#== inject with a symbol
total = [1, 2, 3].inject(:+)
jobnet("n") { job "j#{total}", "x"; job "k#{[1, 2].reduce(1) { |a, b| a * b }}", "x" }

#== tap and then
jobnet("n") { job "a".dup.tap { |s| s << "b" }, "x"; job 5.then { |i| "j#{i}" }, "x" }

#== a lambda with defaults
make = ->(n, s = "x", to: nil, &b) { [n, s] }
jobnet("n") { job(*make.("a")); job(*make.call("b", "y", to: 1)); job(*make["c"]) }

#== a lambda with a block-local variable
x = "outer"
make = lambda { |n; x| x = "j"; x + n }
jobnet("n") { job make.call("a"), "x"; job x, "x" }

#== procs that return lambdas
adder = ->(a) { ->(b) { a + b } }
jobnet("n") { job adder.("a").("b"), "x" }

#== yield with several values
def pairs() yield "a", "x"; yield "b", "y" end
jobnet("n") { auto_sequence; pairs { |n, s| job n, s } }

#== a block is passed on
def in_order(&block) auto_sequence; instance_eval(&block) end
jobnet("n") { in_order { job "a", "x"; job "b", "x" } }

#== a block is kept
HOOKS = []
def later(&block) HOOKS << block end
later { |net| net.job "a", "x" }
jobnet("n") { HOOKS.each { |h| h.call(self) } }

#== a block is asked for
def maybe(n) block_given? ? yield(n) : job(n, "x") end
jobnet("n") { maybe "a"; maybe("b") { |n| job n, "y" } }

#== a method returns several values
def pair() return "a", "x" end
n, s = pair
jobnet("n") { job n, s }

#== a method returns early
def kind(n) return "small" if n < 5; return "big" unless n < 10; "mid" end
jobnet("n") { auto_sequence; [1, 7, 20].each { |i| job kind(i), "x" } }

#== a recursive method
def tree(n, depth) job "#{n}#{depth}", "x"; tree(n, depth - 1) if depth > 1 end
jobnet("n") { auto_sequence; tree "a", 3 }

#== a method with ensure
def step(n) job n, "x" ensure DONE << n end
DONE = []
jobnet("n") { auto_sequence; step "a"; job DONE.first + "2", "x" }

#== a method with rescue and else
def number(s) Integer(s) rescue 0 end
def safe(s)
  Integer(s)
rescue ArgumentError, TypeError => e
  -1
else
  1
ensure
  2
end
jobnet("n") { job "j#{number("z")}", "x"; job "k#{safe("z").abs}#{safe("3")}", "x" }

#== retry
def fetch()
  tries ||= 0
  tries += 1
  raise "no" if tries < 3
  "j#{tries}"
rescue
  retry
end
jobnet("n") { job fetch, "x" }

#== redo of nothing and next with a value
names = [1, 2, 3].map { |i| next "skip" if i == 2; "j#{i}" }
jobnet("n") { auto_sequence; names.each { |n| job n, "x" } }

#== break with a value
name = %w[a b c].each { |n| break n if n > "a" }
jobnet("n") { job name, "x" }

#== catch and throw
name = catch(:found) { %w[a b].each { |n| throw :found, n + "!" if n == "b" }; "none" }
jobnet("n") { job name, "x" }

#== __method__ and caller
def nightly() __method__.to_s end
def where() caller.size > 0 ? "a" : "b" end
jobnet("n") { job nightly, "x"; job where, "x"; job File.basename(__FILE__, ".rb") + __LINE__.to_s, "x" }

#== caller_locations
def here() caller_locations(1, 1).first.lineno end
jobnet("n") { job "line#{here}", "x" }

#== a helper with a word's arguments
def ssh(name, script, o = {}) job(name, script, { :server_name => "s1", :credential_name => "c1" }.merge(o)) end
jobnet("n") { boot_jobs "a"; ssh "a", "x", :to => ["b"]; ssh "b", "y" }

#== a helper that defines a jobnet
def nightly(name, *steps) jobnet(name) { auto_sequence; steps.each { |s| job s, "#{s}.sh" } } end
nightly("n", "a", "b"); nightly("m", "c")

#== a helper with a block for the jobnet
def nightly(name, desc = nil, &block) jobnet(name, desc || name, :server_name => "s", &block) end
nightly("n") { job "a", "x" }

#== a helper inside of a jobnet's block
jobnet("n") do
  auto_sequence
  def local_step(n) job(n, "x") end
  local_step "a"
  local_step "b"
end

#== a lambda inside of a jobnet's block
jobnet("n") { auto_sequence; add = ->(n) { job n, "x" }; add.("a"); add["b"]; %w[c d].each(&add) }

#== define_method at the top
self.class.send(:define_method, :step) { |n, s = "x"| job n, s }
jobnet("n") { step "a"; step "b", "y" }

#== define_singleton_method
define_singleton_method(:step) { |n| job n, "x" }
jobnet("n") { step "a" }

#== method(:job)
jobnet("n") { auto_sequence; add = method(:job); add.call("a", "x"); add.("b", "y") }

#== send a word
jobnet("n") { send(:job, "a", "x"); public_send(:job, "b", "x") rescue send(:job, "b", "x") }

#== a predicate and a bang
def production?() ENV["TENGINE_ENV"] == "production" end
def name!(s) s.dup.upcase! || s end
jobnet("n") { job production? ? "p" : "d", "x"; job name!("a"), "x" }

#== a setter-like method at the top
def base=(b) @base_of_mine = b end
self.base = "/opt"
jobnet("n") { job "a", "#{@base_of_mine}/a.sh" }

#== memo in an instance variable of one's own
def names() @my_names ||= %w[a b] end
jobnet("n") { auto_sequence; names.each { |n| job n, "x" } }

#== global variables
$names = []
$names << "a" << "b"
jobnet("n") { auto_sequence; $names.each { |n| job n, "x" }; job "p#{$$}", "x"; job File.basename($0).tr(".", "_"), "x" }

#== local variables seen in blocks only
names = %w[a b]
scripts = Hash.new { |h, k| h[k] = "#{k}.sh" }
jobnet("n") { auto_sequence; names.each { |n| job n, scripts[n] } }

#== a flip-flop
names = (1..9).select { |i| true if (i == 3)..(i == 5) }.map { |i| "j#{i}" }
jobnet("n") { auto_sequence; names.each { |n| job n, "x" } }

#== BEGIN and END
END { puts "bye" }
BEGIN { $early = "a" }
jobnet("n") { job $early, "x" }

#== at_exit and trap
at_exit { $done = true }
trap("USR2") { }
jobnet("n") { job "a", "x" }

#== defined?
X = "a" unless defined?(X)
jobnet("n") { job X, "x"; job "b", "x" if defined?(job) && !defined?(nothing_of_the_kind) && !defined?(Nowhere::At::All) }

#== conditional assignment
x ||= "a"
y = nil
y ||= "b"
z = y && "c"
@w ||= "d"
$v ||= "e"
jobnet("n") { auto_sequence; [x, y, z, @w, $v].each { |n| job n, "x" } }

#== multiple assignment
a, (b, *c), d = "a", ["b", "c", "c2"], "d"
*init, last = %w[e f g]
h = {}
h[:x], h[:y] = "h", "i"
jobnet("n") { auto_sequence; [a, b, *c, d, *init, last, *h.values].each { |n| job n, "x" } }

#== swap
a, b = "a", "b"
a, b = b, a
jobnet("n") { boot_jobs "b"; job a, "x", :to => [b]; job b, "x" }

#== one-line pattern matching
config = { name: "a", steps: [{ id: 1 }, { id: 2 }] }
config => { name: String => name, steps: [{ id: first }, *] }
jobnet("n") { job name, "x"; job "j#{first}", "x" if config in { name: /a/ } }

#== case in
def label(x)
  case x
  in (Integer | Float) => n if n > 10 then "big#{n.to_i}"
  in Integer then "small"
  in [String => a, *rest] then "#{a}#{rest.size}"
  in { kind: :job, name: } then name
  in nil then "none"
  in EXPECTED then "expected"
  else "other"
  end
end
EXPECTED = :e
jobnet("n") { auto_sequence; [20, 3, ["l", 1, 2], { kind: :job, name: "q" }, nil, :e, "z"].each { |x| job label(x), "x" } }

#== deconstruct
class Point
  attr_reader :x, :y
  def initialize(x, y) @x, @y = x, y end
  def deconstruct() [x, y] end
  def deconstruct_keys(keys) { x: x, y: y } end
end
r = case Point.new(1, 2)
    in { x: 0 } then "zero"
    in [1, y] then "one#{y}"
    end
jobnet("n") { job r, "x" }

#== the find pattern
r = case %w[a b c]
    in [*, "b" => hit, *] then hit
    end
jobnet("n") { job r, "x" }

#== while, until and loop
i = 0
names = []
while (i += 1) <= 2 do names << "w#{i}" end
until i >= 5 do i += 1; names << "u#{i}" end
begin i -= 1; names << "d#{i}" end while i > 4
loop { i += 1; next if i.odd?; names << "l#{i}"; break if i > 6 }
jobnet("n") { auto_sequence; names.each { |n| job n, "x" } }

#== for with ranges and steps
names = []
for i in 1..2 do names << "f#{i}" end
for a, b in { "k" => "v" } do names << a + b end
1.step(5, 2) { |k| names << "s#{k}" }
10.downto(9) { |k| names << "d#{k}" }
0.step(by: 5, to: 10) { |k| names << "b#{k}" }
(1..10).step(4) { |k| names << "r#{k}" }
(1.0..2.0).step(0.5) { |k| names << "x#{(k * 10).to_i}" }
("a".."c").each_cons(2) { |p, q| names << p + q }
jobnet("n") { auto_sequence; names.each { |n| job n, "x" } }

#== statement modifiers
jobnet("n") do
  job "a", "x" if true
  job "b", "x" unless false
  job "c", "x" if not nil and true
  (job "d", "x") rescue nil
end

#== words that are called like methods
def description() "d" end
def name() "n2" end
def test(x) x end
def system_name() "a" end
jobnet(name, description) { job test("a"), "x"; job system_name + "2", "x" }

#== a local variable that is called like a word
job_names = %w[a b]
jobnet_name = "n"
event = "e"
config = { "x" => "y" }
driver = "d"
jobnet(jobnet_name) { auto_sequence; job_names.each { |job_name| job job_name, config["x"] }; job event + driver, "x" }

#== a block parameter that is called like a word
jobnet("n") { auto_sequence; %w[a b].each { |job| job(job, "x") }; [["c", "y"]].each { |session, event| job session, event } }

#== line continuation
jobnet "n",
       "description",
       :server_name => "s" do
  job "a",
      "x" \
      " y"
  %w[b c]
    .map(&:upcase)
    # a comment in between
    .each { |n|
      job n, "x"
    }
end

#== semicolons and parentheses
jobnet("n") { job("a", "x"); job("b", ("y")); (job("c", "z")) }

#== __END__
jobnet("n") { job "a", "x" }
__END__
this is not Ruby ( at all

#== comments of a block
=begin
jobnet("m") {
=end
jobnet("n") { job "a", "x" }

#== an empty hash that is taken apart is no argument
NONE = {}.freeze
def label(name) name end
seven = -> { 7 }
named = lambda { |name| name }
jobnet("n") { job "#{label("a", **{})}#{seven.call(**{})}#{named.call("b", *[], **NONE)}", "x" }
