//! `validate`: the spec as values that cannot be wrong.

use crate::api::v1alpha1::{
    BaseUpdate, ConfigReference, DefinitionCheck, PodSettings, Settings, StrategyType, Tengine, TengineDeployment,
    TengineDeploymentSpec, condition::Reason,
};
use crate::domain::{
    BaseReference, CommitId, GitRef, ImageRepository, Malformed, ObjectName, RepositoryUrl, Span, TreePath,
};
use crate::manifest;
use kube::ResourceExt as _;
use std::time::Duration;

/// The annotation whose every new value asks for a look at once.
pub const RECONCILE_AT: &str = "tengine.dev/reconcile-at";

/// A look or a build that takes longer holds up others; objects from before this bound stay valid.
const LONGEST_TIMEOUT: Duration = Duration::from_hours(1);

/// What the user wants, valid in every field.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.uid`: who owns the children.
    pub uid: String,
    /// `metadata.generation`.
    pub generation: i64,
    /// The value of the annotation [`RECONCILE_AT`].
    pub reconcile_at: Option<String>,
    /// Whether source and releases are frozen.
    pub suspend: bool,
    /// Where the definitions come from.
    pub source: WantedSource,
    /// What they are put on.
    pub base: WantedBase,
    /// Where the image goes.
    pub repository: ImageRepository,
    /// The Secret for the push.
    pub push_secret: Option<String>,
    /// As in the spec.
    pub tengine: Tengine,
    /// As in the spec.
    pub pod: Option<PodSettings>,
    /// How many cores.
    pub replicas: i32,
    /// How one release takes the place of another.
    pub strategy: StrategyType,
    /// How long that may take.
    pub progress_deadline: Duration,
    /// What comes of errors in the definitions.
    pub definition_check: DefinitionCheck,
    /// How many releases are kept besides the ones in use.
    pub history_limit: usize,
}

/// Where the definitions come from.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedSource {
    /// The repository.
    pub url: RepositoryUrl,
    /// What to follow.
    pub follow: Follow,
    /// The folder.
    pub path: TreePath,
    /// The Secret with user name and password.
    pub secret: Option<String>,
    /// How often to look.
    pub interval: Duration,
    /// How long a look, or a build, may take.
    pub timeout: Duration,
}

/// What to follow.
#[derive(Debug, Clone, PartialEq)]
pub enum Follow {
    /// The host's default branch.
    Default,
    /// A branch.
    Branch(GitRef),
    /// A tag.
    Tag(GitRef),
    /// One commit.
    Commit(CommitId),
}

/// What the definitions are put on.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedBase {
    /// The image.
    pub reference: BaseReference,
    /// What a moved tag means.
    pub update: BaseUpdate,
    /// How often to look.
    pub interval: Duration,
    /// The Secret for reading it.
    pub secret: Option<String>,
}

/// Something that cannot work until somebody changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of problem.
    pub reason: Reason,
    /// The field or object, and what to do.
    pub message: String,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

impl Desired {
    /// The snapshot that a release made now would carry; `config` is the content that `configRef` names.
    pub fn settings(&self, config: Option<String>) -> Settings {
        Settings {
            tengine: self.tengine.clone(),
            pod: self.pod.clone(),
            config,
            pull_secret: self.push_secret.clone(),
            progress_deadline_seconds: i64::try_from(self.progress_deadline.as_secs()).unwrap_or(i64::MAX),
        }
    }

    /// The configuration file of the user's own.
    pub fn config_ref(&self) -> Option<&ConfigReference> {
        self.tengine.config_ref.as_ref()
    }
}

