//! What a registry no longer has, and what it does not show.

use tengine_operator::api::v1alpha1::condition::Reason;
use tengine_operator::domain::Digest;
use tengine_operator::image::ImageSeen;

use crate::habits::{BASE, OURS, on_base};
use crate::support::base::Image;
use crate::support::imitation::{Habits, Imitation, Login};
use crate::support::{registries, repository};

#[tokio::test]
async fn what_retention_removed_is_noticed_and_made_again() {
    let registry = Imitation::with(Habits::default()).await;
    let image = Image::default();
    let digest = registry.has(BASE, "1.2", &image);
    let all = registries(&[&registry.host]);
    let wanted = on_base(&registry, &digest);
    let appended = all.append(wanted.clone()).await.unwrap();
    let look =
        async || all.look_for_image(&wanted.repository, &appended.digest, wanted.credentials.as_ref()).await.unwrap();
    assert_eq!(look().await, ImageSeen::Whole);

    registry.lose_manifest(OURS, &appended.digest);
    let said = format!("the image {}@{}", wanted.repository, appended.digest);
    assert_eq!(look().await, ImageSeen::Gone(said));
    let again = all.append(wanted.clone()).await.unwrap();
    assert_eq!((&again.digest, again.pushed), (&appended.digest, true));
    assert_eq!(look().await, ImageSeen::Whole);
    assert!(registry.manifest(OURS, &wanted.tag).is_some(), "the tag came back with it");

    for lost in [Digest::of(&image.layers[1]), wanted.layer_digest.clone()] {
        registry.lose_blob(OURS, &lost);
        let ImageSeen::Gone(what) = look().await else { panic!("{lost} was missed") };
        assert!(what.contains(lost.as_ref()) && what.contains(appended.digest.as_ref()), "{what}");
        let again = all.append(wanted.clone()).await.unwrap();
        assert_eq!((&again.digest, again.pushed), (&appended.digest, true));
        assert_eq!(look().await, ImageSeen::Whole);
    }
}

#[tokio::test]
async fn what_may_not_be_seen_is_not_gone() {
    let registry = Imitation::with(Habits { login: Login::Basic, ..Habits::default() }).await;
    let all = registries(&[&registry.host]);
    let look = all.look_for_image(&repository(&registry.host, OURS), &Digest::of(b"x"), None).await;
    assert_eq!(look.unwrap_err().reason(), Reason::AuthenticationRequired);
}
