//! Production without Git: it takes the versions that staging proved.

use super::stages::{Stages, goes_forward, staging};
use super::world::Definition;
use crate::api::v1alpha1::{ReleaseReason, ReleaseState};
use crate::plan::Effect;
use crate::plan::observed::Upstream;
use rstest::rstest;

pub fn both_live() -> Stages {
    let mut stages = Stages::promoting();
    stages.lines_until("True UpToDate main@aaaaaaa");
    stages
}

#[test]
fn the_very_image_of_staging_goes_live_without_git_and_without_a_build() {
    let mut stages = both_live();
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
    let (here, there) = (stages.production.release(2), stages.staging.release(2));
    assert_eq!((here.image, here.tree, here.dsl_version), (there.image, there.tree, there.dsl_version));
    assert!(stages.production.asked.is_empty(), "nobody outside is asked: {:?}", stages.production.asked);
    let spec = stages.production.inputs(2);
    let promoted = spec.promoted.unwrap();
    assert_eq!((promoted.namespace.as_str(), promoted.name.as_str(), promoted.number), ("staging", "billing", 2));
    assert_eq!(spec.reason, ReleaseReason::Promotion);
    assert!(stages.production.condition("SourceReady").starts_with("True Succeeded: staging/billing gave bbbbbbb"));
    assert!(stages.production.condition("TargetReady").starts_with("True"));
}

#[test]
fn until_staging_has_proven_a_version_nothing_runs_and_it_is_said() {
    let mut stages = Stages::promoting();
    stages.staging.push('a', Definition::Raises);
    stages.pass(90);
    assert_eq!(stages.production.line(), "False WaitingForStatus -");
    let message = stages.production.message();
    assert!(
        message.starts_with("staging/billing has no version with Staging_OK yet: aaaaaaa is CoreFailed there."),
        "{message}"
    );
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
}

#[test]
fn what_staging_refuses_is_never_taken_and_production_is_well() {
    let mut stages = both_live();
    stages.push('b', Definition::Raises);
    stages.pass(120);
    assert_eq!(stages.production.line(), "True UpToDate main@aaaaaaa");
    assert_eq!(stages.production.releases(), 1);
}

#[test]
fn what_lost_its_word_after_it_was_taken_stays_and_it_is_told() {
    let mut stages = both_live();
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
    stages.staging_rejects(2);
    stages.pass(60);
    assert_eq!(stages.production.line(), "True UpToDate main@bbbbbbb", "never back");
    assert!(stages.production.condition("UpstreamRevoked").starts_with("True UpstreamRejected: bbbbbbb"));
    stages.push('c', Definition::Good);
    stages.lines_until("True UpToDate main@ccccccc");
}

/// Equal content is one image: the newest release of staging has the version that production had before the last.
#[test]
fn a_version_that_staging_proves_again_comes_back_and_stays_when_staging_goes() {
    let mut stages = both_live();
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
    let first = stages.production.release(1).image;
    stages.staging.same_tree = true;
    stages.push('c', Definition::Good);
    stages.pass(120);
    assert_eq!(stages.staging.release(3).image, first, "the world packs it to the first image");
    assert_eq!(stages.production.current_image(), first, "as staging has it");
    for seen in [Upstream::Missing, Upstream::NotRead, Upstream::NotGranted] {
        stages.production.upstreams.insert(staging(), seen);
        stages.production.pass(60);
        assert_eq!(stages.production.current_image(), first);
    }
}

#[rstest]
#[case::gone(Upstream::Missing, "UpstreamMissing")]
#[case::shut(Upstream::NotGranted, "NotGranted")]
#[case::outside(Upstream::NotWatched, "UpstreamMissing")]
fn where_staging_cannot_be_asked_what_was_taken_is_kept_with_the_settings_of_now(
    #[case] seen: Upstream,
    #[case] reason: &str,
) {
    let mut stages = both_live();
    stages.production.upstreams.insert(staging(), seen);
    stages.production.pass(5);
    assert_eq!(stages.production.line(), format!("False {reason} main@aaaaaaa"));
    assert!(stages.production.condition("SourceReady").starts_with(&format!("False {reason}")));
    stages.production.edit(|spec| spec.tengine.database.as_mut().unwrap().name = "other".into());
    stages.production.pass(60);
    assert_eq!(stages.production.pods_of('a'), 2);
    let spec = stages.production.inputs(2);
    assert_eq!(spec.reason, ReleaseReason::Spec);
    assert_eq!(stages.production.release(2).image, stages.production.release(1).image);
    assert_eq!(stages.production.release(2).state, Some(ReleaseState::Verified), "settings need no staging");
}

