use super::*;
use proptest::prelude::*;
use rstest::rstest;

#[rstest]
#[case("https://git.example.com/ops/jobs.git", true)]
#[case("http://10.0.0.1:3000/ops/jobs", true)]
#[case("http://[::1]:3000/ops/jobs", true)]
#[case("https://user:pw@git.example.com/ops/jobs", false)]
#[case("https://git.example.com", false)]
#[case("https://git.example.com/", false)]
#[case("https://git.example.com/a b", false)]
#[case("https://git.example.com/a?x=1", false)]
#[case("https://git.example.com/../etc", false)]
#[case("https://git.example.com:0/a", false)]
#[case("https://git.example.com:70000/a", false)]
#[case("file:///etc", false)]
#[case("git@example.com:ops/jobs.git", true)]
#[case("git@example.com:2222/ops/jobs.git", true)]
#[case("ssh://git@example.com:2222/ops/jobs.git", true)]
#[case("ssh://example.com/ops/jobs.git", true)]
#[case("ssh://git:pw@example.com/ops/jobs.git", false)]
#[case("ssh://-oProxyCommand=x@example.com/a", false)]
#[case("-oProxyCommand=x@example.com:a", false)]
#[case("git@example.com:a'b", false)]
#[case("git@example.com", false)]
#[case("example.com:ops/jobs.git", false)]
#[case("https://git.example.com/ops@night/jobs.git", true)]
#[case("", false)]
fn a_repository_url_is_http_or_ssh_without_credentials(#[case] text: &str, #[case] valid: bool) {
    assert_eq!(text.parse::<RepositoryUrl>().is_ok(), valid, "{text}");
}

#[rstest]
#[case("https://git.example.com/a", "git.example.com", ("git.example.com", 443))]
#[case("https://[2001:db8::1]/x", "[2001:db8::1]", ("2001:db8::1", 443))]
#[case("http://[::1]:3000/a", "[::1]:3000", ("::1", 3000))]
#[case("ssh://robot@git.example.com:2222/a", "git.example.com:2222", ("git.example.com", 2222))]
#[case("robot@git.example.com:a/b.git", "git.example.com", ("git.example.com", 22))]
fn a_repository_url_names_its_host(#[case] text: &str, #[case] authority: &str, #[case] host: (&str, u16)) {
    let url: RepositoryUrl = text.parse().unwrap();
    assert_eq!((url.authority(), url.host_and_port(), url.port()), (authority, host, host.1));
    assert_eq!(url.ssh_user(), if text.contains("robot") { "robot" } else { "git" });
}

#[rstest]
#[case("git-credentials", true)]
#[case("a.b-1.c", true)]
#[case("../x", false)]
#[case("a/b", false)]
#[case("a..b", false)]
#[case("-a", false)]
#[case("A", false)]
#[case("", false)]
fn an_object_name_can_stand_in_a_path(#[case] text: &str, #[case] valid: bool) {
    assert_eq!(text.parse::<ObjectName>().is_ok(), valid, "{text}");
}

#[rstest]
#[case("registry.example.com/ops/billing", Some(("registry.example.com", "ops/billing")))]
#[case("localhost/x", Some(("localhost", "x")))]
#[case("10.0.0.1:5000/a__b/c-d.e", Some(("10.0.0.1:5000", "a__b/c-d.e")))]
#[case("ops/billing", Some(("docker.io", "ops/billing")))]
#[case("ruby", Some(("docker.io", "library/ruby")))]
#[case("registry.example.com/Ops", None)]
#[case("registry.example.com/ops:tag", None)]
#[case("registry.example.com/ops//x", None)]
#[case("registry.example.com/ops/", None)]
#[case("registry.example.com/a..b", None)]
#[case("", None)]
fn an_image_repository_names_registry_and_path(#[case] text: &str, #[case] want: Option<(&str, &str)>) {
    let parsed = text.parse::<ImageRepository>().ok();
    assert_eq!(parsed.as_ref().map(|name| (name.registry(), name.path())), want, "{text}");
}

#[rstest]
#[case("ruby", Some(("docker.io/library/ruby", Some("latest"))))]
#[case("r.example.com:5000/ruby:3.1", Some(("r.example.com:5000/ruby", Some("3.1"))))]
#[case("r.example.com:5000/ruby", Some(("r.example.com:5000/ruby", Some("latest"))))]
#[case("r.example.com/ruby:", None)]
#[case("r.example.com/ruby:.x", None)]
#[case("r.example.com/ruby@sha256:12", None)]
fn a_base_reference_has_a_tag_or_a_digest(#[case] text: &str, #[case] want: Option<(&str, Option<&str>)>) {
    let parsed = text.parse::<BaseReference>().ok();
    assert_eq!(parsed.as_ref().map(|base| (base.repository.as_ref(), base.tag.as_deref())), want, "{text}");
}

#[test]
fn a_base_reference_by_digest_keeps_it() {
    let digest = Digest::of(b"");
    let base: BaseReference = format!("r.example.com/ruby:3.1@{digest}").parse().unwrap();
    assert_eq!((base.tag.as_deref(), base.digest), (Some("3.1"), Some(digest)));
}

