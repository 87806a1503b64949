# Ways to the second file, one a line: @F is its name. A working directory is not known, so each begins at the file itself.
load File.expand_path("../@F", __FILE__)
load(File.join(File.dirname(__FILE__), "@F"))
load "@F"
load "@F" rescue LoadError
load "./@F" rescue LoadError
require_relative "@F"
require File.expand_path("../@F", __FILE__)
autoload(:Part, File.expand_path("../@F", __FILE__)); Part rescue NameError
Kernel.load(File.expand_path("../@F", __FILE__))
send(:load, File.expand_path("../@F", __FILE__))
method(:load).call(File.expand_path("../@F", __FILE__))
load(File.expand_path("../@F", __FILE__), true)
Dir[File.expand_path("../@F", __FILE__)].each { |f| load f }
Dir.glob(File.expand_path("../*", __FILE__)).sort.each { |f| load f unless f == __FILE__ }
[File.expand_path("../@F", __FILE__)].each(&method(:load))
2.times { load File.expand_path("../@F", __FILE__) }
eval(File.read(File.expand_path("../@F", __FILE__)))
instance_eval(File.read(File.expand_path("../@F", __FILE__)))
begin; load File.expand_path("../@F", __FILE__); rescue NameError; LA << @n; end
load(File.expand_path("../@F", __FILE__)) if ENV["TENGINE_NO"].nil?
load(File.expand_path("../@F", __FILE__)) unless defined?(SEEN)
def part@i() load File.expand_path("../@F", __FILE__) end; part@i
def part@i(&b) load File.expand_path("../@F", __FILE__); instance_eval(&b) end; part@i { LA << @n }
module M@i; load File.expand_path("../@F", __FILE__); end
KEPT << lambda { load File.expand_path("../@F", __FILE__) }; KEPT.last.call
$inside = true; load File.expand_path("../@F", __FILE__); $inside = false
jobnet("n@i") { boot_jobs("a"); load File.expand_path("../@F", __FILE__) }
jobnet("n@i") { boot_jobs("a"); load File.join(File.dirname(__FILE__), "@F") }
jobnet("n@i") { boot_jobs("a"); load "@F" }
jobnet("n@i") { boot_jobs("a"); load "@F"; job("b", "x", :to => @n) }
jobnet("n@i") { boot_jobs("b"); require_relative "@F"; job("b", "x", :to => "a") }
jobnet("n@i") { boot_jobs("a"); $inside = true; load File.expand_path("../@F", __FILE__); $inside = false }
jobnet("n@i") { boot_jobs("a"); instance_eval(File.read(File.expand_path("../@F", __FILE__))) }
jobnet("n@i") { boot_jobs("a"); eval(File.read(File.expand_path("../@F", __FILE__))) }
jobnet("n@i") { boot_jobs("a"); Dir[File.expand_path("../@F", __FILE__)].each { |f| load f } }
jobnet("n@i") { boot_jobs("a"); load File.expand_path("../@F", __FILE__); NAMES.each { |n| job(n, "x") } }
jobnet("n@i") { boot_jobs("a"); NAMES.each { |n| job(n, "x") unless n == "a" }; load File.expand_path("../@F", __FILE__) }
jobnet("n@i") { boot_jobs(*LA); load File.expand_path("../@F", __FILE__); LA.each { |n| job(n, "x") } }
jobnet("n@i") { boot_jobs("c"); jobnet("c") { boot_jobs("a"); load "@F" } }
jobnet("n@i") { boot_jobs("c"); job("c", "x"); finally { boot_jobs("a"); load "@F" } }
jobnet("n@i") { boot_jobs("a"); KEPT << lambda { load "@F" }; KEPT.last.call }
def w@i() load "@F" end; jobnet("n@i") { boot_jobs("a"); w@i }
jobnet("n@i") { boot_jobs("a"); load "@F"; load "@F" }