#[test]
fn a_new_process_decides_nothing_before_it_has_read_staging() {
    let mut stages = both_live();
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
    stages.pass(5);
    let before = stages.production.object.status.clone();
    stages.production.upstreams.insert(staging(), Upstream::NotRead);
    stages.production.restart();
    stages.production.pass(5);
    assert_eq!(stages.production.releases(), 2);
    assert_eq!(stages.production.pods_of('b'), 2);
    stages.pass(5);
    assert_eq!(stages.production.object.status, before, "and then says what it said");
}

#[test]
fn a_staging_that_was_made_anew_counts_anew() {
    let mut stages = both_live();
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
    stages.staging = Stages::promoting().staging;
    stages.push('c', Definition::Good);
    for _ in 0..120 {
        stages.staging.tick();
        let Upstream::Seen(mut seen) = stages.staging.seen() else { unreachable!() };
        seen.uid = "u-2".into();
        stages.production.upstreams.insert(staging(), Upstream::Seen(seen));
        stages.production.tick();
    }
    assert_eq!(stages.production.line(), "True UpToDate main@ccccccc");
}

#[test]
fn at_rest_nothing_is_done_and_nothing_is_written() {
    let mut stages = both_live();
    stages.pass(30);
    let status = stages.production.object.status.clone();
    let plan = stages.production.decide();
    assert!(plan.effects.is_empty(), "{:?}", plan.effects);
    assert_eq!(Some(plan.status), status);
}

/// The word counts of what the deployment itself is to others: production's own word, for the next stage.
#[test]
fn what_is_promoted_has_the_words_of_its_own_environment() {
    let stages = both_live();
    let words: Vec<_> = stages.production.release(1).statuses.into_iter().map(|status| status.name).collect();
    assert_eq!(words, ["Production_OK"]);
}

/// Ten minutes in which staging proves a version every 5 s, and a roll-out takes longer than that.
#[test]
fn a_stream_of_proven_versions_starves_nobody() {
    let mut stages = both_live();
    let (mut proven, mut live) = (Vec::new(), Vec::new());
    for second in 0..600_i64 {
        if second % 5 == 0 {
            let id = format!("{:040x}", second / 5).replace('a', "b");
            stages.production.commits.insert(id.clone(), Definition::Good);
            proven.push((id, stages.production.now));
        }
        let upstream = stages.staging.proven(proven.iter().cloned(), stages.production.now);
        stages.production.upstreams.insert(staging(), upstream);
        stages.production.tick();
        let verified = stages.production.object.status.clone().unwrap().last_verified.unwrap().commit;
        if live.last() != Some(&verified) {
            live.push(verified);
        }
    }
    goes_forward(&live, &proven.into_iter().map(|(id, _)| id).collect::<Vec<_>>());
}

#[test]
fn an_image_that_the_registry_lost_is_not_built_here_and_it_is_said_who_makes_it() {
    let mut stages = both_live();
    stages.production.prune();
    for _ in 0..90 {
        stages.second();
        let plan = stages.production.decide();
        assert!(!plan.effects.iter().any(|effect| matches!(effect, Effect::Build { .. })), "there is no Git");
    }
    let image = stages.production.condition("ImageReady");
    assert!(image.contains("push it back (staging/billing gave it)"), "{image}");
}

#[test]
fn a_refused_roll_out_of_a_promoted_version_brings_the_one_before_back_and_is_not_tried_again() {
    let mut stages = both_live();
    // Staging's own database is kinder.
    stages.staging.push('b', Definition::Good);
    stages.production.push('b', Definition::Raises);
    stages.pass(200);
    assert_eq!(stages.production.pods_of('a'), 2, "{}", stages.production.message());
    assert!(stages.production.line().starts_with("False CoreFailed"), "{}", stages.production.line());
    let attempts = stages.production.releases();
    stages.production.restart();
    stages.pass(60);
    assert_eq!(stages.production.releases(), attempts);
}

#[test]
fn from_git_to_promotion_nothing_is_restarted_where_the_image_is_the_same() {
    let mut stages = Stages::with_soak("0s");
    stages.lines_until("True UpToDate main@aaaaaaa");
    let pods = stages.production.cluster.begun();
    stages.production_takes_over();
    stages.pass(60);
    assert_eq!(stages.production.line(), "True UpToDate main@aaaaaaa");
    assert_eq!(stages.production.cluster.begun(), pods);
}

#[test]
fn a_deployment_that_names_itself_is_told_so() {
    let mut stages = Stages::promoting();
    stages.production.edit(|spec| spec.source.promotion.as_mut().unwrap().namespace = None);
    let problems = crate::plan::validate(&stages.production.object).unwrap_err();
    assert!(problems[0].message.starts_with("spec.source.promotion: this is the deployment itself"), "{problems:?}");
}

#[test]
fn a_suspended_production_says_nothing_of_staging() {
    let mut stages = both_live();
    stages.staging_rejects(1);
    stages.production.edit(|spec| spec.suspend = Some(true));
    stages.pass(20);
    assert_eq!(stages.production.line(), "True Suspended main@aaaaaaa");
}
