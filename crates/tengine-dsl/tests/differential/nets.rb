# Jobnets that use what was made, one a line.
jobnet("n@i") { boot_jobs("a"); job("d", "x"); @L.each { |n| job(n, "x") } }
jobnet("n@i") { boot_jobs("a", "b"); job("d", "x"); @L.each { |n| job(n, "x") } }
jobnet("n@i") { boot_jobs(*@L); NAMES.each { |n| job(n, "x") } }
jobnet("n@i") { boot_jobs(@L.first); NAMES.each { |n| job(n, "x") } }
jobnet("n@i") { boot_jobs(@S); NAMES.each { |n| job(n, "x") } }
jobnet("n@i") { boot_jobs("a"); job("a", "x"); @L.each { |n| job(n.to_s, "x") } }
jobnet("n@i") { boot_jobs("a"); job("a", "x", :to => @L); NAMES.each { |n| job(n, "x") unless n == "a" } }
jobnet("n@i") { boot_jobs("a"); job("a", "x", :to => @S); NAMES.each { |n| job(n, "x") unless n == "a" } }
jobnet("n@i") { boot_jobs(@E); job(@E, "x") }
jobnet("n@i") { boot_jobs("a"); job("a", "x", @O); job("b", "x", @O); job("c", "x") }
jobnet("n@i") { boot_jobs("a"); job("a", "x", **OA, :to => "b"); job("b", "x") }
jobnet("n@i") { boot_jobs("a"); job("a", "x", :to => "zz", :to => "b"); job("b", "x") }
jobnet("n@i") { boot_jobs("a"); job("a", "x", OA.merge(:to => "b")); job("b", "x") }
jobnet("n@i") { boot_jobs("a"); job("a", "x", @H.to_a.empty? ? {} : { :to => "b" }); job("b", "x") }
jobnet("n@i") { boot_jobs("a"); self.job("a", "x") }
jobnet("n@i") { boot_jobs("a"); TOPLEVEL_BINDING.receiver.job("a", "x") }
jobnet("n@i") { boot_jobs("a"); add@i = self; add@i.job("a", "x") }
jobnet("n@i") { boot_jobs("a"); send(:job, "a", "x") }
jobnet("n@i") { boot_jobs("a"); method(:job).call("a", "x") }
jobnet("n@i") { boot_jobs("a"); %w[a b].each(&method(:job)) }
def w@i(n, o = {}) job(n, "x", o) end; jobnet("n@i") { boot_jobs("a"); w@i("a", :to => "b"); w@i("b") }
def w@i(net, n) net.job(n, "x") end; jobnet("n@i") { boot_jobs("a"); w@i(self, "a") }
def w@i(n) jobnet(n) { boot_jobs("a"); yield } end; w@i("n@i") { job("a", "x") }
def w@i(n, &b) jobnet(n, &b) end; w@i("n@i") { boot_jobs("a"); job("a", "x") }
def w@i(*names) names.each { |n| job(n, "x") } end; jobnet("n@i") { boot_jobs("a"); w@i(*@L, "a") }
def w@i(n, to: nil) job(n, "x", :to => to) end; jobnet("n@i") { boot_jobs("a"); w@i("a", to: "b"); w@i("b") }
def job(n, *a) super end; jobnet("n@i") { boot_jobs("a"); job("a", "x") }
def self.job(n, *a) super("p_#{n}", *a) end; jobnet("n@i") { boot_jobs("p_a"); job("a", "x") }
module W@i; def self.add(dsl, n) dsl.job(n, "x") end; end; jobnet("n@i") { boot_jobs("a"); W@i.add(self, "a") }
class W@i; def initialize(dsl) @d = dsl end; def add(n) @d.job(n, "x") end; end; jobnet("n@i") { boot_jobs("a"); W@i.new(self).add("a") }
STEPS@i = { "a" => lambda { job("a", "x") } }; jobnet("n@i") { boot_jobs("a"); STEPS@i.values.each(&:call) }
STEPS@i = { "a" => lambda { job("a", "x") } }; jobnet("n@i") { boot_jobs("a"); STEPS@i["a"][] }
STEPS@i = [[:job, "a", "x"]]; jobnet("n@i") { boot_jobs("a"); STEPS@i.each { |s| send(*s) } }
mk@i = lambda { |p, n| job("#{p}#{n}", "x") }; jobnet("n@i") { boot_jobs("pa"); mk@i.curry["p"]["a"] }
mk@i = proc { |n| job(n, "x") }; jobnet("n@i") { boot_jobs("a"); %w[a].each(&mk@i) }
KEPT << lambda { job("a", "x") }; jobnet("n@i") { boot_jobs("a"); KEPT.last.call }
top@i = self; jobnet("n@i") { boot_jobs("a"); top@i.instance_eval { job("a", "x") } }
jobnet("n@i") { boot_jobs("a"); [1].each { next; job("b", "x") }; job("a", "x") }
jobnet("n@i") { boot_jobs("a"); job("a", "x"); next if ENV["TENGINE_NO"]; job("b", "x", :to => "a") }
jobnet("n@i") { boot_jobs("a"); job("a", "x", :to => "b"); ENV["TENGINE_NO"] || job("b", "x") }
jobnet("n@i") { boot_jobs("a"); begin; job("a", "x"); rescue; end }
jobnet("n@i") { boot_jobs("a"); jobnet("a") { boot_jobs(*@L); NAMES.each { |n| job(n, "x") } } }
jobnet("n@i") { boot_jobs("a"); job("a", "x"); finally { boot_jobs(@S); NAMES.each { |n| job(n, "x") } } }
jobnet("n@i") { auto_sequence; @L.each { |n| job(n, "x", :to => "zz") } }
blk@i = lambda { |*| boot_jobs("a"); job("a", "x") }; jobnet("n@i", &blk@i)
opts@i = { :to => "zz" }; opts@i.delete(:to); jobnet("n@i") { boot_jobs("a"); job("a", "x", opts@i) }
jobnet("n@i") { boot_jobs("a"); method(:job)["a", "x"] }
