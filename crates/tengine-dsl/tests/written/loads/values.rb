# Texts, lists, hashes, numbers and times.

#== heredocs
SCRIPT = <<~SH
  set -e
    indented #{1 + 1}
SH
RAW = <<~'SH'
  #{not} evaluated \n
SH
a, b = [<<~A, <<~B].map(&:strip)
  a
A
  b
B
jobnet("n") do
  job a, SCRIPT
  job b, <<-SH.gsub(/^\s+/, "").strip
    echo #{RAW.lines.first.chomp}
  SH
  job(<<"NAME".chomp, "x", :description => <<TEXT)
c
NAME
text
TEXT
end

#== gsub with a hash and a block
n = "a-b-c".gsub(/[-a]/, "-" => "_", "a" => "A").gsub("b") { |m| m.upcase }.gsub(/C|c/) { $&.upcase }.gsub(/(?<l>A)/, '<\k<l>>').tr("<>", "")
jobnet("n") { job n, "x" }

#== match data
m = "job-12".match(/(?<name>\w+)-(?<no>\d+)/)
if "x=1" =~ /(\w)=(\d)/
  left, right = $1, $2
end
if /(?<key>\w+):(?<value>\w+)/ =~ "k:v"
  both = key + value
end
jobnet("n") { auto_sequence; job m[:name] + m["no"], "x"; job left + right + both, "x"; job $~ ? "m" : "o", "x"; job m.named_captures.keys.join + m.pre_match + m.names.first, "x" }

#== scan, partition, slices
s = "a1b22"
parts = s.scan(/[a-z]\d+/) + s.partition("b").reject(&:empty?) + [s[0], s[1..], s[-2, 2], s[/\d+/], s[/([a-z])(\d\d)/, 2], s.slice(0, 3), s["b22"]]
jobnet("n") { auto_sequence; parts.uniq.each_with_index { |n, i| job "#{n}#{i}", "x" } }

#== formats
names = [format("%03d", 7), "%s-%s" % %w[a b], "%<a>s%<b>d" % { a: "x", b: 2 }, format("%-5s|", "l"), sprintf("%x", 255), "%.2f" % 1.005, "%05.1f%%" % 3.14159, "%c" % 97, "%+d" % 5, "%b" % 5, "%e" % 12345.678, "%{k}" % { k: "v" }]
jobnet("n") { auto_sequence; names.each_with_index { |n, i| job "#{n.strip}#{i}", "x" } }

#== paddings and cases
jobnet("n") { auto_sequence; ["a".rjust(3, "0"), "b".ljust(3, "."), "c".center(5, "*"), "dD".swapcase, "eE".capitalize, "ff".squeeze, "g" * 3, "hi".reverse, "i".succ, "az".next, "k".ord.chr, "l".concat("m"), "nn".delete("n") + "n", "o,p".tr(",", "_"), "q".prepend("r"), "s".insert(0, "t"), "Zz".casecmp("zZ").to_s, "u".unpack1("H*"), ["v"].pack("A3").strip, "w".hash.abs.to_s, "x".crypt("ab")[0, 3], "yes".start_with?("y").to_s, "z".sum.to_s].each_with_index { |n, i| job "#{n}_#{i}", "x" } }

#== encodings
# -*- coding: utf-8 -*-
require 'tengine_job'
s = "夜間"
jobnet("n") { auto_sequence; [s, s.encode("Shift_JIS").encode("UTF-8") + "2", s.dup.force_encoding("BINARY").bytesize.to_s, s.bytes.first.to_s, s.b.unpack1("H4"), s.unicode_normalize(:nfkc) + "3", "\u{1F600}".codepoints.first.to_s, "abc".encoding.name, Encoding.default_external.name, s.scrub + "4", s.valid_encoding?.to_s, "\xE3\x81\x82" + "5"].each { |n| job n, "x" } }

#== a frozen literal is duplicated
# frozen_string_literal: true
require 'tengine_job'
s = "a".dup << "b"
t = +"c"
t << "d"
u = String.new("e") << "f"
v = "#{1}g"
v << "h"
jobnet("n") { auto_sequence; [s, t, u, v, (-"w").upcase].each { |n| job n, "x" } }

