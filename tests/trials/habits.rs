//! Hosts that behave as those do that people really use: what git, crane and the kubelet get along with, the operator does.

use crate::doors::{Door, Habit, safe_before};
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
        cases: &["refuses_what_is_optional", "page_to_log_in_at"],
        tell: |stage, teller| Box::pin(registry(stage, teller)),
    },
    Story {
        name: "git_habits",
        cases: &[
            "decorated_media_types",
            "left_alone_when_it_asks",
            "commits_as_they_are_found",
            "password_with_a_line_break",
            "password_with_a_nul",
            "certificate_that_is_its_own_authority",
        ],
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
    spec["image"]["base"] = json!({ "reference": base, "interval": "5s" });
    spec["image"]["repository"] = json!(format!("{}/trials/habits-{}", door.address, std::process::id()));
    teller.case("refuses_what_is_optional", refuses_what_is_optional(&td, &repository, spec, door)).await;
    let page = async {
        door.has(&[Habit::ShowsAPage]);
        let words = ["base image", "it answers with a web page"];
        td.says(&Sign::new("Unreachable", &words).of("TargetReady", "False")).await;
        door.has(&[]);
        td.says(&Sign::new("Succeeded", &[]).of("TargetReady", "True")).await;
    };
    teller.case("page_to_log_in_at", page).await;
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
    teller.case("commits_as_they_are_found", odd_commits(&td, &repository)).await;

    let login = |user: String, password: String| json!({ "username": user, "password": password });
    let git = |end: &str| {
        let login = login(env("TENGINE_GIT_ADMIN"), env("TENGINE_GIT_PASSWORD") + end);
        stage.secret("habits-of-git-git", login)
    };
    let words = ["refused Secret habits-of-git-git", "key password ends in a line break", "Update the Secret"];
    let sign = Sign::new("AuthenticationFailed", &words);
    teller.case("password_with_a_line_break", td.endures(sign, git("\n"), git(""))).await;

    let own = "trials-habits-of-git";
    let broker = |end: &str| stage.secret("habits-of-git-mq", login(own.to_owned(), format!("{own}{end}")));
    let words =
        ["Secret habits-of-git-mq has a key password with a NUL character", "spec.tengine.eventQueue.secretRef"];
    let sign = Sign::new("SecretInvalid", &words);
    teller.case("password_with_a_nul", td.endures(sign, broker("\0"), broker(""))).await;
    teller.case("certificate_that_is_its_own_authority", own_authority(&td, &repository)).await;
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

/// No address, no year that a calendar has, and characters that turn a line around: it goes live, and nobody who looks is fooled.
async fn odd_commits(td: &Subject, repository: &Repository) {
    let who = "Ha\u{202e}nako\u{1b}[31m -99999999999 +0000";
    let rest = format!("author {who}\ncommitter {who}\n\nOdd\u{202e}\u{7} one\n");
    let commit = repository.push_raw(repository.files(&[("odd.rb", GOOD.as_bytes())]), &rest).await;
    let object = td.serves(&commit).await;
    let source = object.status.unwrap().source.unwrap();
    assert_eq!((source.author.as_deref(), source.subject.as_deref()), (Some("Ha nako"), Some("Odd   one")));
    assert!(source.committed_at.is_none(), "{:?}", source.committed_at);
    let kinds = "tenginedeployments,tenginereleases,deployments,replicasets,pods,configmaps,events";
    let told = td.stage.kubectl(&["get", kinds, "-o", "json"]).await;
    assert!(told.contains(&commit), "the commit is told somewhere");
    for sign in ["\u{202e}", "\\u202e", "\\u001b", "\\u0007"] {
        assert!(!told.contains(sign), "{sign:?} is shown");
    }
    // What comes next is on top of what was before.
    let commit = repository.push("Even", repository.files(&[("even.rb", GOOD.as_bytes())])).await;
    td.serves(&commit).await;
}

/// Nobody has signed it but itself, and it is an authority's and a server's at once: what is wrong and what to do is said. (That it is
/// believed where it is given as authority: tests/image.)
async fn own_authority(td: &Subject, repository: &Repository) {
    let address =
        safe_before(env("TENGINE_GIT_URL").trim_start_matches("http://").trim_end_matches('/').to_owned()).await;
    let plain = env("TENGINE_GIT_URL");
    let url = repository.url().replace(plain.trim_end_matches('/'), &format!("https://{address}"));
    let words = [address.as_str(), "an authority's and a server's at once", "hosts configuration"];
    let sign = Sign::new("CertificateInvalid", &words);
    td.told(sign, td.patch(json!({ "source": { "git": { "url": url } } }))).await;
}
