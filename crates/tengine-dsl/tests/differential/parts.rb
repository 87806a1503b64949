# What stands in the second file besides idioms, one a line.
job("a", "x")
job("a", "x")
job(@n, "x")
job(@E, "x")
job("a", "x", :to => @n)
job("b", "x") if defined?(LA)
job("a", "x") if $inside
LA.each { |n| job(n, "x") }
%w[a b c].each { |n| job(n, "x") }
NAMES.each { |n| job(n, "x") }
jobnet("c") { boot_jobs("a"); job("a", "x") }
jobnet("p@i") { boot_jobs("a"); job("a", "x") } unless $inside
expansion("p@i")
finally { job("z", "x") }
boot_jobs(@n)
auto_sequence
return unless defined?(LA)
return if defined?(SEEN); SEEN = 1
return unless $inside
SEEN ||= []
SEEN@i = LA; SEEN@i << @n
X@i = [@n]; LA.concat(X@i)
class Part; def self.add(n) LA << n end; end; Part.add(@n)
module Part; end
def job(n, *a) super end
def helper@i(n) job(n, "x") end; helper@i("a")
LA = ["b"]
LB = ["a"]; LA = LB
LA << @n unless LA.frozen?
LA.freeze
require 'tengine_job'
