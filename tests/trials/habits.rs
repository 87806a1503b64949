//! Hosts that behave as those do that people really use: what git, crane and the kubelet get along with, the operator does.

use crate::doors::{Door, Habit};
use crate::repository::{GOOD, Repository};
use crate::stage::{Stage, env};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const STORIES: &[Story] = &[
    Story {
        name: "registry_habits",
        cases: &["refuses_what_is_optional"],
        tell: |stage, teller| Box::pin(registry(stage, teller)),
    },
    Story {
        name: "git_habits",
        cases: &["decorated_media_types", "left_alone_when_it_asks"],
        tell: |stage, teller| Box::pin(git(stage, teller)),
    },
];

/// Without pods, since nodes cannot pull through a door. What is in the registry already would need no mount.
async fn registry(stage: Arc<Stage>, teller: Teller) {
    let repository = Repository::create(&stage, "habits-of-registry").await;
    let td = Subject::prepare(&stage, "habits-of-registry").await;
    let mut spec = td.spec(&repository);
    let door = &stage.doors[2];
    spec["replicas"] = json!(0);
    let base = env("TENGINE_CORE_IMAGE").replace(&env("TENGINE_REGISTRY"), &door.address);
    spec["image"]["base"]["reference"] = json!(base);
    spec["image"]["repository"] = json!(format!("{}/trials/habits-{}", door.address, std::process::id()));
    teller.case("refuses_what_is_optional", refuses_what_is_optional(&td, &repository, spec, door)).await;
}

async fn refuses_what_is_optional(td: &Subject, repository: &Repository, spec: serde_json::Value, door: &Door) {
    use Habit::{HidesDigests, ProtectsTags, RefusesHead, RefusesMounts, Trips};
    door.has(&[RefusesMounts, RefusesHead, ProtectsTags, HidesDigests, Trips]);
    let commit = repository.push("Trials", repository.good()).await;
    td.create(&spec).await;
    td.says(&Sign::new("Succeeded", &[&commit[..7]]).of("SourceReady", "True")).await;
    let release = ["tenginereleases", "-l", "tengine.dev/deployment=habits-of-registry", "--timeout=120s"];
    for state in ["--for=create", "--for=jsonpath={.status.image}"] {
        td.stage.kubectl(&[&["wait", state], &release[..]].concat()).await;
    }
    let told = td.stage.kubectl(&[&["get", "-o", "json"], &release[..3]].concat()).await;
    assert!(told.contains("The image has no tag"), "{told}");
    assert!(door.take_asked().iter().any(|asked| asked.contains("mount=")), "nothing was to be mounted");
    door.has(&[]);
}

async fn git(stage: Arc<Stage>, teller: Teller) {
    let door = Door::before(env("TENGINE_GIT_URL").trim_start_matches("http://").to_owned()).await;
    let repository = Repository::create(&stage, "habits-of-git").await;
    let td = Subject::prepare(&stage, "habits-of-git").await;
    let mut spec = td.spec(&repository);
    let url =
        repository.url().replace(env("TENGINE_GIT_URL").trim_end_matches('/'), &format!("http://{}", door.address));
    spec["source"]["git"]["url"] = json!(url);
    let decorated = async {
        door.has(&[Habit::DecoratesMediaTypes]);
        let commit = repository.push("Trials", repository.good()).await;
        td.starts(&spec, &commit).await;
    };
    teller.case("decorated_media_types", decorated).await;
    teller.case("left_alone_when_it_asks", left_alone(&td, &repository, &door)).await;
}

/// The interval is five seconds; the host wants eight.
async fn left_alone(td: &Subject, repository: &Repository, door: &Door) {
    const PAUSE: u64 = 8;
    door.has(&[Habit::IsBusy(PAUSE)]);
    let sign = Sign::new("RateLimited", &[&door.address, "asks for fewer requests"]).of("SourceReady", "False");
    td.says(&sign).await;
    door.has(&[]);
    let begun = Instant::now();
    let commit = repository.push("Meanwhile", repository.files(&[("other.rb", GOOD.as_bytes())])).await;
    td.serves(&commit).await;
    assert!(begun.elapsed() > Duration::from_secs(PAUSE / 2), "it was asked after {:?}", begun.elapsed());
}
