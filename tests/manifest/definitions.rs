//! Definitions that make a core do what a test wants to see.

/// Loads until the file `/tmp/go` is there.
pub const LOADS_UNTIL_TOLD: &str = r#"
sleep 0.1 until File.exist?("/tmp/go")
driver :ready_test do
  on(:hello) { puts "hello handled" }
end
"#;

/// Loads forever, and lets no signal that Ruby turns into an exception end that.
pub const STUBBORN: &str = r#"
loop do
  begin
    sleep 1
  rescue Exception => e
    puts "never mind #{e.class}"
  end
end
"#;

/// Handles an event for some seconds.
pub const WORKS_LONG: &str = r#"
driver :long_test do
  on :long do
    puts "long began"
    sleep 6
    puts "long ended"
  end
end
"#;
