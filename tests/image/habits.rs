//! Registries as they are: what others get along with, we do.

use std::sync::Arc;

use rstest::rstest;
use tengine_operator::api::v1alpha1::condition::Reason;
use tengine_operator::domain::Digest;
use tengine_operator::image::{self, Append, ImageError, LayerContent, LayerPath};

use crate::support::base::Image;
use crate::support::imitation::{Habits, Imitation, Login, Told, entry};
use crate::support::registry::{PASSWORD, USER};
use crate::support::{login, registries, repository, wanted};

pub const BASE: &str = "ops/base";
pub const OURS: &str = "ops/billing";

pub fn on_base(registry: &Imitation, digest: &Digest) -> Append {
    let mut wanted = wanted(&format!("{}/{BASE}:1.2", registry.host), digest, &repository(&registry.host, OURS));
    wanted.credentials = Some(login(&registry.host, USER, PASSWORD));
    wanted.base_credentials = wanted.credentials.clone();
    wanted
}

pub async fn look(registry: &Imitation) -> Result<Digest, ImageError> {
    let base = format!("{}/{BASE}:1.2", registry.host).parse().unwrap();
    let login = login(&registry.host, USER, PASSWORD);
    registries(&[&registry.host]).look_at_base(&base, Some(&login)).await.map(|seen| seen.digest)
}

async fn check_push(registry: &Imitation) -> Result<(), ImageError> {
    let login = login(&registry.host, USER, PASSWORD);
    registries(&[&registry.host]).check_push(&repository(&registry.host, OURS), Some(&login)).await
}

#[rstest]
#[tokio::test]
async fn a_refused_mount_becomes_an_upload(
    #[values(400, 401, 403, 404, 405)] status: u16,
    #[values(Login::Open, Login::Basic, Login::Bearer)] login: Login,
) {
    let registry = Imitation::with(Habits { mount: Some(status), login, ..Habits::default() }).await;
    let image = Image::default();
    let digest = registry.has(BASE, "1.2", &image);
    let all = registries(&[&registry.host]);
    let wanted = on_base(&registry, &digest);
    let appended = all.append(wanted.clone()).await.unwrap();
    assert!(appended.bytes_pushed > 300_000 && !registry.mounted(&Digest::of(&image.layers[1])));
    assert!(registry.manifest(OURS, &wanted.tag).is_some());
    let mounts = registry.requests().iter().filter(|request| request.contains("mount=")).count();
    assert!(mounts <= 2, "what was refused is not tried for every blob: {mounts}");
}

/// Some do when two bring the same content at the same moment.
#[rstest]
#[tokio::test]
async fn a_registry_that_trips_is_asked_once_more(#[values(None, Some(405))] mount: Option<u16>) {
    let registry = Imitation::with(Habits { trips: true, mount, ..Habits::default() }).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    let wanted = on_base(&registry, &digest);
    registries(&[&registry.host]).append(wanted.clone()).await.unwrap();
    assert!(registry.manifest(OURS, &wanted.tag).is_some());
}

#[rstest]
#[tokio::test]
async fn a_refused_mount_is_no_refused_push(
    #[values(400, 401, 403, 404)] status: u16,
    #[values(Login::Open, Login::Basic, Login::Bearer)] login: Login,
) {
    let registry = Imitation::with(Habits { mount: Some(status), login, ..Habits::default() }).await;
    // There already, so that it would be mounted.
    registry.has_blob(OURS, b"{}");
    check_push(&registry).await.unwrap();
}

#[tokio::test]
async fn a_token_service_that_gives_all_or_nothing_is_asked_for_less() {
    let habits = Habits { login: Login::Bearer, secret_repository: Some("repository:ops/base:"), ..Habits::default() };
    let registry = Imitation::with(habits).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    let appended = registries(&[&registry.host]).append(on_base(&registry, &digest)).await.unwrap();
    assert!(appended.bytes_pushed > 300_000);
    let both = registry.tokens().iter().filter(|scopes| scopes.contains("push") && scopes.contains("ops/base")).count();
    assert_eq!(both, 1, "{:?}", registry.tokens());
}

