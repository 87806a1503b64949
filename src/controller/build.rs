//! The background build of one release: fetch, check and pack in a child process; append and push.

use super::board::{BuildOutcome, Failure, Subject};
use super::context::{Context, Shared};
use super::look::{image_failure, registry_credentials, remote, source_failure};
use super::observe::Questions;
use crate::api::v1alpha1::{Content, TengineRelease, TengineReleaseSpec, condition::Reason};
use crate::domain::{BaseReference, Malformed};
use crate::dsl::Diagnostic;
use crate::image::{Append, LayerContent, Provenance};
use crate::plan::observed::{Built, CommitFacts, Refused, Step};
use crate::plan::{Desired, image_tag};
use crate::source::{self, Limits, PackError, Packed, Refusal, Seen};
use kube::runtime::reflector::ObjectRef;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// Starts the build of a release, unless it is under way.
pub fn start(context: &Context, desired: &Desired, subject: &Subject, release: &str, questions: &Questions) {
    let key = ObjectRef::<TengineRelease>::new(release).within(&desired.namespace);
    // Removed meanwhile: the next plan makes it again.
    let Some(found) = context.stores.releases.get(&key) else { return };
    let (shared, desired) = (Arc::clone(&context.shared), desired.clone());
    let work = async move {
        let started = Instant::now();
        let (outcome, pushed) = build(&shared, &desired, &found.spec).await;
        let word = match &outcome {
            BuildOutcome::Built(_) => "Succeeded",
            BuildOutcome::Refused(refused) => refused.reason.word(),
            BuildOutcome::Failed(_, failure) => failure.reason.word(),
        };
        shared.metrics.built(word, started.elapsed(), pushed);
        let seconds = started.elapsed().as_secs_f64();
        tracing::info!(
            namespace = desired.namespace,
            name = desired.name,
            commit = found.spec.commit,
            outcome = word,
            pushed,
            seconds,
            "built"
        );
        outcome
    };
    context.board.build(subject, release, &questions.build, work);
}

/// The outcome, and how many bytes went to the registry.
async fn build(shared: &Shared, desired: &Desired, release: &TengineReleaseSpec) -> (BuildOutcome, u64) {
    let (packed, seen) = match pack(shared, desired, release).await {
        Ok(packed) => packed,
        Err(outcome) => return (outcome, 0),
    };
    match append(shared, desired, release, &packed, &seen).await {
        Ok((image, pushed)) => (BuildOutcome::Built(Box::new(built(image, packed))), pushed),
        Err(failure) => (BuildOutcome::Failed(Step::Image, failure), 0),
    }
}

/// Fetch, check and pack.
async fn pack(
    shared: &Shared,
    desired: &Desired,
    release: &TengineReleaseSpec,
) -> Result<(Packed, Seen), BuildOutcome> {
    let failed = |failure| BuildOutcome::Failed(Step::Source, failure);
    let remote = remote(shared, desired).await.map_err(failed)?;
    let seen = Seen { reference: release.reference.clone(), commit: parse(&release.commit).map_err(failed)? };
    let path = parse(&release.build.path).map_err(failed)?;
    let limits = Limits::from(&shared.settings.worker);
    let _turn = shared.children.acquire().await;
    let packed = source::pack(&shared.worker, &remote, &seen, &path, &limits, desired.source.timeout).await;
    match packed {
        Ok(packed) => Ok((packed, seen)),
        Err(PackError::Refused(refusal)) => Err(BuildOutcome::Refused(Box::new(refused(&refusal)))),
        Err(PackError::Source(error)) => Err(failed(source_failure(&error, desired))),
        Err(PackError::Worker(error)) => Err(failed(Failure {
            reason: Reason::from_word(error.reason()).unwrap_or(Reason::WorkerFailed),
            message: error.to_string(),
            definite: false,
            retry_after: None,
        })),
    }
}

fn refused(refusal: &Refusal) -> Refused {
    let line =
        |finding: &Diagnostic| format!("{}:{}:{}: {}", finding.path, finding.line, finding.column, finding.message);
    let evidence: Vec<String> = refusal.findings().iter().map(line).collect();
    Refused {
        reason: Reason::from_word(refusal.reason()).unwrap_or(Reason::DefinitionInvalid),
        message: refusal.to_string(),
        evidence: evidence.join("\n"),
        facts: CommitFacts::default(),
    }
}

/// The image by digest, and how many bytes were pushed.
async fn append(
    shared: &Shared,
    desired: &Desired,
    release: &TengineReleaseSpec,
    packed: &Packed,
    seen: &Seen,
) -> Result<(String, u64), Failure> {
    let base: BaseReference = parse(&release.build.base)?;
    let repository = parse(&release.build.repository)?;
    let request = Append {
        base_digest: parse(&release.build.base_digest)?,
        base,
        base_credentials: registry_credentials(shared, &desired.namespace, desired.base.secret.as_deref()).await?,
        platform: parse(&shared.settings.platform.to_string())?,
        credentials: registry_credentials(shared, &desired.namespace, desired.push_secret.as_deref()).await?,
        tag: image_tag(release),
        layer: LayerContent::File(packed.layer.path()),
        layer_digest: packed.layer.digest.clone(),
        layer_size: packed.layer.size,
        provenance: Provenance {
            commit: seen.commit.clone(),
            source: parse(&release.build.url)?,
            version: packed.version.clone(),
            committed_at: packed.commit.committed_at,
        },
        labels: BTreeMap::new(),
        repository,
    };
    let appended = shared.registries.append(&request).await.map_err(|error| image_failure(&error))?;
    Ok((format!("{}@{}", request.repository, appended.digest), appended.bytes_pushed))
}

fn built(image: String, packed: Packed) -> Built {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let checked = &packed.checked;
    Built {
        image,
        tree: packed.tree,
        dsl_version: packed.version,
        facts: CommitFacts {
            subject: Some(packed.commit.subject),
            author: Some(packed.commit.author),
            committed_at: Some(packed.commit.committed_at),
        },
        content: Content {
            files: count(checked.files),
            jobnets: Some(count(checked.jobnets)),
            jobs: Some(count(checked.jobs)),
            drivers: Some(count(checked.drivers)),
        },
        changes: None,
        notes: packed.notes,
    }
}

/// A release's spec was written by us; what does not parse was written by somebody else.
fn parse<T: std::str::FromStr<Err = Malformed>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|malformed: Malformed| Failure {
        reason: Reason::InvalidSpec,
        message: format!("the release was changed by hand: {malformed}"),
        definite: true,
        retry_after: None,
    })
}
