use crate::api::v1alpha1::condition::Reason;
use crate::plan::evidence::{Evidence, mask};
use rstest::rstest;

const LOG: &str = "\
I, [2026-01-01] loading
/usr/lib/tengine/dsl.rb:10:in `method_missing': undefined local variable or method `hoge' for main (NameError)
\tfrom /var/lib/tengine/dsl/nightly.rb:12:in `block in load'
\tfrom /usr/lib/tengine/core.rb:99:in `start'
";

#[test]
fn class_message_and_place_are_found() {
    let evidence = Evidence::read(LOG, &[]);
    assert_eq!(
        evidence.sentence().unwrap(),
        "nightly.rb:12 NameError: undefined local variable or method `hoge' for main"
    );
    assert_eq!(evidence.environment(), None);
}

#[rstest]
#[case(
    "x.rb:1:in `y': Could not establish TCP connection (Bunny::TCPConnectionFailed)",
    Some(Reason::BrokerUnreachable)
)]
#[case("x.rb:1:in `y': connection refused (PG::ConnectionBad)", Some(Reason::DatabaseUnreachable))]
#[case("[Moped::Errors::ConnectionFailure] no primary", Some(Reason::DatabaseUnreachable))]
#[case("x.rb:1:in `y': refused (Errno::ECONNREFUSED)", Some(Reason::BrokerUnreachable))]
#[case("x.rb:1:in `y': getaddrinfo: Name or service not known (SocketError)", Some(Reason::BrokerUnreachable))]
#[case("x.rb:1:in `y': user specified timeout (Errno::ETIMEDOUT)", Some(Reason::BrokerUnreachable))]
#[case("x.rb:1:in `y': no route (Errno::EHOSTUNREACH)", Some(Reason::BrokerUnreachable))]
#[case("x.rb:1:in `y': certificate verify failed (OpenSSL::SSL::SSLError)", Some(Reason::BrokerUnreachable))]
#[case("x.rb:1:in `y': could not translate host name (PG::ConnectionBad)", Some(Reason::DatabaseUnreachable))]
#[case("x.rb:1:in `y': No space left on device (Errno::ENOSPC)", Some(Reason::Unavailable))]
#[case("x.rb:1:in `y': boom (RuntimeError)", None)]
#[case("nothing to see", None)]
fn the_environment_is_told_apart(#[case] log: &str, #[case] want: Option<Reason>) {
    assert_eq!(Evidence::read(log, &[]).environment(), want);
}

#[rstest]
#[case("exec /bin/sh: exec format error\n", true)]
#[case("standard_init_linux.go:228: exec user process caused: exec format error\n", true)]
#[case("x.rb:1:in `y': Exec format error - ./tool (Errno::ENOEXEC)", false)]
#[case("loading\nexec /usr/bin/ruby: exec format error", true)]
// A program that a definition starts, by its shell's words.
#[case("sh: 1: ./tool: exec format error\n", false)]
#[case("exec /bin/sh: exec format error\nthe job is over\n", false)]
// A definition may speak of it, too.
#[case("./tool: exec format error\nx.rb:1:in `y': boom (RuntimeError)", false)]
fn a_machine_of_another_kind_is_told_apart(#[case] log: &str, #[case] is: bool) {
    assert_eq!(Evidence::read(log, &[]).is_of_another_platform(), is);
}

#[test]
fn a_connection_that_the_definition_itself_opens_is_the_definitions_fault() {
    let log = "x.rb:1:in `y': refused (Errno::ECONNREFUSED)\n\tfrom /var/lib/tengine/dsl/a.rb:3:in `z'";
    assert_eq!(Evidence::read(log, &[]).environment(), None);
}

/// Whoever is called like a part of Tengine's own words hides no place, not even where a log is read twice.
#[rstest]
#[case("tengine")]
#[case("dsl")]
#[case("/var/lib")]
#[case("lib")]
fn a_user_of_a_common_name_hides_no_place(#[case] user: &str) {
    let log = format!(
        "x.rb:1:in `y': no word {user} (NameError)\n\tfrom /var/lib/tengine/dsl/a.rb:3:in `z'\ntengined: not found"
    );
    let once = Evidence::read(&log, &[user.to_owned()]);
    let twice = Evidence::read(&once.text, &[user.to_owned()]);
    for evidence in [&once, &twice] {
        assert_eq!(evidence.place.as_deref(), Some("a.rb:3"));
        assert_eq!(evidence.message.as_deref(), Some("no word ***"));
        assert!(evidence.text.ends_with("tengined: not found"));
    }
    let longer = format!("{user}d-{user}-secret");
    assert_eq!(mask(&format!("a {longer} b"), &[user.to_owned(), longer]), "a *** b");
}

#[rstest]
#[case("/gems/moped-1.5.2/lib/moped/connection.rb", Some(Reason::DatabaseUnreachable))]
#[case("/usr/lib/ruby/vendor_ruby/pg/connection.rb", Some(Reason::DatabaseUnreachable))]
#[case("/usr/lib/ruby/3.1.0/timeout.rb", None)]
fn a_database_that_says_nothing_is_not_the_definitions_fault(#[case] file: &str, #[case] reason: Option<Reason>) {
    let log = format!(
        "{file}:7:in `read': execution expired (Timeout::Error)\n\tfrom /var/lib/tengine/dsl/a.rb:3:in `driver'\n\tfrom /gems/moped-1.5.2/lib/moped.rb:1:in `x'"
    );
    let evidence = Evidence::read(&log, &[]);
    assert_eq!((evidence.environment(), evidence.place.as_deref()), (reason, Some("a.rb:3")));
}

#[test]
fn secrets_never_show() {
    let secrets = ["s3cret".to_owned(), "s3cret-long".to_owned(), "ab".to_owned()];
    assert_eq!(mask("a s3cret-long b s3cret ab", &secrets), "a *** b *** ab");
    let key = ["-----BEGIN KEY-----\n  first-line\nsecond-line\n".to_owned()];
    assert_eq!(mask("a second-line b first-line c", &key), "a *** b *** c", "line by line, as logs show it");
    let evidence = Evidence::read("x.rb:1:in `y': user s3cret refused (RuntimeError)", &secrets);
    assert_eq!(evidence.message.as_deref(), Some("user *** refused"));
    assert!(!evidence.text.contains("s3cret"));
}
