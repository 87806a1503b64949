//! The configuration files, read by a real Ruby.

use super::{plain, settings, with};
use crate::manifest::RENDERING;
use crate::manifest::config::{self, FOLDER};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Expands each file with its environment and prints what YAML makes of it. The locale is the poorest there is.
const READER: &str = r##"
require "erb"; require "yaml"; require "json"; require "tmpdir"
def plain(value)
  case value
  when Hash then value.to_h { |key, inner| [key, plain(inner)] }
  when Array then value.map { |inner| plain(inner) }
  when String then value.dup.force_encoding("UTF-8")
  else value
  end
end
cases = JSON.parse($stdin.read)
found = cases.map do |one|
  one["env"].each { |name, value| ENV[name] = value }
  Dir.mktmpdir do |folder|
    one["files"].each { |name, text| File.write("#{folder}/#{name}", text.gsub("/etc/tengine", folder)) }
    one["files"].keys.to_h { |name| [name, YAML.load(ERB.new(File.read("#{folder}/#{name}"), trim_mode: "-").result(TOPLEVEL_BINDING.dup))] }
  end
end
$stdout.write(JSON.generate(plain(found)))
"##;

/// `None` where there is no Ruby.
fn read_by_ruby(cases: &[(Value, Value)]) -> Option<Vec<Value>> {
    let cases: Vec<_> = cases
        .iter()
        .map(|(settings, env)| {
            let files: serde_json::Map<_, _> = config::files(RENDERING, &super::settings(settings.clone()))
                .into_iter()
                // What Ruby itself reads.
                .filter(|(name, _)| *name != "stdout.rb")
                .map(|(name, text)| (name.to_owned(), json!(text)))
                .collect();
            json!({ "files": files, "env": env })
        })
        .collect();
    let mut ruby = Command::new("ruby")
        .args(["-e", READER])
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    ruby.stdin.take().unwrap().write_all(json!(cases).to_string().as_bytes()).unwrap();
    let output = ruby.wait_with_output().unwrap();
    assert!(output.status.success(), "Ruby refuses a file");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn env(text: &str) -> Value {
    json!({ "TENGINE_MQ_USERNAME": text, "TENGINE_MQ_PASSWORD": text, "TENGINE_DB_USERNAME": text, "TENGINE_DB_PASSWORD": text })
}

#[test]
fn any_character_stands_for_itself() {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "<%=",
            "<%",
            "%>",
            "-%>",
            "<%%",
            "%%>",
            "%",
            "\"",
            "'",
            "\\",
            "\n",
            "\r",
            "\t",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{7f}",
            "#{1}",
            ": ",
            "- ",
            "\u{1}",
            "*a",
            "&a",
            "!!",
            "😀",
            "<%= `id` %>",
            " ",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_filter("no environment variable holds NUL", |c| *c != '\0').prop_map(String::from),
    ];
    let texts =
        proptest::collection::vec(proptest::collection::vec(piece, 1..12).prop_map(|parts| parts.concat()), 400);
    let mut runner = TestRunner::new(Config { cases: 1, failure_persistence: None, ..Config::default() });
    runner
        .run(&texts, |texts| {
            survive(&texts);
            Ok(())
        })
        .unwrap();
}

fn survive(texts: &[String]) {
    let cases: Vec<_> = texts.iter().map(|text| (with("/tengine/eventQueue/vhost", json!(text)), env(text))).collect();
    let Some(found) = read_by_ruby(&cases) else { return };
    for (found, text) in found.iter().zip(texts) {
        for file in ["tengined.yml.erb", "tengine_heartbeat_watchd.yml.erb", "tengine_atd.yml.erb"] {
            let connection = &found[file]["event_queue"]["connection"];
            let session = &found[file]["db"]["sessions"]["default"];
            for value in [&connection["vhost"], &connection["user"], &connection["pass"]] {
                assert_eq!(value, text, "{file}");
            }
            assert_eq!((&session["username"], &session["password"]), (&json!(text), &json!(text)), "{file}");
        }
    }
}

#[test]
fn the_files_say_what_tengine_reads() {
    let Some(found) = read_by_ruby(&[(plain(), env("x"))]) else { return };
    let core = &found[0]["tengined.yml.erb"];
    assert_eq!(core["tengined"]["load_path"], json!("/var/lib/tengine/dsl"));
    assert_eq!(core["tengined"]["cache_drivers"], json!(true));
    assert_eq!(
        core["event_queue"]["connection"],
        json!({ "host": "rabbitmq", "port": 5672, "vhost": "/billing", "user": "x", "pass": "x" })
    );
    assert_eq!(core["db"]["sessions"]["default"]["hosts"], json!(["mongo-0:27017", "mongo-1:27017"]));
    assert_eq!(core["db"]["sessions"]["default"]["options"], json!({ "safe": true, "consistency": "strong" }));
    assert_eq!(core["heartbeat"], json!({ "core": { "interval": 30, "expire": 120 } }));
    let watchd = &found[0]["tengine_heartbeat_watchd.yml.erb"];
    assert_eq!((&watchd["tengined"], &watchd["heartbeat"]), (&Value::Null, &core["heartbeat"]));
    let atd = &found[0]["tengine_atd.yml.erb"];
    assert_eq!((&atd["tengined"], &atd["heartbeat"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_slow_heartbeat_is_not_taken_for_a_death() {
    for (interval, want) in [("0s", (0, 120)), ("45s", (45, 180)), ("1h", (3600, 14400))] {
        let text = config::files(RENDERING, &settings(with("/tengine/heartbeat", json!({ "interval": interval }))))[0]
            .1
            .clone();
        assert!(text.contains(&format!("interval: {}\n    expire: {}\n", want.0, want.1)), "{text}");
    }
}

#[test]
fn a_file_of_the_users_own_is_used_as_it_is() {
    let own = "event_queue: { connection: { host: <%= 'h' -%> } }\ntengined: { load_path: x }\nheartbeat: { core: { interval: 1 }, atd: { interval: 2 } }\n";
    let wanted = with("/config", json!(own));
    assert_eq!(config::files(RENDERING, &settings(wanted.clone()))[0].1, own);
    let Some(found) = read_by_ruby(&[(wanted, json!({}))]) else { return };
    let atd = &found[0]["tengine_atd.yml.erb"];
    assert_eq!(
        *atd,
        json!({ "event_queue": { "connection": { "host": "h" } }, "heartbeat": { "atd": { "interval": 2 } } })
    );
}

#[test]
fn the_folder_is_the_one_in_the_files() {
    let (_, watchd) = &config::files(RENDERING, &settings(plain()))[1];
    assert!(watchd.contains(&format!("{FOLDER}/tengined.yml.erb")));
}
