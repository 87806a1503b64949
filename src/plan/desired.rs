//! `validate`: the spec as values that cannot be wrong.

mod check;
mod checks;
mod fleet;
mod gates;
mod origin;
mod pass_on;
mod times;
mod tolerations;

pub use check::{Follow, Problem};
pub use checks::{Probe, WantedCheck, WantedChecks, WantedJob, WantedPreflight, WantedQuery, WantedRollback};
pub use fleet::{WantedFleet, WantedInstance, backends};
pub use gates::{GateRule, WantedApproval, WantedGate, WantedStatuses};
pub use pass_on::WantedPassing;
pub use times::{Closing, Opening, WantedWindow};

use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{
    BaseUpdate, ConfigReference, DefinitionCheck, PodSettings, Settings, Standby, Strategy, StrategyType, Tengine,
    TengineDeployment,
};
use crate::domain::{BaseReference, DeploymentName, GitProvider, ImageRepository, Platform, RepositoryUrl, TreePath};
use crate::manifest::{ARCHITECTURE_LABEL, OS_LABEL, Owner};
use check::Check;
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
    /// The UID of what controls it: of an instance, the deployment that it is one of.
    pub owner: Option<String>,
    /// `metadata.generation`.
    pub generation: i64,
    /// The value of the annotation [`RECONCILE_AT`].
    pub reconcile_at: Option<String>,
    /// Whether source and releases are frozen.
    pub suspend: bool,
    /// Where images come from.
    pub origin: Origin,
    /// The Secret for the image: for its push, where it is built, and for the pull.
    pub image_secret: Option<String>,
    /// How often to look for something new.
    pub interval: Duration,
    /// How long a look, or a build, may take.
    pub timeout: Duration,
    /// What images are made for, where that is known.
    pub platform: Option<Platform>,
    /// As in the spec.
    pub tengine: Tengine,
    /// As in the spec.
    pub pod: Option<PodSettings>,
    /// How many cores; where there are instances, how many of them.
    pub replicas: i32,
    /// Whether the cores have a budget of disruptions: one core alone has none, or it could never be moved.
    pub budget: bool,
    /// How one release takes the place of another.
    pub strategy: StrategyType,
    /// What the second node of a pair does while the first one serves.
    pub standby: Standby,
    /// How long that may take.
    pub progress_deadline: Duration,
    /// What comes of errors in the definitions.
    pub definition_check: DefinitionCheck,
    /// What is looked at before a release counts as verified.
    pub checks: WantedChecks,
    /// What is done about a release that turns out bad.
    pub rollback: WantedRollback,
    /// How many releases are kept besides the ones in use.
    pub history_limit: usize,
    /// The name of the environment that it is to others.
    pub environment: Option<String>,
    /// What a release has to pass.
    pub gates: Vec<WantedGate>,
    /// What is pushed for a commit that was verified.
    pub passing: Option<WantedPassing>,
    /// The engines that it runs instead of cores of its own.
    pub fleet: Option<WantedFleet>,
}

/// Where images come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// They are built from a Git repository.
    Git(Box<FromGit>),
    /// Another deployment built and proved them.
    Promotion(WantedPromotion),
}

/// What it takes to build an image.
#[derive(Debug, Clone, PartialEq)]
pub struct FromGit {
    /// Where the definitions come from.
    pub source: WantedSource,
    /// What they are put on.
    pub base: WantedBase,
    /// Where the image goes.
    pub repository: ImageRepository,
}

/// The versions of another deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedPromotion {
    /// Which deployment.
    pub from: DeploymentName,
    /// The words that a version needs there.
    pub words: Vec<String>,
    /// Which of its releases is taken, where this is one of its instances, and in which passage.
    pub release: Option<(String, i64)>,
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
    /// Where the host tells which tags are releases, where only such tags count.
    pub releases: Option<WantedReleases>,
}

/// A Git host's list of releases.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedReleases {
    /// Whose API it is.
    pub provider: GitProvider,
    /// The address of the list.
    pub list: RepositoryUrl,
    /// The Secret of who asks: its own, or that of the repository where it is for the same host.
    pub secret: Option<String>,
    /// Whether that is its own.
    pub is_own: bool,
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

