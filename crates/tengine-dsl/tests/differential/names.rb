# Expressions that give a name, one a line.
"a"
"b\n".chomp
"c\r\n".chomp
"a\r".chomp
" a ".strip
"　a".strip.sub("　", "")
"a\0".strip.delete("\0")
"\va\t".strip
"a,b".split(",").last
"b,a,,".split(",").last
",a".split(",")[1]
"a b".split.first
" a b ".split(" ").first
"a--b".split("--")[1]
"".split(",").size.to_s
"a\nb".lines.first.chomp
"%s" % "a"
"%02d" % 7
"%d%%" % 5
"%s%s" % ["a", "b"]
format("%s-%02d", "a", 3)
"a".upcase
"A".downcase
"bcd".capitalize
"é".upcase
"ab".reverse
"a" * 2
"a" + "b"
"a".succ
"ab".sub("a", "b")
"aab".gsub("a", "c")
"a.b".gsub(".", "_")
"a\\b".gsub("\\", "c")
"ab".gsub("", "-")
"ab".tr("a", "c")
"ab"[0]
"ab"[-1]
"a".rjust(3, "xy")
"a".ljust(3, "0")
"a".to_sym.to_s
"a".center(3, "-")
:b.to_s
:a.to_proc.call("x").to_s rescue "a"
"#{1 + 1}"
"j#{(0...3).last}"
"j#{(0...3).to_a.last}"
"j#{(0..3).first(2).last}"
"j#{(3..1).first}"
"j#{(3..1).to_a.size}"
"j#{(1..4).size}"
"j#{(1...4).include?(4)}"
"j#{7 / 2}#{-7 / 2}"
"j#{7 % 3}#{-7 % 3}"
"j#{10.to_s(2)}"
"j#{"12".to_i + 1}"
"j#{"0x1".to_i}"
"j#{" 5 ".to_i}"
"j#{nil}"
"j#{nil.to_a.size}"
"j#{:a}"
"j#{true && 1}"
"j#{[1, 2].first}"
"j#{["a", nil].compact.size}"
"j#{["a", "a"].uniq.size}"
["a", "b"].join
["a", ["b"]].join("-")
["a", nil].join("-")
["a", "b"].last(1).first
["a", "b"].first(1).first
["a", "b"].take(1).last
["a", "b"].drop(1).first
["a", "b"].reverse.first
["a", "b"][5].to_s + "a"
["a", "b"].at(-1)
[["a", 1]].to_h.keys.first
{ "a" => "b" }["a"]
{ "a" => "b" }.fetch("a")
{ :a => "b" }.values.first
{ "a" => "b", "a" => "c" }["a"]
{ "a" => 1 }.map { |k, v| k + v.to_s }.first
{ "a" => "b" }.key?("a").to_s
("a" == "a").to_s
("a" == :a).to_s
(1 == 1).to_s
(nil.to_s + "a")
(true ? "a" : "b")
(nil || "a")
("a" && "b")
("a" if true)
("a" unless false)
("b" if nil).to_s + "a"
("a" and "c")
begin; "a"; ensure; "b"; end
begin; raise "x"; rescue; "c"; end
[1, 2, 3].inject { |x, y| x + y }.to_s
%w[a b].each { |x| x }.last
%w[a b].map { |x| next "c" if x == "a"; x }.first
%w[a b].each_with_index.map { |x, i| "#{x}#{i}" }.last
%w[a b].find { |x| x == "b" }
%w[a b].select { |x| x == "b" }.first
%w[a b].reject { |x| x == "b" }.first
%w[a b c].each_slice(2).to_a.last.first
lambda { |x| x }.call("a")
lambda { |x, y = "b"| x + y }.call("a")
proc { |x, y| x.to_s + y.to_s }.call("a")
proc { |x, y| x.to_s + y.to_s }.call(["a", "b"])
proc { |x| next "c"; "d" }.call("a")
"a".frozen? ? "a" : "a"
"a".dup << "b"
"a".then { |x| x + "c" }
"a".tap { |x| x << "d" }