#[rstest]
#[tokio::test]
async fn where_head_is_refused_the_content_is_read(#[values(400, 403, 405, 501)] status: u16) {
    let registry = Imitation::with(Habits { head: Some(status), ..Habits::default() }).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    assert_eq!(look(&registry).await.unwrap(), digest);
    check_push(&registry).await.unwrap();
    let all = registries(&[&registry.host]);
    let wanted = on_base(&registry, &digest);
    let first = all.append(wanted.clone()).await.unwrap();
    let second = all.append(wanted.clone()).await.unwrap();
    assert_eq!((second.digest, first.pushed, second.pushed), (first.digest, true, false));
    let missing = on_base(&registry, &digest).base.to_string().replace("1.2", "9.9").parse().unwrap();
    assert_eq!(all.look_at_base(&missing, None).await.unwrap_err().reason(), Reason::BaseImageNotFound);
}

#[tokio::test]
async fn what_head_does_not_find_is_looked_for() {
    let registry = Imitation::with(Habits { head: Some(404), ..Habits::default() }).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    assert_eq!(look(&registry).await.unwrap(), digest);
}

#[rstest]
#[tokio::test]
async fn without_a_digest_that_is_ours_the_content_has_one(#[values(Told::Nothing, Told::Foreign)] told: Told) {
    let registry = Imitation::with(Habits { digest: told, ..Habits::default() }).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    assert_eq!(look(&registry).await.unwrap(), digest);
    registries(&[&registry.host]).append(on_base(&registry, &digest)).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_tag_that_may_not_be_written_stops_nothing(#[values(400, 403, 405, 409, 412)] status: u16) {
    let registry = Imitation::with(Habits { tag: Some(status), ..Habits::default() }).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    let wanted = on_base(&registry, &digest);
    let appended = registries(&[&registry.host]).append(wanted.clone()).await.unwrap();
    assert!(registry.manifest(OURS, appended.digest.as_ref()).is_some());
    let [note] = appended.notes.as_slice() else { panic!("{:?}", appended.notes) };
    assert!(
        note.contains(&wanted.tag) && note.contains("says the imitation") && note.contains("by its digest"),
        "{note}"
    );
}

#[tokio::test]
async fn a_tag_that_cannot_be_written_now_is_tried_again() {
    let registry = Imitation::with(Habits { tag: Some(503), ..Habits::default() }).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    let error = registries(&[&registry.host]).append(on_base(&registry, &digest)).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::Unreachable, false));
}

#[rstest]
#[tokio::test]
async fn what_takes_no_manifest_by_digest_gets_it_by_tag(#[values(400, 404, 405)] status: u16) {
    let registry = Imitation::with(Habits { by_digest: Some(status), ..Habits::default() }).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    let wanted = on_base(&registry, &digest);
    let appended = registries(&[&registry.host]).append(wanted.clone()).await.unwrap();
    assert!(registry.manifest(OURS, appended.digest.as_ref()).is_some());
    assert_eq!(appended.notes, Vec::<String>::new());
}

#[tokio::test]
async fn who_may_write_nothing_is_told_so() {
    let habits = Habits { by_digest: Some(403), tag: Some(403), ..Habits::default() };
    let registry = Imitation::with(habits).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    let error = registries(&[&registry.host]).append(on_base(&registry, &digest)).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::PushDenied, true));
}

#[rstest]
#[tokio::test]
async fn a_token_has_either_name(
    #[values(
        r#"{"token":"","access_token":"t0ken"}"#,
        r#"{"access_token":"t0ken"}"#,
        r#"{"token":"t0ken","access_token":""}"#
    )]
    body: &'static str,
) {
    let habits = Habits { login: Login::Bearer, token: Some((200, body)), ..Habits::default() };
    let registry = Imitation::with(habits).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    assert_eq!(look(&registry).await.unwrap(), digest);
}

#[rstest]
#[case::nothing(Login::Unexplained, "without saying how")]
#[case::something_else(Login::Negotiate, "by Negotiate only")]
#[tokio::test]
async fn credentials_that_were_never_sent_are_not_refused(#[case] habit: Login, #[case] said: &str) {
    let registry = Imitation::with(Habits { login: habit, ..Habits::default() }).await;
    registry.has(BASE, "1.2", &Image::default());
    for error in [look(&registry).await.unwrap_err(), check_push(&registry).await.unwrap_err()] {
        assert_eq!((error.reason(), error.is_definite()), (Reason::Unreachable, false));
        assert!(error.to_string().contains(said), "{error}");
        assert!(!error.to_string().contains("refused"), "{error}");
    }
}

