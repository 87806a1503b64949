//! Many instances, of which three fail, each in a way of its own; the others go on. Minutes long: a part of `make soak`
//! (`TENGINE_TRIAL_INSTANCES`: how many).

use crate::events::{Stream, answers, are_handled_once, forget, version, version_with};
use crate::instances::{engine, of_instances, passage, phases, serving, stand, words};
use crate::people::{answer, decision};
use crate::repository::Repository;
use crate::stage::{Stage, env, run};
use crate::standby::one_after_the_other;
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use crate::wait::eventually;
use jiff::Timestamp;
use kube::ResourceExt as _;
use serde_json::{Value, json};
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "many",
    cases: &["made", "held_where_more_fail_than_may", "upgraded_but_for_three", "each_of_the_three_follows"],
    tell: |stage, teller| Box::pin(many(stage, teller)),
}];

/// Does not load the version.
const REFUSES: &str = "002";
/// Never gets through with loading it.
const HANGS: &str = "003";
/// Cannot reach its database.
const CUT_OFF: &str = "004";
/// So long the first two are like that, in seconds: longer than the phase waits for them.
const ODD: i64 = 420;

async fn many(stage: Arc<Stage>, teller: Teller) {
    let number: usize = std::env::var("TENGINE_TRIAL_INSTANCES").unwrap().parse().unwrap();
    assert!(number > 5, "three fail, and three of the others have events");
    let td = Subject::prepare(&stage, "many").await;
    let repository = Repository::create(&stage, "many").await;
    let mut engines = Vec::new();
    for id in 1..=number {
        engines.push(Subject::prepare(&stage, &format!("many-{id:03}")).await);
    }
    // Databases outlive a run, also one that did not come to its end.
    takes_connections(CUT_OFF, true).await;
    let first = repository.push("First", version(&repository, "first")).await;
    let mut spec = td.spec(&repository);
    spec["environment"] = json!({ "name": "Trials" });
    let all: Vec<Value> = engines.iter().map(|own| engine(own, &repository)).collect();
    spec["strategy"] = json!({
        "type": "ActiveStandby", "progressDeadline": "90s", "activeStandby": { "instances": all, "maxFailed": 2 },
    });

    let made = async {
        td.starts(&spec, &first).await;
        stand(&td, number, &first).await;
        td.is_quiet().await;
    };
    teller.case("made", made).await;

    let (mut second, mut until, mut streams) = (String::new(), 0, Vec::new());
    let mark = stage.audit.mark();
    let held = async {
        for well in [&engines[0], &engines[4], &engines[5]] {
            forget(well).await;
            streams.push((well, Stream::of(well)));
            answers(well, "select count(*) > 5 from handled_events", "t").await;
        }
        takes_connections(CUT_OFF, false).await;
        until = Timestamp::now().as_second() + ODD;
        second = repository.push("Second", odd_until(&repository, until)).await;
        let failed = format!("3 of {number} instances failed in phase 1 (strategy.activeStandby.maxFailed is 2)");
        td.says(&Sign::new("InstancesFailed", &[&second[..7], &failed])).await;
        assert_eq!((phases(&td, &second).await, words(&td, &second).await), (0, Vec::new()));
        let serve = serving(&td).await;
        assert!(serve.len() == number && serve.values().all(|version| *version == first[..7]), "{serve:?}");
    };
    teller.case("held_where_more_fail_than_may", held).await;

    let upgraded = async {
        td.patch(json!({ "strategy": { "activeStandby": { "maxFailed": 3 } } })).await;
        eventually("phase 1 is over", || async { phases(&td, &second).await >= 1 }).await;
        let healthy = number - 3;
        let failed = format!("{healthy} of {number} instances are well with it");
        td.says(&Sign::new("InstancesFailed", &[&second[..7], "is live", &failed])).await;
        for (well, stream) in streams {
            are_handled_once(well, stream.ends().await).await;
            one_after_the_other(well).await;
        }
        assert_eq!(words(&td, &second).await, ["Trials_OK"]);
        let serve = serving(&td).await;
        let with = |commit: &str| serve.values().filter(|version| **version == commit[..7]).count();
        assert_eq!((with(&second), with(&first)), (healthy, 3), "{serve:?}");
        let lines = td.api.get(&td.name).await.unwrap().status.unwrap().instances;
        for line in lines {
            let odd = [REFUSES, HANGS, CUT_OFF].contains(&line.id.as_str());
            assert_eq!((line.phase, line.failed), if odd { (0, true) } else { (4, false) }, "{line:?}");
        }
        let writes = stage.audit.since(mark, &td.name).iter().filter(|request| request.is_write()).count();
        eprintln!("many: {writes} writes of {number} instances and all that they have");
    };
    teller.case("upgraded_but_for_three", upgraded).await;

    let follow = async {
        let before = passage(&td, &second).await;
        takes_connections(CUT_OFF, true).await;
        for instance in of_instances(&td).await {
            let id = &instance.labels()["tengine.dev/instance"];
            if [REFUSES, HANGS].contains(&id.as_str()) {
                eventually("it can be loaded", || async { Timestamp::now().as_second() > until }).await;
                let retry = decision(&instance.name_any(), "Retry", "admin", None);
                let made = ["create", "-f", "-", "-o", "jsonpath={.metadata.name}"];
                let action = run("kubectl", &made, &retry.to_string()).await;
                let told = answer(&stage, &action).await;
                assert!(told.starts_with("Done: "), "{id}: {told}");
            }
        }
        td.serves(&second).await;
        stand(&td, number, &second).await;
        td.is_well().await;
        assert_eq!(passage(&td, &second).await, before, "the others went through no phase again");
        td.is_quiet().await;
    };
    teller.case("each_of_the_three_follows", follow).await;
}

/// The same definitions, which until this second one instance refuses to load, and another one begins to load for ever.
fn odd_until(repository: &Repository, until: i64) -> git2::Oid {
    let name = "ENV['MM_SERVER_NAME'].to_s";
    let odd = format!(
        "if Time.now.to_i < {until}\n  raise 'not here' if {name}.start_with?('many-{REFUSES}-')\n  \
         sleep if {name}.start_with?('many-{HANGS}-')\nend\n"
    );
    version_with(repository, "second", ("odd.rb", &odd))
}

/// Whether the database of an instance takes connections; those that are open stay.
async fn takes_connections(id: &str, takes: bool) {
    let (user, password) = (env("TENGINE_PG_ADMIN"), env("TENGINE_PG_PASSWORD"));
    let (host, port) = (env("TENGINE_PG_HOST"), env("TENGINE_PG_PORT"));
    let admin = format!("postgresql://{user}:{password}@{host}:{port}/postgres");
    let set = format!("alter database \"trials-many-{id}\" allow_connections {takes}");
    run("psql", &["-XqAt", &admin, "-c", &set], "").await;
}
