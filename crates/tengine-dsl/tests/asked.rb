# What Ruby has by itself and with the libraries that are given, one name a line: WHERE NAME. A library that is not there, or wants
# something, is passed over. Of a folder of libraries (`json/add`) every file is taken.
ARGV.flat_map { |name| [name, *$LOAD_PATH.flat_map { |folder|
  Dir["#{folder}/#{name}/**/*.{rb,so}"].map { |file| file.delete_prefix("#{folder}/").sub(/\.(rb|so)\z/, "") }
}] }.uniq.each { |name| begin; require name; rescue Exception; end }

main = TOPLEVEL_BINDING.receiver
VALUES = {
  "nil" => nil, "number" => 1, "text" => "a", "symbol" => :a, "list" => [1], "hash" => { 1 => 2 },
  "somewhere" => [1.5, 1..2, true, false, proc {}, 1r, 1i, 2**70, Comparable, Class.new, Object.new, Struct.new(:member).new(1)],
}
say = lambda { |where, names| names.uniq.each { |name| puts "#{where} #{name}" } }
VALUES.each { |where, values| say.(where, (where == "somewhere" ? values : [values]).flat_map(&:methods) - [:member]) }
say.("somewhere", [Enumerable, Comparable].flat_map(&:instance_methods))
say.("object", main.methods + main.private_methods - [:to_s, :inspect])
say.("class", Class.new.methods + Class.new.private_methods + Module.new.private_methods)
say.("constant", Object.constants - %i[VALUES])
