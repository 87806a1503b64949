# Ways to wrap a line, which stands for @@.
begin; @@; rescue; end
[1].each { @@ }
if ENV['NOPE'].nil? then @@ end
lambda { @@ }.call
(@@) rescue nil
proc { @@ }
def zz() @@ end; zz
def self.zy() @@ end
Class.new { @@ }
1.times do |i| @@ end
catch(:a) { throw :a if true; @@ }
Module.new { @@ }.name
tap { @@ }
begin; raise 'x'; @@; rescue; end
begin; @@; ensure; 1; end
unless true then @@ end
0.times { @@ }
class Zz; def zz() @@ end; end; Zz.new.zz
module Zm; def self.zz() @@ end; end; Zm.zz
BEGIN { @@ }
END { @@ }
nil&.then { @@ }
define_method(:zd) { @@ } rescue 1
KK = lambda { @@ }; KK.()
@@ if false
@@ unless [].any?
case 1 when 1 then @@ else 2 end
1 == 1 && (@@)
x = (@@)
def zk(k: 1) @@ end; zk(k: 2)
[[1, 2]].each { |a, b| @@ }
{ 1 => 2 }.each { |k, v| @@ }
Struct.new(:q) { def r() @@ end }.new(1).r
instance_eval { @@ }
@@; exit
exit; @@
return; @@
return if ENV['NOPE']; @@
[].each { @@ }
at_exit { @@ }
alias zq raise; @@
private; @@
undef puts; @@
