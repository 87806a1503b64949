# Idioms of Ruby, one a line. @L is a list, @H a hash, @S a string, @P a block of one parameter that adds to a list; @n and @m are
# names, @E an expression that gives a name; @i is a number of its own.
@L << @n
@L << @E
@L.push(@n, @E)
@L.concat([@n])
@L.unshift(@n)
@L.insert(0, @n)
@L.delete(@n)
@L.delete_if { |x| x == @n }
@L.clear
@L.replace([@n, @m])
@L.map!(&:upcase)
@L.map!(&:strip)
@L.each(&:upcase!)
@L.each(&:chomp!)
@L.each { |x| x << "b" if x == @n }
@L[0] = @n
@L[0], @L[1] = @L[1], @L[0]
@L[-1] = @E
@L.first << "x" unless @L.empty?
@L.concat(@L)
@L.compact!
@L.uniq!
@L.reverse!
@L.shift
@L.pop
x@i = @L.dup; x@i << @n
x@i = @L; x@i << @n
x@i = @L.to_a; x@i << @n
x@i = @L.select { |x| x == @n }; x@i.each { |x| x << "z" }
x@i = @L + [@n]; x@i.clear
x@i = [@L]; x@i.first << @n
x@i = { :k => @L }; x@i[:k] << @n
x@i = [@L, @L].flatten; x@i.each { |x| x << "y" }
x@i = @L; x@i += [@n]; @L.push(*x@i)
x@i = nil; x@i&.each { |x| @L << x }; @L << @n
x@i = nil; x@i ||= @L; x@i << @n
x@i = false || @L; x@i << @n
x@i = ENV["TENGINE_NO"] ? [] : @L; x@i << @n
x@i = (true && @L); x@i << @n
*x@i = @L; x@i << @n
x@i, y@i = @L, @n; x@i << y@i
@S << "b"
@S.upcase!
@S.replace(@n)
@S.concat("c")
x@i = @S; x@i << "b"
x@i = +@S; x@i << "b"
x@i = @S.dup; x@i << "b"
x@i = @S.to_s; x@i << "b"
x@i = "#{@S}"; x@i << "b"
x@i = [@S]; x@i.each { |x| x << "c" }
@L << @S
@L << @S; @S << "d"
@H[@n] = @m
@H[@n] ||= @m
@H[@n] += "b" if @H[@n]
@H.store(@n, @E)
@H.merge!(@n => @m)
@H.update(@n => @m)
@H.delete(@n)
@H.each { |k, v| v << "x" }
@H.each_value(&:upcase!)
@H[@n] = @L; @H[@n] << @m; @H.delete(@n)
@H.default = @n
x@i = @S.dup; @H[x@i] = @n; x@i << "b"
@L.concat(@H.values)
@L.concat(@H.keys)
@L << @H[@n] if @H.key?(@n)
@L << @H.fetch(@n, @m)
@L << { :a => @n, :a => @m }[:a]
@L << { :a => @n }.merge(:a => @m)[:a]
@L << { **{ :a => @n }, :a => @m }[:a]
@L << { :a => @n, **{ :a => @m } }[:a]
def f@i(l, n) l << n end; f@i(@L, @E)
def f@i(n, l = LA) l << n end; f@i(@n)
def f@i(*all) all.each { |n| LA << n } end; f@i(@n, @m)
def f@i(n, to: nil) LA << (to || n) end; f@i(@n, to: @m)
def f@i(n) return if n == @m; LA << n end; f@i(@n)
def f@i(n) return LA.push(@m) if ENV["TENGINE_NO"]; LA << n end; f@i(@n)
def f@i() yield @n end; f@i { |n| @L << n }
def f@i(&b) b.call(@n) end; f@i { |n| @L << n }
def f@i(&b) KEPT << b end; f@i { @L << @n }; KEPT.each(&:call)
def f@i() LB end; f@i << @n
def f@i() LB end; f@i.push(@n).push(@m)
def f@i(o = {}) o[:to] = @n; o end; LA << f@i[:to]
if true then def f@i(n) LA << n end else def f@i(n) LB << n end end; f@i(@n)
def f@i(n) LB << n end; def f@i(n) LA << n end; f@i(@n)
alias g@i puts; def f@i(n) LA << n end; alias g@i f@i; g@i(@n)
module M@i; def self.add(l, n) l << n end; end; M@i.add(@L, @n)
module M@i; def self.add(n) LB << n end; end; M@i.add(@n)
module M@i; module_function; def add(n) LA << n end; end; M@i.add(@n)
module M@i; extend self; def add(n) LA << n end; end; M@i.add(@n)
module M@i; class << self; def add(n) LA << n end; end; end; M@i.add(@n)
module M@i; X@i = [@n]; end; @L << M@i::X@i.first
class C@i; def initialize(n) LA << n end; end; C@i.new(@n)
class C@i; def initialize(l) @l = l end; def add(n) @l << n; self end; end; C@i.new(@L).add(@n)
class C@i; def self.inherited(k) LA << @n end; end; class D@i < C@i; end
class C@i; def method_missing(n, *a) LA << n.to_s end; end; C@i.new.a
class C@i; def each; LA.each { |x| yield x } end; include Enumerable; end; C@i.new.map { |x| x << "b" }
class C@i; def to_s() LA << @n; "c" end; end; "#{C@i.new}"
class C@i; attr_reader :l; def initialize(l) @l = l end; end; C@i.new(@L).l << @n
S@i = Struct.new(:l); S@i.new(@L).l << @n
define_method(:f@i) { |n| LA << n } rescue self.class.send(:define_method, :f@i) { |n| LA << n }; f@i(@n)
define_singleton_method(:f@i) { |n| @L << n }; f@i(@n)
@L.send(:<<, @n)
@L.public_send(:push, @n)
@L.method(:push).call(@n)
@L.method(:<<).call(@n)
%w[a b].each(&@L.method(:push))
@L.tap { |x| x << @n }
@L.then { |x| x << @n }
@L.instance_eval { push @n }
@L.instance_exec(@n) { |n| push n }
Array(@L) << @n
Object.const_get(:LA) << @n
[@L, LB].each { |l| l << @n }
[@L].map(&:first).each { |x| x << "q" if x }
$g@i = @L; $g@i << @n
@v@i = @L; @v@i << @n
@P.call(@n)
@P.(@n)
@P[@n]
@P.curry[@n]
@P === @n
(@P >> lambda { |x| x }).call(@n)
[@P].each { |q| q.call(@n) }
[@n, @m].each(&@P)
[@P].map { |q| q }.first.call(@n)
x@i = @P; x@i.call(@n)
x@i = "a"; y@i = lambda { x@i << "b" }; y@i.call; @L << x@i
x@i = "a"; y@i = lambda { x@i = "c" }; y@i.call; @L << x@i
x@i = "a"; KEPT << lambda { x@i << "b" }; x@i = "c"; KEPT.last.call; @L << x@i
x@i = ["a"]; KEPT << lambda { x@i << "b" }; x@i = ["c"]; KEPT.each { |k| k.call }; @L.concat(x@i)
x@i = @L.method(:push); x@i[@n]
x@i = Hash.new { |h, k| @L << k }; x@i[@n]
x@i = Hash.new { |h, k| h[k] = [] }; x@i[:a] << @n; @L.concat(x@i[:a])
x@i = Enumerator.new { |y| @L << @n; y << 1 }; x@i.next
x@i = @L.each; x@i.next << "b" unless @L.empty?
x@i = @L.lazy.map { |x| x << "l" }; x@i.to_a
if ENV["TENGINE_NO"] then @L << @n end
@L << @n unless ENV["TENGINE_NO"]
@L << @n if ENV["TENGINE_NO"].nil?
begin; @L << @n; ensure; @m; end
x@i = begin; @n; ensure; @m; end; @L << x@i
begin; raise "x"; rescue; @L << @n; end
begin; @L << @n; raise "x"; @L << @m; rescue; end
x@i = begin; Integer("x"); rescue; @n; end; @L << x@i
case @n when "a" then @L << @m else @L << @n end
x@i = 0; while x@i < 2; @L << @n; x@i += 1; end
x@i = 0; x@i += 1 until x@i > 3; @L << "a" * x@i
loop do @L << @n; break end
x@i = [1, 2].each { |i| break @n }; @L << x@i.to_s
x@i = catch(:done) { throw :done, @n }; @L << x@i
2.times { |i| @L << "j#{i}" }
1.upto(2) { |i| @L << "j#{i}" }
3.downto(2) { |i| next if i == 3; @L << "j#{i}" }
%w[a b].each_with_index { |x, i| @L << x + i.to_s }
%w[a b].inject(@L) { |l, x| l << x }
%w[a b].each_with_object(@L) { |x, l| l << x }
%w[a b c].each_slice(2) { |x, y| @L << "#{x}#{y}" }
%w[a b c].each_cons(2) { |x| @L << x.join }
%w[a b].zip(%w[c d]).each { |x, y| @L << x + y }
%w[a b].product(%w[c]).each { |x, y| @L << "#{x}#{y}" }
@L.each_with_index { |x, i| LB << "#{x}#{i}" }
@L.dup.each { |x| @L << x + "2" }
LB.concat(@L.map { |x| x.to_s.upcase })
LB.concat(@L.map(&:to_sym).map(&:to_s))
LB.concat(@L.select { |x| x =~ /a/ })
LB.concat(@L.reject { |x| x == @n })
LB.concat(@L.sort)
LB << @L.find { |x| x == @n }.to_s + "f"
LB << @L.last.to_s + "l"
LB << (@L.any? { |x| LB << "s"; x == @n } ? @n : @m)
LB << (@L.include?(@n) ? @n : @m)
LB << (@L.all? { |x| x.length == 1 } ? @n : @m)
LB << @L.first(2).join("-") + "j"
LB << "s#{@L.size}"
@L.each { |x| @L << "e" if @L.size < 3 }
@L = nil if false
O@i = { :to => @n }; def o@i() O@i end; o@i[:to] = @m; LA << O@i[:to]
@L << [@n, @m].freeze.first
@L.concat([[@n, [@m]]].flatten)
@L.push(*[@n, @m])
@L.push(*nil)
@L << (defined?(zz@i) ? @m : @n)
@L << __method__.to_s + "m"
@L << [*"a".."c"].last
@L << ("a".."c").to_a[1]
BEGIN { $b@i = "a" }; @L << $b@i
eval("@L << @n")
binding.local_variable_set(:lv, ["a"]); @L << @n
p(@L) << @n
[*@L].each { |x| x << "t" }
[@n].each { |x; y| y = x; @L << y }
x@i = "a"; [1].each { |n; x@i| x@i = "b" }; @L << x@i
x@i = @L.first; x@i << "v" if x@i
x@i = @L.freeze; LB << x@i.first.to_s + "f"
x@i = @L.each_slice(2).to_a; x@i.first << @n unless x@i.empty?
x@i = @L.partition { |x| x == @n }; LB.concat(x@i.first)
x@i = @L.group_by { |x| x }; x@i.each { |k, v| LB << k }
x@i = @L.zip(LB).flatten.compact; x@i.each { |x| x << "z" }
x@i = @L.each_with_index.to_a; x@i.each { |x, i| x << i.to_s }
x@i = [@L, @L].first; x@i << @n
x@i = [[@L]].dup; x@i[0][0] << @n
x@i = { :k => [@L] }.merge(:j => 1); x@i[:k][0] << @n
x@i = { :k => @L }.values.first; x@i << @n
x@i = { :k => @L }.dup; x@i[:k] << @n
x@i = { @n => @L }; x@i.each { |k, v| v << k }
x@i = { @n => @L }; x@i.map { |k, v| v }.first << @m
x@i = { :k => @L }.fetch(:k) { [] }; x@i << @n
x@i = { :k => @S }; x@i[:k] << "h"
x@i = { :k => @S }; x@i[:k] += "h"; @L << x@i[:k]
x@i = { :k => nil }; x@i[:k] ||= @L; x@i[:k] << @n
x@i = {}; (x@i[:k] ||= []) << @n; @L.concat(x@i[:k])
x@i = 1; x@i += 1 if ENV["TENGINE_NO"].nil?; @L << "j#{x@i}"
x@i = "a"; x@i += "b"; @L << x@i
x@i = "a"; x@i *= 2; @L << x@i
x@i = "a"; x@i <<= "b" rescue x@i << "b"; @L << x@i
x@i = nil; x@i ||= "a"; x@i ||= "b"; @L << x@i
x@i = "a"; x@i &&= "c"; @L << x@i
x@i = y@i = "a"; x@i << "b"; @L << y@i
x@i = "a"; y@i = x@i; y@i += "b"; @L << x@i
x@i = [["a", ["b"]]]; x@i.each { |a, (b)| @L << b }
x@i = [["a", "b"]]; x@i.each { |a, b = "c"| @L << b }
x@i = [["a", "b"]]; x@i.each { |a| @L << a.size.to_s }
x@i = [["a"], ["b"]]; x@i.each { |a, *b| @L << a + b.size.to_s }
x@i = lambda { |a, b| @L << b }; begin; x@i.call(["a", "b"]); rescue ArgumentError; @L << @m; end
x@i = proc { |a, b| @L << b.to_s + "p" }; x@i.call(["a", "b"])
x@i = proc { |a| return_@i = a }; x@i.call("a")
x@i = ->(a = @n) { @L << a }; x@i.()
x@i = ->(a, b: "c") { @L << a + b }; x@i.("a")
x@i = ->(*a, &b) { b.call(a) }; x@i.call("a", "b") { |c| @L.concat(c) }
x@i = [1, 2, 3].map { |i| next "a" if i == 2; "b" }; @L << x@i[1]
x@i = [1, 2, 3].each_with_index.select { |a, i| i > 0 }; @L << "j#{x@i.size}"
x@i = [3, 1, 2].sort.first; @L << "j#{x@i}"
x@i = [3, 1, 2].max; @L << "j#{x@i}"
x@i = %w[a b].cycle.first(3).last; @L << x@i
x@i = "a".."c"; @L << x@i.first; @L << x@i.to_a.last
x@i = 1..3; @L << "j#{x@i.sum}"
x@i = (1..3).step(2).to_a.last; @L << "j#{x@i}"
x@i = %w[a b c][0..1]; @L << x@i.last
x@i = %w[a b c][1, 2]; @L << x@i.first
x@i = %w[a b c].values_at(0, 2); @L << x@i.last
x@i = %w[a b] | %w[b c]; @L << x@i.last
x@i = %w[a b] - %w[b]; @L << x@i.last
x@i = %w[a b] & %w[b]; @L << x@i.last
x@i = %w[a b] * "-"; @L << x@i
x@i = ["a"] * 3; x@i.first << "b"; @L << x@i.last
x@i = Array.new(2, "a"); x@i.first << "b"; @L << x@i.last
x@i = Array.new(2) { "a" }; x@i.first << "b"; @L << x@i.last
x@i = %w[a b].each_slice(1).map(&:first); x@i[0] << "e"; @L << x@i[0]
x@i = @L.map { |x| x }; x@i.each { |x| x << "m" }
x@i = @L.map { |x| x.dup }; x@i.each { |x| x << "m" }
x@i = @L.sort_by { |x| x }; x@i[0] << "o" if x@i[0]
x@i = @L.clone; x@i << @n
x@i = @L.reverse; x@i[0] << "r" if x@i[0]
x@i = @L.take(1); x@i.each { |x| x << "k" }
x@i = @L.compact; x@i.each { |x| x << "c" }
x@i = @L.uniq; x@i.each { |x| x << "u" }
x@i = @L.flat_map { |x| [x] }; x@i.each { |x| x << "g" }
x@i = @L.find { |x| x }; x@i << "i" if x@i
x@i = @L.inject { |a, b| a << b }
x@i = @L.min_by { |x| x }; x@i << "w" if x@i
x@i = @L.itself; x@i << @n
x@i = @L.freeze.dup; x@i << @n
x@i = Marshal.load(Marshal.dump(@L)); x@i << @n
x@i = Struct.new(:a).new(@S); x@i.a << "s"
x@i = Object.new; def x@i.add(n) LA << n end; x@i.add(@n)
x@i = Class.new { def add(n) LA << n end }; x@i.new.add(@n)
x@i = Module.new { def self.add(n) LA << n end }; x@i.add(@n)
x@i = self; def x@i.add@i(n) LB << n end; add@i(@n)
def f@i(n) LA << n; yield n if block_given? end; f@i(@n) { |n| LB << n }
def f@i(n) LA << n if block_given? end; f@i(@n)
def f@i(n, &b) g@i(n, &b) end; def g@i(n) yield n end; f@i(@n) { |n| @L << n }
def f@i(l) l = l.dup; l << "a"; l end; LB.concat(f@i(@L))
def f@i(l) l += ["a"]; l end; LB.concat(f@i(@L))
def f@i(s) s << "q"; s end; LB << f@i(@S)
def f@i(s) s += "q"; s end; LB << f@i(@S)
def f@i(o) o.delete(:to); o end; LB << f@i({ :to => "a", :k => "b" }).keys.first.to_s
def f@i(**o) o[:to] end; LB << f@i(:to => "a")
def f@i(o) o[:to] end; LB << f@i(:to => "a")
def f@i(a, o = {}) o[:to] || a end; LB << f@i("a", :to => "b") << f@i("c")
def f@i(a, *r, z) z end; LB << f@i("a", "b", "c")
def f@i(n) n == "a" ? "b" : f@i("a") end; LB << f@i("c")
def f@i(n) case n when "a" then return "b" end; "c" end; LB << f@i("a")
def f@i() [1, 2].each { |i| return "a" if i == 2 }; "b" end; LB << f@i
def f@i() @m@i ||= ["a"] end; f@i << "b"; LB.concat(f@i)
def f@i() $m@i ||= ["a"] end; f@i << "b"; LB.concat(f@i)
def f@i() LA.first end; f@i << "y"
def f@i() "a" ensure LA << "n" end; LB << f@i
def f@i() yield; ensure; LA << "n" end; f@i { LB << "a" }
f@i = method(:puts); @L << f@i.name.to_s
M@i = Module.new; M@i.const_set(:X, ["a"]) if false; @L << @n
LC@i = LA; LC@i << @n
LC@i = [LA, LB]; LC@i.each { |l| l << @n }
LC@i = { :a => LA }.freeze; LC@i[:a] << @n
LC@i = LA.map(&:dup).freeze; LC@i.first << "k" unless LC@i.empty?
LC@i ||= ["a"]; LC@i << @n; LB.concat(LC@i)
LC@i, LD@i = ["a"], ["b"]; LD@i << "c"; LB.concat(LD@i)
class C@i; L = LA; def self.add(n) L << n end; end; C@i.add(@n)
class C@i; @l = LA; class << self; attr_reader :l; end; end; C@i.l << @n
class C@i; @@l = LA; def add(n) @@l << n end; end; C@i.new.add(@n)
class C@i; def []=(k, v) LA << v end; end; c@i = C@i.new; c@i[1] = @n
class C@i; def []=(k, v) LA << v end; def [](k) nil end; end; c@i = C@i.new; c@i[1] ||= @n
class C@i; def l=(v) LA << v end; end; C@i.new.l = @n
class C@i; def +(o) LA << o; self end; end; c@i = C@i.new; c@i += @n
class C@i; def call(n) LA << n end; end; C@i.new.(@n)
class C@i; def to_proc() lambda { |n| LA << n } end; end; [@n].each(&C@i.new)
class C@i; def ==(o) LA << @n; true end; end; C@i.new == 1
class C@i; def coerce(o) LA << @n; [1, 2] end; end; 1 + C@i.new
class C@i; def self.method_added(m) LA << m.to_s end; def zz; end; end
class C@i; def initialize() yield self end; def add(n) LA << n end; end; C@i.new { |c| c.add(@n) }
class C@i < Array; def push(n) LA << n; super end; end; C@i.new.push(@n)
class C@i < Struct.new(:l); def add(n) l << n end; end; C@i.new(@L).add(@n)
module M@i; def m@i(n) LA << n end; end; include M@i; m@i(@n)
module M@i; def m@i(n) LA << n end; end; extend M@i; m@i(@n)
module M@i; def self.included(b) LA << "inc" end; end; Class.new { include M@i }
module M@i; LX = []; def self.add(n) LX << n end; end; M@i.add(@n); @L.concat(M@i::LX)
at_exit { @L << @n }
Thread.new { @L << @n }.join
Fiber.new { @L << @n }.resume
[@n].lazy.map { |x| @L << x }.first(1)
ObjectSpace.garbage_collect; @L << @n
trap("USR1") { @L << @n }
tap { @L << @n }
instance_eval { LA << @n }
loop { @L << @n; raise StopIteration }
for q@i in [@n, @m] do @L << q@i end
for q@i in @L.dup do LB << q@i end
until @L.size > 2 do @L << @n end
if (x@i = @L.first) then x@i << "1" end
case @L when Array then @L << @n end
case @n when "a", "b" then @L << "ab" when "c" then @L << "cc" end
case [@n] in [x@i] then @L << x@i end
@L << (@n =~ /b/ ? "b" : "a")
@L << $~.to_s + "a"
@L << @n.sub(/b/) { |x| x.upcase }
@L << @n.gsub(/[ab]/, "a" => "1", "b" => "2")
@L << @n.each_char.first
@L << @n.bytes.size.to_s
@L << @n.slice(0, 1)
@L << @n.slice!(0) rescue @L << "sl"
@L << "a".concat("b", "c")
@L << "a".insert(0, "b")
@L << "%-3s|" % @n
@L << "%{a}" % { :a => @n }
@L << "%<a>s" % { :a => @n }
@L << "#{@n}#{@m}".squeeze
@L << "a,b;c".split(/[,;]/).last
@L << "a".encoding.to_s.downcase
@L << "a".unpack("C").first.to_s
@L << @n.inspect
@L << :"a#{@n}".to_s
@L << @n.to_sym.inspect
@L << @n.hash.class.to_s
@L << nil.inspect << true.to_s
@L << 3.7.to_i.to_s << 7.fdiv(2).to_s
@L << 10.divmod(3).last.to_s << 2.pow(3).to_s << (2**3).to_s
@L << 1.upto(3).map { |i| i }.last.to_s
@L << 5.clamp(1, 3).to_s << 5.digits.first.to_s
@L << (1 <=> 2).to_s << (1 == 1.0).to_s << 1.eql?(1).to_s << (1 === 1).to_s
x@i = @L.shift; @L << x@i if x@i
@L.pop
@H.each(&:first)
@L.map(&:upcase).each(&:size)
T@i = Struct.new(:name); @L << T@i.new(@n).name
class C@i; def initialize(n) @n = n end; def n() @n end; end; @L << C@i.new(@n).n
class D@i < Struct.new(:a); end; class D@i; def b() a end; end
module M@i; def self.n() @n end; private_class_method :n; end
module N@i; KN@i = @n; def self.n() KN@i end; end; @L << N@i.n
V@i = 1; V@i.to_s
def k@i(n, to: nil) [n, to] end; k@i(@n, to: @m)
def j@i(n) n end; alias i@i j@i; undef j@i
@config = 1; @config = nil
$g@i = @n; @L << $g@i
module P@i; def p@i() @n end; end; extend P@i; @L << p@i
class Set; def z@i() 1 end; end; Set.new([1]).z@i
alias rq@i require; rq@i "json"; @L << @n
alias say@i puts; say@i @n; @L << @n
alias die@i raise; begin; die@i "x"; rescue; @L << @n; end
alias th@i throw; catch(:d) { th@i :d; @L << @n }; @L << @m
def f@i(n) LA << n end; alias g@i f@i; g@i(@n); f@i(@m)
class C@i; def self.mk() @n end; private_class_method :mk; end; C@i.public_class_method :mk; @L << C@i.mk
module M@i; def mk() @n end; end; M@i.extend(M@i); @L << M@i.mk
begin; no_such_word_@i; rescue NameError => E@i; end; @L << E@i.class.name
F@i, G@i = @n, @m; @L << F@i << G@i
x@i = -> { _1 + _2 }; @L << x@i.(@n, @m)
x@i = ->(a, k: @m) { a + k }; @L << x@i.(@n, k: "c") << x@i[@n]
x@i = ->(a, (b, c), *d) { b }; @L << x@i.(1, [@n, @m], 3)
undef_method(:puts) rescue undef puts; @L << @n
Struct.new(:q) { def r() require 'json' end }.new(1).r; @L << @n