#== warn of indentation and shareable constants
# -*- warn_indent: true -*-
# shareable_constant_value: literal
require 'tengine_job'
N = ["a", { k: "v" }]
jobnet("n") { job N[0], N[1][:k] }

#== percent literals
jobnet("n") do
  auto_sequence
  %w(a b).each { |n| job n, %q(x 'y') }
  %i[c d].each { |n| job n.to_s, %Q[x "#{n}"] }
  %W[e#{1} f].each { |n| job n, %<x> }
  job %s(g).to_s, %x(echo h).chomp
  %I[i#{1}].each { |n| job n.to_s, "x" }
end

#== symbols
jobnet("n") { auto_sequence; [:a, :"b c", :"d#{1}", %s(e), "f".to_sym, :g.succ, :H.downcase, :i[0], :jk[0..], :l.length, :m <=> :n, :o.to_proc.call("x"), :p.inspect, :q.id2name, :r.size].each_with_index { |n, i| job "#{n}#{i}", "x" } } if :o.respond_to?(:to_proc) rescue jobnet("m") { job "a", "x" }

#== numbers
ns = [1_000, 0b11, 0o17, 0xff, 017, 1e3.to_i, 10.fdiv(4), 7.divmod(2).last, -7 / 2, 7 % 3, 2**10, 10.pow(3, 7), 255.to_s(2), "ff".hex, "17".oct, "0b11".to_i(0), 3.14.round, 3.7.floor, 3.2.ceil, 3.14159.round(2), 10.digits.sum, 6.gcd(4), 6.lcm(4), 5.pred, 5.bit_length, 5[0], 1 <=> 2, 3.zero?, 5.clamp(1, 3), 5.between?(1, 9), 1.0.nan?, 10.0.to_i, 1r, 2i.imaginary, Integer.sqrt(17), Integer("0x1f", 16), Float("1.5"), Rational("1/3"), 12.5.to_s, 1.size, Float::INFINITY, Math.sqrt(16), Math::PI.floor(2), 100.clamp(..50)]
jobnet("n") { auto_sequence; ns.each_with_index { |n, i| job "j#{n}-#{i}", "x" } }

#== lists
l = [3, 1, 2]
r = [l.sort, l.max(2), l.minmax, l.sum, l.take_while { |x| x > 2 }, l.each_slice(2).to_a, l.each_cons(2).map(&:sum), l.partition(&:odd?), l.group_by(&:odd?), l.chunk_while { |a, b| b == a + 1 }.to_a, l.slice_when { |a, b| b < a }.to_a, l.zip([1, 2, 3]), l.rotate, l.combination(2).to_a, l.permutation(2).first, l.product([1]), l.transpose_ish, l.tally, l.each_entry.to_a, l.cycle.first(4), l.inject(:+), l.sum { |x| x * 2 }, l.filter_map { |x| x * 2 if x > 1 }, l.flat_map { |x| [x] * x }, l.find_index(2), l.bsearch { |x| x >= 2 }, l.pack("C*"), l.first(2), l.last, l.values_at(0, -1), l.dig(0), l.fetch(9, 0), l.fetch(9) { |i| i }, l.sample.class, l.shuffle(random: Random.new(1)).size, l.none?, l.one? { |x| x == 1 }, l.union([4]), l.difference([1]), l.intersection([1]), l.min_by { |x| -x }, l.sort_by { |x| -x }, l.reverse_each.to_a, l.each_with_index.to_h { |x, i| [x, i] }, l.step_ish] rescue r = [l * ",", l <=> [3], l.assoc(3), [[1, 2]].to_h, [[1, 2], [3, 4]].transpose, [nil, 1].compact, [[1, [2]]].flatten(1), [1, 1].uniq, l.include?(1), l.count(&:even?), l.delete_if(&:zero?), l.keep_if(&:positive?), l.insert(1, 9), l.fill(0, 1, 1), l.slice(0..), l[..1], l.at(0), l | [7], l & [3], l - [3], l + [8], l.dup << 5, l.push(1).pop, l.unshift(1).shift, l.join("-"), l.hash.class, l.frozen?, l.eql?([1]), l.deconstruct, l.intersect?([1])] rescue r = [[1]]
jobnet("n") { auto_sequence; r.each_index { |i| job "j#{i}", "x" } }

#== hashes
h = { "a" => 1, :b => 2, "c": 3, d: 4 }
r = [h.map { |k, v| "#{k}#{v}" }, h.sort_by { |k, v| -v }.first, h.min_by { |_, v| v }, h.select { |_, v| v > 1 }, h.reject { |k, _| k == :b }, h.find { |k, v| v == 3 }, h.sum { |_, v| v }, h.to_a.flatten, h.invert, h.key(1), h.any? { |k, v| v > 3 }, h.all? { |(k, v)| v }, h.partition { |_, v| v > 2 }, h.group_by { |_, v| v.odd? }, h.each_with_object({}) { |(k, v), o| o[v] = k }, h.reduce(0) { |s, (_, v)| s + v }, h.transform_values { |v| v + 1 }, h.transform_keys(&:to_s), h.transform_keys({ b: :z }), h.filter_map { |k, v| k if v > 1 }, h.merge({ "a" => 9 }) { |k, o, n| o + n }, h.dig("a"), h.fetch(:zz, 0), h.fetch(:zz) { |k| k }, h.fetch_values("a", :b), h.values_at("a"), h.slice(:b, :d), h.except(:b), h.compact, h.sort { |a, b| a[1] <=> b[1] }, h.count, h.each_slice(2).to_a, h.zip([1]), h.default, h.compare_by_identity.class, h.to_h { |k, v| [v, k] }, h.assoc(:b), h.rassoc(2), h.flat_map { |k, v| [k] * v }, h.max_by { |_, v| v }, h.each_entry.to_a, h.inject { |a, b| a + b }, h.delete(:nope), h.key?(:b), h.length, h.first, h.entries, h.sum { _2 }, h.store(:e, 5), h.update(f: 6), h.shift, h.dup.clear, h.keys.first, h.values.last, h.tally, h.uniq, h.min, h.each_cons(2).first] rescue r = [[1], [2]]
jobnet("n") { auto_sequence; r.each_index { |i| job "j#{i}", "x" } }

#== a hash with a default block
counts = Hash.new(0)
%w[a b a].each { |n| counts[n] += 1 }
lists = Hash.new { |h, k| h[k] = [] }
lists[:x] << "p"
lists[:x] << "q"
deep = Hash.new { |h, k| h[k] = Hash.new(&h.default_proc) }
deep[:a][:b][:c] = "deep"
jobnet("n") { auto_sequence; counts.each { |n, c| job "#{n}#{c}", "x" }; lists[:x].each { |n| job n, "x" }; job deep.dig(:a, :b, :c), "x" }

#== hash shorthand
name = "a"
script = "x"
h = { name:, script: }
jobnet("n") { job h[:name], h[:script] }

#== ranges
r = [(1..3).to_a, (1...3).sum, ("a".."e").step(2).to_a, (1..), (..3), (1..10) % 3, (1..3).cover?(2), (1..3) === 2, ("a".."z").include?("c"), (1..10).each_slice(3).to_a, (0.5..1.5).include?(1), (1..3).reverse_each.to_a, (1..Float::INFINITY).lazy.map { |x| x * 2 }.select { |x| x % 3 == 0 }.first(2), (Time.at(0)..Time.at(9)).cover?(Time.at(5)), (1..3).inject(:*), (1..3).each_with_index.to_a, (1..3).minmax, ('01'..'12').to_a.last]
jobnet("n") { auto_sequence; r.each_with_index { |x, i| job "j#{i}", x.to_s } }

#== lazy and enumerators
fib = Enumerator.new { |y| a, b = 0, 1; loop { y << a; a, b = b, a + b } }
e = [1, 2, 3].each
first = e.next
peeked = e.peek
gen = Enumerator.produce(1) { |x| x * 2 }
jobnet("n") { auto_sequence; fib.lazy.select(&:even?).first(3).each { |x| job "f#{x}", "x" }; job "e#{first}#{peeked}", "x"; gen.take(3).each { |x| job "g#{x}", "x" }; %w[a b].each.with_index(1) { |n, i| job "#{n}#{i}", "x" }; %w[p q].map.with_index { |n, i| "#{n}#{i}" }.each { |n| job n, "x" }; %w[r s].each_with_index.map { |n, i| n * (i + 1) }.each { |n| job n, "x" }; %w[t].each.with_object([]) { |n, l| l << n }.each { |n| job n, "x" }; (e.size + 1).times.map { |i| job "z#{i}", "x" } }

#== enumerator chains
e = ([1, 2].each + [3].each).to_a
c = %w[a b].each_entry.zip(%w[c d]).to_h
jobnet("n") { auto_sequence; e.each { |x| job "j#{x}", "x" }; c.each_pair { |k, v| job k, v } }

#== times and dates
require 'date'
require 'time'
t = Time.utc(2024, 1, 31, 12, 30)
d = Date.new(2024, 2, 29)
r = [t.strftime("%Y%m%d"), t.iso8601, (t + 3600).hour, t.monday?, (t - Time.at(0)).to_i, Time.parse("2024-01-01 00:00:00 UTC").year, Time.gm(2000).yday, t.to_a.size, t.round.usec, d.next_month.to_s, (d >> 1).day, (d - 1).strftime("%a"), d.leap?, (Date.parse("2024-03-01") - d).to_i, Date.valid_date?(2023, 2, 29), DateTime.new(2024, 1, 1).hour, d.cwday, d.step(d + 2).map(&:day).join, Date.strptime("01/02/2024", "%d/%m/%Y").month, d.upto(d + 1).to_a.size, Date::MONTHNAMES[1], Date.today.year > 2000, Time.now.wday.between?(0, 6), t.to_date.saturday?, d.to_time.class, Time.at(0).utc.xmlschema, t.localtime("+09:00").hour, d.beginning]  rescue r = %w[p q]
jobnet("n") { auto_sequence; r.each_with_index { |x, i| job "j#{i}", x.to_s } }

#== pack and unpack
s = [1, 2].pack("Cn").unpack("Cn").join + ["abc"].pack("m0") + "YWJj".unpack1("m") + [65].pack("U") + "ab".unpack("a1 a1").last
jobnet("n") { job s, "x" }

#== safe navigation
conf = { :a => { :name => "n1" } }
none = nil
jobnet("n") { job conf[:a]&.fetch(:name) || "z", "x"; job none&.upcase.to_s + "e", "x"; job (none&.length || 0).to_s, "x"; none&.each { |n| job n, "x" } }

#== nil
jobnet("n") { auto_sequence; [nil.to_a, nil.to_s, nil.inspect, nil.to_i, nil & 1, nil.nil?, nil.to_h, NilClass, nil.dup, nil =~ /a/, nil == 1, nil.instance_of?(NilClass), nil.then { 1 }, nil.object_id, nil.frozen?, nil.respond_to?(:x), nil | 1, nil ^ 1, nil.rationalize, nil.to_c, nil <=> nil, nil.itself, nil.class, nil.hash.class, nil.to_f, nil.method(:to_s).name, nil.tap { }, nil.is_a?(Object)].each_with_index { |x, i| job "j#{i}", "x" } }

#== true and false
jobnet("n") { job (true & false).to_s, "x"; job (true ^ true || false.!).to_s, "x"; job true.then { |t| t ? "y" : "n" }, "x"; job true.class.name, "x" }

#== comparisons and spaceships
names = %w[b10 b9 a].sort_by { |n| [n[/\D+/], n[/\d+/].to_i] }
jobnet("n") { auto_sequence; names.each { |n| job n, "x" }; job ([1, 2] <=> [1, 3]).to_s, "x"; job [[2, "b"], [1, "a"]].min.last + "1", "x" }

#== dup, freeze, clone
A = %w[a b].freeze
B = A.map(&:dup).each(&:upcase!)
C = A.dup << "c"
D = A.clone(freeze: false) << "d"
H = { k: [1].freeze }.freeze
G = H.merge(l: 2)
jobnet("n") { auto_sequence; (B + [C.last, D.last, G.keys.last.to_s]).each { |n| job n, "x" } }

#== ENV
ENV["MY_STEP"] ||= "e"
ENV.store("MY_OTHER", "o")
jobnet("n") { auto_sequence; job ENV["MY_STEP"], "x"; job ENV.fetch("NOT_THERE", "d"), "x"; job ENV.fetch("NOT_THERE") { |k| k.downcase }, "x"; job ENV.key?("MY_OTHER") ? "y" : "n", "x"; ENV.select { |k, _| k.start_with?("MY_OT") }.each { |k, v| job v, "x" }; job ENV.to_h.slice("MY_STEP").values.join + "2", "x"; job ENV.values_at("MY_STEP").first + "3", "x" }

#== ObjectSpace, GC and RUBY_VERSION
jobnet("n") { job RUBY_VERSION.split(".").first(2).join("_"), "x"; job RUBY_ENGINE, "x"; GC.start; job ObjectSpace.count_objects.key?(:TOTAL) ? "o" : "p", "x"; job RUBY_PLATFORM[/\w+/], "x"; job Process.pid.to_s, "x"; job Process.clock_gettime(Process::CLOCK_MONOTONIC).class.name, "x" }

#== random with a seed
r = Random.new(42)
jobnet("n") { job "j#{r.rand(100)}", "x"; job "k#{Random.rand(1)}", "x"; job "l#{rand(1)}", "x"; job %w[m].sample, "x" }

#== rescue modifiers
n = Integer("x") rescue 7
m = nil.upcase rescue "m"
jobnet("n") { job "j#{n}", "x"; job m, "x"; job (raise("x") rescue "r"), "x" }

#== nested data
CONF = {
  servers: { db: %w[d1 d2], web: ["w1"] },
  steps: [
    { name: "a", on: :db, to: %w[b c] },
    { name: "b", on: :web },
    { name: "c", on: :web, opts: { :description => "last" } },
  ],
}.freeze
jobnet("n") do
  boot_jobs CONF[:steps].first[:name]
  CONF[:steps].each do |step|
    job step[:name], "x", { :server_name => CONF[:servers][step[:on]].first, :to => step[:to] }.merge(step[:opts] || {}).compact
  end
end

#== strings built up
s = ""
s << "a" << 98
s += "c"
s.concat("d", "e")
s.replace(s.chars.select { |c| c =~ /[a-d]/ }.join)
s[0] = "A"
s[/d/] = "D"
s.insert(-1, "z").slice!(0)
jobnet("n") { job s, "x"; job s.each_char.with_index.map { |c, i| i.even? ? c : c.upcase }.join + s.tr_s("b", "b"), "x"; job s.sub(/b/) { |m| m * 2 }, "x"; job "a\tb".expand_tabs, "x" rescue job "q", "x" }

#== each_line and lines
text = "a x\nb y\n\n# no\n"
jobnet("n") { auto_sequence; text.each_line(chomp: true) { |l| next if l.empty? || l.start_with?("#"); job(*l.split) }; text.lines.map(&:chomp).reject(&:empty?).first(1).each { |l| job l.upcase.delete(" "), "x" } }

#== string comparisons in case
def kind(n)
  case n
  when /\Aa/ then "re"
  when "b", "c" then "text"
  when *%w[d e] then "splat"
  when ->(x) { x.is_a?(String) && x.size > 3 } then "lambda"
  when String then "class"
  when nil, false then "none"
  when 1..5 then "range"
  else "other"
  end
end
jobnet("n") { auto_sequence; ["a", "c", "e", "long", "f", nil, 3, 9].each { |x| job kind(x), "x" } }

#== case without a value
x = 5
n = case when x < 3 then "lo" when x > 4 then "hi" end
jobnet("n") { job n, "x" }

#== nested string interpolation
a = %w[x y]
jobnet("n") { job "#{a.map { |i| "<#{i}>" }.join("#{","}")}", "x"; job "a" "b" 'c', "x"; job "t#{"a" if false}", "x"; job "#$0"[0, 1] + "#@none", "x" rescue job "z", "x" }

#== characters
jobnet("n") { job ?a, "x"; job ?a + ?b, "x"; job "\u0061\x62\143\e".chop, "x"; job "a\
b2", "x" }

#== rational and complex
jobnet("n") { job (1/3r + 0.5r).to_s, "x"; job Complex(1, 2).abs2.to_s, "x"; job 3.to_r.to_s, "x"; job "0.75".to_r.to_s + "r", "x"; job 0.1.rationalize(Rational(1, 100)).to_s, "x" }

#== object_id and inspect
jobnet("n") { job "a".object_id.class.name, "x"; job [1, :a, "s", nil].inspect, "x"; job Object.new.to_s[0, 8], "x"; job self.to_s, "x"; job self.class.name, "x" }