impl Desired {
    /// As the owner of what is made for it.
    pub fn as_owner(&self) -> Owner<'_> {
        Owner { namespace: &self.namespace, deployment: &self.name, uid: &self.uid }
    }

    /// Whether Deployments are made for it though there never was a core: some are wanted, or it is there that a turn of cores stands.
    pub const fn needs_workloads(&self) -> bool {
        self.replicas > 0 || self.strategy.takes_turns()
    }

    /// The snapshot that a release made now would carry; `config` is the content that `configRef` names.
    pub fn settings(&self, config: Option<String>) -> Settings {
        Settings {
            tengine: self.tengine.clone(),
            pod: self.pod.clone(),
            config,
            pull_secret: self.image_secret.clone(),
            progress_deadline_seconds: i64::try_from(self.progress_deadline.as_secs()).unwrap_or(i64::MAX),
        }
    }

    /// The same, where images are made for this platform.
    ///
    /// # Errors
    /// Where the nodes that the spec asks for are of another one: no pod would ever start there.
    pub fn on(self, platform: &Platform) -> Result<Self, Vec<Problem>> {
        let labels = self.pod.as_ref().and_then(|pod| pod.node_selector.clone()).unwrap_or_default();
        let of_platform = [(OS_LABEL, &platform.os), (ARCHITECTURE_LABEL, &platform.architecture)];
        let contradicts = |(label, value): &(&str, &String)| labels.get(*label).is_some_and(|asked| asked != *value);
        let problems: Vec<Problem> = of_platform.into_iter().filter(contradicts).map(|(label, _)| {
            let asked = &labels[label];
            let message = format!(
                "spec.pod.nodeSelector: {label} is {asked}, and this operator makes images for {platform}: leave it out, or have the operator run with --platform"
            );
            Problem::new(Reason::InvalidSpec, message)
        }).collect();
        if problems.is_empty() { Ok(Self { platform: Some(platform.clone()), ..self }) } else { Err(problems) }
    }

    /// What it takes to build an image, where that is done.
    pub fn git(&self) -> Option<&FromGit> {
        match &self.origin {
            Origin::Git(git) => Some(git),
            Origin::Promotion(_) => None,
        }
    }

    /// Whose versions are taken, where they are another deployment's.
    pub fn promotion(&self) -> Option<&WantedPromotion> {
        match &self.origin {
            Origin::Git(_) => None,
            Origin::Promotion(promotion) => Some(promotion),
        }
    }

    /// The deployments whose words count.
    pub fn asks(&self) -> impl Iterator<Item = &DeploymentName> {
        self.asks_others().chain(self.instances().map(|instance| &instance.deployment))
    }

    /// Those of them that are not its own instances.
    pub fn asks_others(&self) -> impl Iterator<Item = &DeploymentName> {
        self.gates.iter().filter_map(WantedGate::asks).chain(self.promotion().map(|promotion| &promotion.from))
    }

    /// The engines that it runs instead of cores of its own.
    pub fn instances(&self) -> impl Iterator<Item = &WantedInstance> {
        self.fleet.iter().flat_map(|fleet| &fleet.instances)
    }

    /// The configuration file of the user's own.
    pub fn config_ref(&self) -> Option<&ConfigReference> {
        self.tengine.config_ref.as_ref()
    }
}

fn standby(strategy: &Strategy) -> Standby {
    strategy.active_standby.as_ref().and_then(|given| given.standby).unwrap_or_default()
}

/// Of an instance ActiveStandby, whatever somebody writes to it until that is put right: with another one it would not wait for its phases.
fn strategy(object: &TengineDeployment) -> Strategy {
    let given = object.spec.strategy.clone().unwrap_or_default();
    let promotion = object.spec.source.promotion.as_ref();
    let is_instance = promotion.is_some_and(|promotion| promotion.release.is_some()) && owner(object).is_some();
    if is_instance { Strategy { kind: Some(StrategyType::ActiveStandby), ..given } } else { given }
}

/// The UID of what controls it.
fn owner(object: &TengineDeployment) -> Option<String> {
    let mut owners = object.metadata.owner_references.iter().flatten();
    owners.find(|owner| owner.controller == Some(true)).map(|owner| owner.uid.clone())
}

/// Reads a spec; every field that is wrong is named.
///
/// # Errors
/// All problems at once, in the order of the spec.
pub fn validate(object: &TengineDeployment) -> Result<Desired, Vec<Problem>> {
    let mut check = Check::default();
    let spec = &object.spec;
    let namespace = object.namespace().unwrap_or_default();
    let strategy = strategy(object);

    let (origin, image_secret) = origin::read(&mut check, spec, (&namespace, &object.name_any()));
    let interval = check.span("spec.source.interval", spec.source.interval.as_deref(), 60, 5);
    let timeout = check.span("spec.source.timeout", spec.source.timeout.as_deref(), 60, 1);
    let heartbeat = spec.tengine.heartbeat.as_ref().and_then(|heartbeat| heartbeat.interval.as_deref());
    check.span("spec.tengine.heartbeat.interval", heartbeat, 30, 0);
    let progress_deadline =
        check.span("spec.strategy.progressDeadline", strategy.progress_deadline.as_deref(), 600, 10);

    check.names(spec);
    let gates = gates::read(&mut check, &spec.gates, strategy.kind.unwrap_or_default(), &namespace);
    let checks = checks::read(&mut check, spec.checks.as_ref());
    let rollback = checks::rollback(&mut check, spec.rollback.as_ref());
    tolerations::read(&mut check, spec);
    let passing = pass_on::read(&mut check, spec.promotion.as_ref(), origin.as_ref());
    let (fleet, checks) = fleet::read(&mut check, object, checks, progress_deadline);

    let Some(origin) = origin.filter(|_| check.problems.is_empty()) else { return Err(check.problems) };
    Ok(Desired {
        namespace,
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
        owner: owner(object),
        generation: object.metadata.generation.unwrap_or_default(),
        reconcile_at: object.annotations().get(RECONCILE_AT).cloned(),
        suspend: spec.suspend.unwrap_or(false),
        origin,
        image_secret,
        interval,
        timeout: timeout.min(LONGEST_TIMEOUT),
        platform: None,
        tengine: spec.tengine.clone(),
        pod: spec.pod.clone(),
        replicas: fleet.as_ref().filter(|_| spec.replicas > 0).map_or(spec.replicas, WantedFleet::count),
        budget: fleet.is_none()
            && spec.disruption_budget.as_ref().and_then(|budget| budget.enabled).unwrap_or(true)
            && (spec.replicas > 1 || spec.replicas > 0 && standby(&strategy) == Standby::Serves),
        strategy: strategy.kind.unwrap_or_default(),
        standby: standby(&strategy),
        progress_deadline,
        definition_check: spec.checks.as_ref().and_then(|checks| checks.definition).unwrap_or_default(),
        checks,
        rollback,
        history_limit: spec.release_history_limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(10),
        environment: spec.environment.as_ref().map(|environment| environment.name.clone()),
        gates,
        passing,
        fleet,
    })
}