#[rstest]
#[case("1h30m", Some(5400))]
#[case("45s", Some(45))]
#[case("10m", Some(600))]
#[case("8760h", Some(31_536_000))]
#[case("8761h", None)]
#[case("", None)]
#[case("5", None)]
#[case("1m1h", None)]
#[case("-1m", None)]
#[case("1.5h", None)]
#[case("99999999999999999999h", None)]
fn a_span_is_whole_hours_minutes_and_seconds(#[case] text: &str, #[case] seconds: Option<u64>) {
    assert_eq!(text.parse::<Span>().ok().map(|span| span.duration().as_secs()), seconds, "{text}");
}

#[rstest]
#[case("main", true)]
#[case("release/11.20", true)]
#[case("a..b", false)]
#[case("x.lock", false)]
#[case("/x", false)]
#[case("x/", false)]
#[case("-x", false)]
#[case("a b", false)]
#[case("@", false)]
#[case("a@{1}", false)]
#[case("x.", false)]
#[case("", false)]
fn a_git_ref_follows_check_ref_format(#[case] text: &str, #[case] valid: bool) {
    assert_eq!(text.parse::<GitRef>().is_ok(), valid, "{text}");
}

#[rstest]
#[case("refs/heads/main", true)]
#[case("refs/pull/7/head", true)]
#[case("main", false)]
#[case("refs/", false)]
#[case("refs//x", false)]
#[case("refs/heads/x.lock", false)]
#[case("refs/heads/*", false)]
fn a_full_ref_is_below_refs(#[case] text: &str, #[case] valid: bool) {
    assert_eq!(text.parse::<FullRef>().is_ok(), valid, "{text}");
}

#[rstest]
#[case("dsl", Some("dsl"))]
#[case("./dsl/", Some("dsl"))]
#[case(".", Some(""))]
#[case("", Some(""))]
#[case("a/../b", None)]
#[case("/etc", None)]
#[case("a//b", None)]
fn a_tree_path_stays_inside(#[case] text: &str, #[case] want: Option<&str>) {
    assert_eq!(text.parse::<TreePath>().ok().as_ref().map(AsRef::as_ref), want, "{text}");
}

#[test]
fn a_release_is_named_after_deployment_number_and_commit() {
    let commit: CommitId = "4f2c1a9000000000000000000000000000000000".parse().unwrap();
    let name = ReleaseName::new("billing-eu", 41, &commit);
    assert_eq!((name.as_ref(), name.number()), ("billing-eu-0041-4f2c1a9", Some(41)));
    assert_eq!(ReleaseName::new("b", 12345, &commit).number(), Some(12345));
}

#[test]
fn labelled_parts_never_run_together() {
    let one = KeyHasher::default().part("a", "bc").part("d", "").digits();
    let other = KeyHasher::default().part("ab", "c").part("d", "").digits();
    assert_ne!(one, other);
}

proptest! {
    #[test]
    fn children_of_two_deployments_never_meet(a in "[a-z]([a-z0-9-]{0,61}[a-z0-9])?", b in "[a-z]([a-z0-9-]{0,61}[a-z0-9])?") {
        for one in Component::ALL {
            let name = ChildName::of_component(&a, one);
            prop_assert!(name.as_ref().len() <= 45 && name.as_ref().parse::<ChildName>().is_ok());
            for other in Component::ALL {
                prop_assert_eq!(name == ChildName::of_component(&b, other), a == b && one == other);
            }
            prop_assert!(name != ChildName::of_cores(&b, Place::Second) && name != ChildName::of_turn(&b));
        }
    }

    #[test]
    fn instances_of_two_deployments_never_meet(
        (a, b) in ("[a-z]([a-z0-9-]{0,58}[a-z0-9])?", "[a-z]([a-z0-9-]{0,58}[a-z0-9])?"),
        (one, other) in ("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", "[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?"),
    ) {
        let name = ChildName::of_instance(&a, &one);
        prop_assert!(name.as_ref().len() <= 63 && name.as_ref().parse::<ChildName>().is_ok());
        for (deployment, id) in [(&a, &other), (&b, &one), (&b, &other)] {
            prop_assert_eq!(name == ChildName::of_instance(deployment, id), &a == deployment && &one == id);
        }
        for component in Component::ALL {
            prop_assert!(name != ChildName::of_component(&b, component));
            let child = ChildName::of_component(name.as_ref(), component);
            prop_assert!(child.as_ref().len() <= 45 && child != ChildName::of_component(&b, component));
        }
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in ".{0,80}") {
        let _ = (text.parse::<RepositoryUrl>(), text.parse::<BaseReference>(), text.parse::<ImageRepository>());
        let _ = (text.parse::<Span>(), text.parse::<GitRef>(), text.parse::<FullRef>(), text.parse::<TreePath>(), text.parse::<Digest>());
        let _ = (text.parse::<TagPattern>(), text.parse::<VersionRange>(), text.parse::<CommitId>(), text.parse::<Platform>(), text.parse::<ReleaseName>());
    }
}
