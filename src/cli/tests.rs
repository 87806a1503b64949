use clap::{CommandFactory as _, Parser as _};
use rstest::rstest;

use super::duration::{bytes, duration};
use super::{Cli, Command};
use crate::settings::Namespaces;

fn run_args(flags: &[&str]) -> super::run::Args {
    let cli = Cli::try_parse_from(["tengine-operator", "run"].iter().chain(flags)).unwrap();
    match cli.command {
        Command::Run(args) => *args,
        Command::Crd(_) | Command::Check(_) | Command::Diff(_) | Command::Graph(_) | Command::Worker => unreachable!(),
    }
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_flag_has_its_environment_name_and_a_help_text() {
    let mut command = Cli::command();
    command.build();
    for subcommand in command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help") {
        for arg in subcommand.get_opts().filter(|arg| arg.get_long().is_some()) {
            let long = arg.get_long().unwrap_or_default();
            assert!(arg.get_help().is_some(), "--{long} has no help");
            if subcommand.get_name() == "run" {
                let expected = format!("TENGINE_OPERATOR_{}", long.to_uppercase().replace('-', "_"));
                assert_eq!(arg.get_env().and_then(|name| name.to_str()), Some(&*expected));
            }
        }
    }
}

#[test]
fn without_flags_the_whole_cluster_is_looked_at() {
    let args = run_args(&[]);
    let settings = args.settings().unwrap();
    assert_eq!(settings.namespaces, Namespaces::All);
    assert!(args.check_lease().is_ok());
    assert_eq!(args.lease("here").namespace, "here");
    assert!(settings.shard.is_only());
}

#[rstest]
#[case("0/3")]
#[case("4/3")]
#[case("1/0")]
#[case("a/b")]
#[case("1/300")]
#[case("")]
fn what_is_no_shard_is_refused_with_the_flag_and_what_it_takes(#[case] shard: &str) {
    let refusal = Cli::try_parse_from(["tengine-operator", "run", "--shard", shard]).unwrap_err().to_string();
    assert!(refusal.contains("--shard <N/M>") && refusal.contains("N/M, such as 1/3"), "{refusal}");
    assert!(refusal.contains("from 1 to 16"), "{refusal}");
}

#[test]
fn defaults_on_the_command_line_are_those_of_the_types() {
    let settings = run_args(&[]).settings().unwrap();
    assert_eq!(settings.worker, crate::settings::WorkerLimits::default());
    assert_eq!(settings.concurrency, crate::settings::Settings::default().concurrency);
}

#[test]
fn namespaces_are_a_list() {
    let settings = run_args(&["--namespaces", "a,b"]).settings().unwrap();
    assert_eq!(settings.namespaces, Namespaces::from_list(["b".to_owned(), "a".to_owned()]));
}

#[test]
fn every_process_has_an_identity_of_its_own() {
    let (one, two) = (run_args(&[]).lease("n"), run_args(&[]).lease("n"));
    assert_ne!(one.identity, two.identity);
    assert_eq!(run_args(&["--lease-identity", "pod-1"]).lease("n").identity, "pod-1");
}

#[rstest]
#[case(&["--namespaces", "A"])]
#[case(&["--concurrency", "0"])]
#[case(&["--lease-duration", "soon"])]
#[case(&["--platform", "amd64"])]
#[case(&["--worker-memory", "0"])]
fn nonsense_is_refused(#[case] flags: &[&str]) {
    assert!(Cli::try_parse_from(["tengine-operator", "run"].iter().chain(flags)).is_err());
}

#[rstest]
#[case("1m30s", Some(90_000))]
#[case("500ms", Some(500))]
#[case("0s", None)]
#[case("-1s", None)]
#[case("10", None)]
fn durations(#[case] text: &str, #[case] millis: Option<u128>) {
    assert_eq!(duration(text).ok().map(|d| d.as_millis()), millis);
}

#[rstest]
#[case("512", Some(512))]
#[case("1Gi", Some(1 << 30))]
#[case("16Mi", Some(16 << 20))]
#[case("0", None)]
#[case("1GB", None)]
#[case("99999999999Gi", None)]
fn sizes(#[case] text: &str, #[case] expected: Option<u64>) {
    assert_eq!(bytes(text).ok(), expected);
}