#[tokio::test]
async fn what_a_401_leaves_out_is_asked_for_at_the_door() {
    let registry = Imitation::with(Habits { login: Login::AtTheDoor, ..Habits::default() }).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    assert_eq!(look(&registry).await.unwrap(), digest);
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let registry = Imitation::with(Habits { login: Login::Basic, ..Habits::default() }).await;
    registry.has_blob(OURS, b"{}");
    let wrong = login(&registry.host, USER, "wr0ng");
    let target = repository(&registry.host, OURS);
    let error = registries(&[&registry.host]).check_push(&target, Some(&wrong)).await.unwrap_err();
    assert_eq!(error.reason(), Reason::AuthenticationFailed);
    assert_eq!(registry.requests().len(), 2, "once without, once with it: {:?}", registry.requests());
}

#[tokio::test]
async fn equal_content_is_one_image_whatever_it_is_called() {
    let registry = Imitation::with(Habits::default()).await;
    let image = Image::default();
    let digest = registry.has(BASE, "1.2", &image);
    let listed = registry.has_index(BASE, "1.2.2", &[entry(&image)]);
    let all = registries(&[&registry.host]);
    let first = on_base(&registry, &digest);
    // Another stage: the same base by another tag and through an index, another commit's tag.
    let mut second = on_base(&registry, &listed);
    second.base = format!("{}/{BASE}:1.2.2", registry.host).parse().unwrap();
    second.tag = "9b1e0c4-fedcba9876543210".to_owned();
    let (a, b) = (all.append(first.clone()).await.unwrap(), all.append(second.clone()).await.unwrap());
    assert_eq!((&b.digest, b.pushed), (&a.digest, false));
    for tag in [&first.tag, &second.tag] {
        assert_eq!(registry.manifest(OURS, tag), registry.manifest(OURS, a.digest.as_ref()));
    }
}

/// Staging follows `1.2.2` and production `1.2`, of one commit: neither takes the other's tag, however often they build.
#[tokio::test]
async fn two_stages_on_two_bases_do_not_fight_for_a_tag() {
    let registry = Imitation::with(Habits::default()).await;
    let other = Image { layers: vec![b"another base".to_vec()], ..Image::default() };
    let bases = [registry.has(BASE, "1.2", &Image::default()), registry.has(BASE, "1.2.2", &other)];
    let (commit, platform) = ("9b1e0c4".repeat(6)[..40].parse().unwrap(), "linux/amd64".parse().unwrap());
    let stages = bases.map(|base| Append {
        tag: image::tag(&commit, &".".parse().unwrap(), &base, &platform),
        ..on_base(&registry, &base)
    });
    let all = registries(&[&registry.host]);
    let mut pushed = Vec::new();
    for stage in stages.iter().chain(&stages) {
        let appended = all.append(stage.clone()).await.unwrap();
        assert_eq!(registry.manifest(OURS, &stage.tag), registry.manifest(OURS, appended.digest.as_ref()));
        pushed.push((stage.tag.clone(), appended.digest, appended.pushed));
    }
    let [(first, one, true), (second, two, true), again_first, again_second] = &pushed[..] else {
        panic!("{pushed:?}");
    };
    assert!(first != second && one != two, "{pushed:?}");
    assert_eq!(
        (again_first, again_second),
        (&(first.clone(), one.clone(), false), &(second.clone(), two.clone(), false))
    );
}

/// A file that counts as gone with the last that holds it.
#[derive(Debug)]
struct Room(tempfile::TempDir);

impl LayerPath for Room {
    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("layer.tar")
    }
}

/// The base is asked for by a registry that does not answer, while the layer is pushed already.
#[tokio::test]
async fn a_layer_is_let_go_when_it_is_pushed() {
    let source = Imitation::with(Habits { hold: Some("/blobs/"), ..Habits::default() }).await;
    let image = Image::default();
    let digest = source.has(BASE, "1.2", &image);
    let target = Imitation::with(Habits::default()).await;
    let mut wanted = on_base(&target, &digest);
    wanted.base = format!("{}/{BASE}:1.2", source.host).parse().unwrap();
    let LayerContent::Bytes(bytes) = &wanted.layer else { unreachable!() };
    let room = Room(tempfile::tempdir().unwrap());
    let path = room.path();
    std::fs::write(&path, bytes).unwrap();
    wanted.layer = LayerContent::File(Arc::new(room));
    let all = registries(&[&source.host, &target.host]);
    let appending = tokio::spawn(async move { all.append(wanted).await });
    source.let_go(1);
    source.holds(2).await;
    assert!(!path.exists(), "it lies there while the base is on its way");
    source.let_go(usize::MAX >> 4);
    appending.await.unwrap().unwrap();
}