/// Reads a spec; every field that is wrong is named.
///
/// # Errors
/// All problems at once, in the order of the spec.
pub fn validate(object: &TengineDeployment) -> Result<Desired, Vec<Problem>> {
    let mut check = Check::default();
    let spec = &object.spec;
    let git = &spec.source.git;
    let strategy = spec.strategy.clone().unwrap_or_default();

    let url = check.parse("spec.source.git.url", &git.url);
    let follow = check.follow(git.reference.as_ref());
    let path = check.parse("spec.source.git.path", git.path.as_deref().unwrap_or_default());
    let interval = check.span("spec.source.interval", spec.source.interval.as_deref(), 60, 5);
    let timeout = check.span("spec.source.timeout", spec.source.timeout.as_deref(), 60, 1);
    let base = check.parse("spec.image.base.reference", &spec.image.base.reference);
    let base_interval = check.span("spec.image.base.interval", spec.image.base.interval.as_deref(), 600, 5);
    let repository = check.parse("spec.image.repository", &spec.image.repository);
    let heartbeat = spec.tengine.heartbeat.as_ref().and_then(|heartbeat| heartbeat.interval.as_deref());
    check.span("spec.tengine.heartbeat.interval", heartbeat, 30, 0);
    let progress_deadline =
        check.span("spec.strategy.progressDeadline", strategy.progress_deadline.as_deref(), 600, 10);

    check.names(spec);

    let (Some(url), Some(follow), Some(path), Some(base), Some(repository)) = (url, follow, path, base, repository)
    else {
        return Err(check.problems);
    };
    if !check.problems.is_empty() {
        return Err(check.problems);
    }
    Ok(Desired {
        namespace: object.namespace().unwrap_or_default(),
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
        generation: object.metadata.generation.unwrap_or_default(),
        reconcile_at: object.annotations().get(RECONCILE_AT).cloned(),
        suspend: spec.suspend.unwrap_or(false),
        source: WantedSource {
            url,
            follow,
            path,
            secret: git.secret_ref.as_ref().map(|secret| secret.name.clone()),
            interval,
            timeout: timeout.min(LONGEST_TIMEOUT),
        },
        base: WantedBase {
            reference: base,
            update: spec.image.base.update.unwrap_or_default(),
            interval: base_interval,
            secret: spec.image.base.secret_ref.as_ref().map(|secret| secret.name.clone()),
        },
        repository,
        push_secret: spec.image.secret_ref.as_ref().map(|secret| secret.name.clone()),
        tengine: spec.tengine.clone(),
        pod: spec.pod.clone(),
        replicas: spec.replicas,
        strategy: strategy.kind.unwrap_or_default(),
        progress_deadline,
        definition_check: spec.checks.as_ref().and_then(|checks| checks.definition).unwrap_or_default(),
        history_limit: spec.release_history_limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(10),
    })
}

/// Collects problems while fields are read.
#[derive(Default)]
struct Check {
    problems: Vec<Problem>,
}

impl Check {
    fn parse<T: std::str::FromStr<Err = Malformed>>(&mut self, field: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(malformed) => {
                self.problems.push(Problem::new(Reason::InvalidSpec, format!("{field}: {malformed}")));
                None
            }
        }
    }

    fn span(&mut self, field: &str, text: Option<&str>, default: u64, least: u64) -> Duration {
        let Some(text) = text else { return Duration::from_secs(default) };
        let Some(span) = self.parse::<Span>(field, text) else { return Duration::from_secs(default) };
        if span.duration() < Duration::from_secs(least) {
            let message = format!("{field}: {text} is too short, give at least {least}s");
            self.problems.push(Problem::new(Reason::InvalidSpec, message));
        }
        span.duration()
    }

    /// Names stand in paths of the API, so whatever is asked for by name has one that can.
    fn names(&mut self, spec: &TengineDeploymentSpec) {
        let own = [
            ("spec.source.git.secretRef.name", &spec.source.git.secret_ref),
            ("spec.image.base.secretRef.name", &spec.image.base.secret_ref),
            ("spec.image.secretRef.name", &spec.image.secret_ref),
        ];
        for (field, reference) in own {
            if let Some(reference) = reference {
                self.parse::<ObjectName>(field, &reference.name);
            }
        }
        if let Some(reference) = &spec.tengine.config_ref {
            self.parse::<ObjectName>("spec.tengine.configRef.name", &reference.name);
        }
        if let Some(account) = spec.pod.as_ref().and_then(|pod| pod.service_account_name.as_ref()) {
            self.parse::<ObjectName>("spec.pod.serviceAccountName", account);
        }
        let read = Settings {
            tengine: spec.tengine.clone(),
            pod: spec.pod.clone(),
            config: None,
            pull_secret: None,
            progress_deadline_seconds: 0,
        };
        for (name, used) in manifest::used_secrets(&read).into_iter().chain(manifest::used_config_maps(&read)) {
            self.parse::<ObjectName>(&used.fields.join(", "), &name);
        }
    }

    fn follow(&mut self, reference: Option<&crate::api::v1alpha1::GitReference>) -> Option<Follow> {
        let Some(reference) = reference else { return Some(Follow::Default) };
        match (&reference.branch, &reference.tag, &reference.commit) {
            (None, None, None) => Some(Follow::Default),
            (Some(branch), None, None) => self.parse("spec.source.git.ref.branch", branch).map(Follow::Branch),
            (None, Some(tag), None) => self.parse("spec.source.git.ref.tag", tag).map(Follow::Tag),
            (None, None, Some(commit)) => self.parse("spec.source.git.ref.commit", commit).map(Follow::Commit),
            _ => {
                let message = "spec.source.git.ref: give at most one of branch, tag and commit";
                self.problems.push(Problem::new(Reason::InvalidSpec, message));
                None
            }
        }
    }
}
