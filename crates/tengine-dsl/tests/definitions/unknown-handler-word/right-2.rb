# What runs on another object, or asks before it calls, is not judged.
driver :closing do
  on :closed do
    Builder.new.build { column "a" }
    say_hello if respond_to?(:say_hello) && defined?(say_hello)
    event.instance_eval { number }
    later = lambda { unknown_here }
    puts later
  end
end
