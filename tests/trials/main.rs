//! Bad input, before the operator as its chart installs it, on the real cluster (`eval "$(hack/cluster env)"` and
//! `hack/images`); without a cluster every trial is ignored.
//!
//! A *story* is one TengineDeployment, or a few, to which things happen one after the other: its *cases*. Stories run beside
//! each other, those of several engines after the others; those that change what all depend on, or measure time, have the
//! cluster alone. For each case: `Ready` gives the reason, and words that name what to do; no pod is restarted; the operator
//! keeps quiet while nothing changes; and it recovers by itself once the input is put right.
//!
//! `cargo test --test trials git` plays one story. With `TENGINE_KEEP_TRIALS` set, everything is left for looking at.
#![allow(clippy::too_many_lines, reason = "a story is told in one piece")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a trial that cannot go on says so")]

mod audit;
mod base;
mod both;
mod checks;
mod continuity;
mod crowd;
mod customers;
mod decisions;
mod doors;
mod events;
mod fallback;
mod faults;
mod git;
mod habits;
mod injected;
mod instances;
mod killed;
mod kubelet;
mod life;
mod lifecycle;
mod many;
mod measured;
mod mortal;
mod namespaces;
mod nodes;
mod passing;
mod people;
mod phased;
mod preflight;
mod promotion;
mod quiet;
mod quota;
mod registry;
mod releases;
mod remains;
mod repository;
mod retention;
mod roles;
mod runtime;
mod settings;
mod shards;
mod signed;
mod ssh;
mod stage;
mod standby;
mod stops;
mod story;
mod streams;
mod subject;
mod tree;
mod users;
mod wait;
mod webhook;

use libtest_mimic::{Arguments, Conclusion};
use stage::Theatre;
use std::sync::Arc;
use story::Story;

fn main() {
    let mut arguments = Arguments::from_args();
    // Each trial waits for its turn in its story; none of them works here.
    arguments.test_threads.get_or_insert(1000);
    let theatre = Arc::new(Theatre::closed());
    let stories = [
        git::STORIES,
        tree::STORIES,
        base::STORIES,
        registry::STORIES,
        releases::STORIES,
        habits::STORIES,
        settings::STORIES,
        runtime::STORIES,
        lifecycle::STORIES,
        promotion::STORIES,
        passing::STORIES,
        checks::STORIES,
        decisions::STORIES,
        quota::STORIES,
        measured::STORIES,
        preflight::STORIES,
        continuity::STORIES,
        stops::STORIES,
        faults::STORIES,
        nodes::STORIES,
        fallback::STORIES,
        injected::STORIES,
        retention::STORIES,
        ssh::STORIES,
    ];
    // Each has several engines, whose pods would take the processors from all others, and wait four times for all of them.
    let of_engines = [both::STORIES, customers::STORIES, instances::STORIES];
    // Minutes long: a part of `make soak`.
    let with = |variable: &str, stories: &'static [Story]| {
        if std::env::var_os(variable).is_some() { stories } else { &[] }
    };
    let alone = [
        kubelet::STORIES,
        namespaces::STORIES,
        shards::STORIES,
        crowd::STORIES,
        signed::STORIES,
        standby::STORIES,
        streams::STORIES,
        with("TENGINE_TRIAL_KILLS", killed::STORIES),
        with("TENGINE_TRIAL_KILLS", phased::STORIES),
        with("TENGINE_TRIAL_INSTANCES", many::STORIES),
    ];
    let alone = alone.concat().into_iter().map(|story| vec![story]);
    let mut failed = false;
    for beside in [stories.concat(), of_engines.concat()].into_iter().chain(alone) {
        failed |= play(&arguments, &beside, &theatre).has_failed();
    }
    theatre.close(failed);
    if failed {
        std::process::exit(101);
    }
}

/// Plays stories beside each other, to the end of the last one.
fn play(arguments: &Arguments, stories: &[Story], theatre: &Arc<Theatre>) -> Conclusion {
    let trials = stories.iter().flat_map(|story| story::trials(story, theatre)).collect();
    libtest_mimic::run(arguments, trials)
}
