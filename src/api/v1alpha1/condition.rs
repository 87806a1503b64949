//! Condition types and reasons: the vocabulary of status, events and metrics.
//!
//! In the schema both are open strings, so that a newer operator may say more. Here they are enums, each
//! with what it means and what to do about it; the API reference is printed from them.

use std::fmt;

macro_rules! condition_types {
    ($($(#[doc = $meaning:literal])+ $name:ident,)+) => {
        /// The types of conditions of a `TengineDeployment`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ConditionType { $($(#[doc = $meaning])+ $name,)+ }

        impl ConditionType {
            /// All of them, in the order in which status lists them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// What it means, in a sentence or two.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($meaning),+),)+ }
            }
        }
    };
}

condition_types! {
    /// The release that policy wants is serving, and nothing that a person must do is open.
    Ready,
    /// Work is under way or is tried again. Present only while True.
    Reconciling,
    /// Nothing will change until somebody changes something. Present only while True.
    Stalled,
    /// Something older than the newest commit serves on purpose. Present only while True.
    HeldBack,
    /// All gates let the newest release pass. Present only where there are gates.
    GatesOpen,
    /// The environment that proved the version that serves has rejected it since. Present only while True; what serves stays.
    UpstreamRevoked,
    /// Another deployment uses the same queue or database. Present only while True.
    SharedBackend,
    /// What the spec refers to is there: Secrets and their keys, ConfigMaps, the ServiceAccount, the base image,
    /// the right to push; and Tengine reaches broker and database, where `checks.preflight.connection` asks that.
    TargetReady,
    /// The Git host told what the ref points at.
    SourceReady,
    /// The definitions of the candidate are readable.
    DefinitionValid,
    /// The image of the candidate is in the registry.
    ImageReady,
    /// All wanted pods are ready: the core, and heartbeat watchd and atd where enabled.
    Available,
    /// As many cores as serve have loaded the release that serves, and wait to take over, or serve beside it where both are to. Present only with `strategy.type: ActiveStandby`.
    StandbyReady,
    /// The release that serves was seen with all its pods ready, and what `checks.verification` asks for held.
    Verified,
    /// What `promotion.onVerified` asks for was pushed for the commit that serves. Present only where it is asked for.
    PassedOn,
}

impl fmt::Display for ConditionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

macro_rules! reasons {
    ($($(#[doc = $meaning:literal])+ $name:ident => $advice:literal,)+) => {
        /// Why a condition is what it is: one CamelCase word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($(#[doc = $meaning])+ $name,)+ }

        impl Reason {
            /// All of them, in the order of the reference.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// What it means, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($meaning),+),)+ }
            }

            /// The reason of this word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.word() == word)
            }

            /// What a person should do; empty where there is nothing to do.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)+ }
            }

            /// The word that stands in a status.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }
        }
    };
}

reasons! {
    /// The newest commit is live, with all wanted pods ready.
    UpToDate => "",
    /// `replicas` is 0: nothing runs, as wanted.
    Stopped => "",
    /// `suspend` is true: nothing new is fetched, built or rolled out.
    Suspended => "",
    /// A person brought an earlier release back; nothing newer takes its place.
    Pinned => "Resume lets it go.",
    /// The release that a person brought back is gone or was refused; what runs stays, and nothing newer takes its place.
    PinLost => "Resume, or RollBack to another release.",
    /// A person ended the roll-out.
    Aborted => "Push a fix, or Retry.",
    /// The object was just seen for the first time, or its spec just changed.
    Progressing => "",
    /// The candidate is fetched, checked and built.
    Building => "",
    /// Tengine tests its connection to broker and database (`checks.preflight.connection`); a release that was built waits for that.
    TestingConnection => "",
    /// Tengine loads the candidate's definitions into a scratch database.
    Preflight => "",
    /// The Jobs of `checks.tests` run in the candidate's image.
    Testing => "",
    /// The candidate takes the place of what ran before.
    RollingOut => "",
    /// More instances than `strategy.activeStandby.maxFailed` did not get through a phase, so that the next one does not begin; or some are not well with the version that is live.
    InstancesFailed => "Put right what the message says of each. Retry one that refused the version, Resume one that runs another one, push a fix, or RollBack.",
    /// All pods are ready, and what `checks.verification` asks for is looked at.
    Verifying => "",
    /// A gate waits for a word that another environment has not attached to this version yet; or `source.promotion` for a first version that has its words.
    WaitingForStatus => "",
    /// The version has the words that a gate asks for, and not yet for long enough.
    Soaking => "",
    /// A gate waits for people to approve this version.
    WaitingForApproval => "Approve or Reject by a TengineAction, if you may.",
    /// Instances have been through a phase, and a person begins the next one (`strategy.activeStandby.pauseBefore`).
    WaitingForStart => "Begin it by a TengineAction StartPhase, if you may.",
    /// A gate waits for people to approve this version, and what proves who they are is not in force: nobody's word counts.
    NobodyVouches => "Put the ValidatingAdmissionPolicy and its binding right that the message names (values actionPolicy of the chart), or let the operator read them; then Approve.",
    /// A gate is not open at this time.
    WaitingForWindow => "",
    /// A gate, or `source.promotion`, asks a deployment that is not there, or in a namespace that the operator does not watch.
    UpstreamMissing => "Correct the name of the deployment that is asked, or let the operator watch its namespace.",
    /// A gate, or `source.promotion`, asks a deployment in another namespace, which does not allow that.
    NotGranted => "Add this namespace to the other deployment's environment.grants.",
    /// A gate, or `source.promotion`, asks for a word that the other deployment never attaches.
    StatusUnknown => "Ask for a word that it attaches: the name of its environment and _OK.",
    /// The other deployment has another image of the same commit, so that this one will never get its word.
    DigestsDiffer => "Build both from the same inputs: commit, path and base image.",
    /// The environment that attached the word has rejected the version since.
    UpstreamRejected => "What serves stays; RollBack brings an earlier release back, a fix goes its way.",
    /// The newest tag does not count, because its counterpart is not on the same commit; the newest that has one is followed.
    TagMismatch => "Push both tags on the same commit.",
    /// The tag that was taken last was moved to another commit. That is never followed by itself; what runs stays.
    TagMoved => "Accept it by a TengineAction AcceptTag, or push a newer tag.",
    /// The tag that was taken last is not there any more, or does not count any more, and only older ones do. What runs stays.
    TagGone => "Push it again, or a newer one; RollBack brings an earlier release back.",
    /// The newest tag is no release of the wanted stage on the Git host yet; the newest that is one is followed.
    WaitingForRelease => "Publish it on the Git host; where full releases are followed, un-tick pre-release (on GitLab, let its release date come).",
    /// The tag that was taken last is no release of the wanted stage on the Git host any more, and only older ones are. What runs stays.
    ReleaseWithdrawn => "Publish it again, or a newer one; RollBack brings an earlier release back.",
    /// The branch or tag of `promotion.onVerified` is being pushed.
    PassingOn => "",
    /// The Git host does not let the branch or the tag of `promotion.onVerified` be pushed. What serves is not touched.
    PromotionRefused => "Let the user of promotion.onVerified.secretRef push what the message names (a protected branch or tag, a hook), or give other credentials; it is tried again by itself.",
    /// The branch of `promotion.onVerified` has commits that the verified commit has not: it cannot go forward, and nothing is forced.
    BranchDiverged => "Bring the branch's own commits into the branch that is followed, or move it back by hand; it is tried again by itself.",
    /// The tag that `promotion.onVerified` is to push is on another commit.
    TagTaken => "Remove that tag, or put {{commit}} into promotion.onVerified.tag.",
    /// The step succeeded.
    Succeeded => "",
    /// A field has a value that cannot work.
    InvalidSpec => "Correct the field that the message names.",
    /// A Secret that the spec names is not there.
    SecretMissing => "Create the Secret in the namespace of the TengineDeployment.",
    /// A Secret that the spec names lacks a key, or the key's value cannot be used.
    SecretInvalid => "Correct the key that the message names.",
    /// A ConfigMap that the spec names is not there, or lacks the key.
    ConfigMapMissing => "Create the ConfigMap, or add the key.",
    /// A ConfigMap that the spec names holds something that cannot be used.
    ConfigMapInvalid => "Correct the key that the message names.",
    /// The ServiceAccount that the spec names is not there.
    ServiceAccountMissing => "Create the ServiceAccount.",
    /// An object of a name that the operator needs belongs to somebody else.
    NameTaken => "Rename or remove the object that the message names; it is never touched.",
    /// The Git host or the registry refused the credentials.
    AuthenticationFailed => "Update the Secret; it is read again at once.",
    /// The host has no such repository, or hides it from these credentials.
    RepositoryNotFound => "Correct source.git.url or image.repository, whichever the message names, or let these credentials see it.",
    /// The host wants to know who asks.
    AuthenticationRequired => "Name a Secret with credentials in the secretRef that belongs to this host, or add an entry for it.",
    /// These credentials may not read the repository.
    AccessDenied => "Give this user the right to read it, or use another one.",
    /// The URL answers, but not as a Git repository.
    NotARepository => "Correct the URL; it is the one that git clone takes.",
    /// The repository is of a kind that cannot be read.
    UnsupportedRepository => "Use a repository with SHA-1 object names, on a host that has Git behind it.",
    /// The URL leads to another host, where credentials are not taken.
    Redirected => "Give the URL that it leads to.",
    /// The proxy on the way refuses.
    ProxyRefused => "Correct the proxy in the operator's hosts configuration.",
    /// The host refuses for a reason of its own.
    HostRefused => "Nothing, if it passes by itself; otherwise look at the host.",
    /// The host failed.
    HostFailed => "Nothing, if it passes by itself; otherwise look at the host.",
    /// What the host sends is not whole.
    RepositoryDamaged => "Nothing, if it passes by itself; otherwise run git fsck on the host.",
    /// The repository has no such commit.
    CommitNotFound => "Give all 40 digits of a commit that a branch or tag of this repository has.",
    /// The repository has no such branch or tag.
    RefNotFound => "Correct source.git.ref, or push it.",
    /// The repository has no tag that fits `source.git.ref`.
    NoTagMatches => "Push such a tag, or correct source.git.ref.",
    /// No tag that fits `source.git.ref.releases` is a release of the wanted stage on the Git host.
    NoReleaseMatches => "Publish a release of such a tag on the Git host, or correct source.git.ref.releases.",
    /// The Git host's API has no list of releases of this repository, or hides it from these credentials.
    ReleasesNotFound => "Correct provider and apiUrl of source.git.ref.releases, or let the credentials of its secretRef read releases.",
    /// The repository has no commit yet.
    EmptyRepository => "Push a first commit.",
    /// No line of `known_hosts` is about the SSH host.
    HostKeyUnknown => "Add what ssh-keyscan says of the host to the Secret's key known_hosts, after comparing it with what the host publishes.",
    /// The SSH host shows another key than `known_hosts` has for it.
    HostKeyMismatch => "Somebody may stand in between. If the host's key was changed, replace its lines in the Secret's key known_hosts.",
    /// The server's certificate is not trusted.
    CertificateInvalid => "Give the operator the authority's certificate in its hosts configuration.",
    /// The host cannot be reached, or answers with an error of its own.
    Unreachable => "Nothing, if it passes by itself; otherwise look at host and network.",
    /// The host did not answer in time.
    TimedOut => "Nothing, if it passes by itself; otherwise look at host and network, or raise source.timeout.",
    /// The host asks to be left alone for a while.
    RateLimited => "",
    /// What the host offers is larger than the operator takes.
    TooLarge => "Make it smaller; the message names limit and size.",
    /// The process that fetches, checks and packs broke down or ran out of its limits.
    WorkerFailed => "Look at the message; if it persists, report it.",
    /// The folder `source.git.path` is not in the commit.
    PathNotFound => "Correct source.git.path, or push the folder.",
    /// There is no Ruby file in the folder.
    NoDefinition => "Push a definition, or correct source.git.path.",
    /// The tree holds what cannot be packed safely.
    TreeRefused => "Change what the message names, and push.",
    /// The definitions do not parse, or break a rule.
    DefinitionInvalid => "Push a fix; it is tried by itself.",
    /// `checks.definition` is Off: nobody looked at the definitions before the core did.
    NotChecked => "",
    /// The base image is not in its registry.
    BaseImageNotFound => "Correct image.base.reference, or push the image.",
    /// The base image is not made for the platform of this cluster.
    PlatformMissing => "Push a base image for the platform that the message names.",
    /// The base image cannot be understood.
    InvalidImage => "Push a base image in OCI or Docker format.",
    /// The registry does not let these credentials push.
    PushDenied => "Give the credentials the right to push, or correct image.repository.",
    /// The base image has no `tengined`.
    PackageMissing => "Give a base image with Tengine installed.",
    /// The core refused the definitions, or crashed on them.
    CoreFailed => "Push a fix; it is tried by itself.",
    /// The core did not get ready within `strategy.progressDeadline`.
    ProgressDeadlineExceeded => "Look at the pod's log; push a fix, or raise strategy.progressDeadline.",
    /// Tengine did not load the definitions of the candidate (`checks.preflight.load`); no pod of it was started.
    LoadFailed => "Push a fix; it is tried by itself. Retry loads this one again.",
    /// A Job of `checks.tests` failed in the candidate's image; no pod of it was started.
    TestFailed => "Push a fix; it is tried by itself. Retry runs the tests again.",
    /// All pods were ready, and what `checks.verification` asks for did not hold.
    VerificationFailed => "Push a fix; it is tried by itself. Retry verifies this one again.",
    /// It was verified, and when `checks.schedule` asked for it again, `checks.verification` did not hold any more. It serves on.
    NoLongerVerified => "Look at what changed around it; push a fix, or decide RollBack. It is verified again at the next time of checks.schedule.",
    /// The release was seen broken within `rollback.watch` after its verification.
    Unhealthy => "Push a fix; it is tried by itself. Retry takes this one up again.",
    /// A Job of a check could not run to its end; no commit is blamed for it, and it is started again.
    CheckNotRun => "Correct the check in spec.checks that the message names, or what is in its way; it is started again by itself.",
    /// Tengine did not get through to broker or database (`checks.preflight.connection`); no commit is blamed for it, and it is tried again.
    ConnectionTestFailed => "Correct address, virtual host or Secret in spec.tengine, or what is wrong with broker or database. It is tried again by itself, and at once when the spec or a Secret changes.",
    /// The database that a preflight loads into may not be made, written or dropped; no commit is blamed for it, and it is tried again.
    ScratchDatabaseRefused => "Give the user of tengine.database.secretRef the right to make, write and drop the database that the message names, or turn checks.preflight off; it is tried again by itself.",
    /// A query of the verification has no answer that is one number; no commit is blamed for it, and it is asked again.
    QueryFailed => "Correct the query in spec.checks.verification that the message names, or look at Prometheus; it is asked again by itself.",
    /// The core cannot reach or use the message broker.
    BrokerUnreachable => "Look at broker, address and Secret; the cores start by themselves once it answers.",
    /// A core served and has no connection to the broker any more, or hangs.
    Disconnected => "Look at the broker; a core that does not get its connection back is started again once it has been without for pod.terminationGracePeriodSeconds (deleting its pod is quicker).",
    /// The core cannot reach or use the database.
    DatabaseUnreachable => "Look at database, address and Secret; the cores start by themselves once it answers.",
    /// The core was killed at its memory limit, or its node had no memory left.
    OutOfMemory => "Raise pod.resources.limits.memory, or push definitions that need less.",
    /// The core cannot read the configuration file that `tengine.configRef` names.
    ConfigurationInvalid => "Correct the ConfigMap that tengine.configRef names.",
    /// The core was running and dies on a message, again and again.
    PoisonMessage => "Look at the first message of the queue that the message names, and remove it (rabbitmqadmin get, or the management page); no commit is blamed for it.",
    /// No node has room for a pod, or fits its rules.
    Unschedulable => "Make room, or correct spec.pod.",
    /// A node cannot pull the image.
    PullFailed => "Look at image.secretRef, pod.imagePullSecrets and the node's way to the registry.",
    /// The registry no longer has the image of what should run: it was removed, and is made again.
    ImageGone => "Nothing, if it passes by itself; exempt image.repository from what removes images in the registry.",
    /// What the container needs is not there: a Secret, a ConfigMap, or a key of one, or it may not run as its image's user.
    ContainerConfigInvalid => "Correct what the message names: a Secret or ConfigMap of pod.env or pod.envFrom, or pod.securityContext.",
    /// The node's container runtime does not make or start the container.
    ContainerNotStarted => "Look at what the container runtime says: a value that it does not take, or a node in trouble.",
    /// The base image has no shell.
    ShellMissing => "Give a base image with /bin/sh.",
    /// A container or a readiness gate that others put into the pod keeps it from being ready.
    SidecarFailed => "Look at that container, and at who puts it there.",
    /// The core ended, and its log, which would say why, cannot be read: no commit is blamed for it.
    LogUnread => "Look at the way from the API server to the pod's node (kubectl logs --previous fails, too), and at the operator's right to pods/log; it is read again by itself.",
    /// A pod was told to end and does not.
    PodLingers => "Look at the node; where the machine is off for good, remove its Node object, or delete the pod with --force --grace-period=0.",
    /// The node of a pod does not answer: what runs there may go on, and nobody sees it.
    NodeSilent => "Look at the node. After five minutes Kubernetes starts the pod on another one, which with ActiveStandby waits until the first is known to be gone.",
    /// Somebody paused a Deployment of the operator's: its pods stay as they are.
    DeploymentPaused => "Let it go on: kubectl rollout resume deployment with its name.",
    /// The cluster does not let the pods be made: a quota, a limit range or an admission rule.
    PodsRefused => "Look at the namespace's quotas and policies.",
    /// The API server does not take what the operator has to write.
    WriteRefused => "Look at what the API server says: a right, a policy or a quota is in the way.",
    /// The API server does not give the operator what it has to read.
    ReadRefused => "Look at what the API server says: a right is missing, or it is in trouble itself. What runs is left alone.",
    /// Fewer pods are ready than wanted, and no roll-out is under way.
    Unavailable => "Look at the pods.",
    /// A newer state was refused; what served before serves on.
    FellBack => "",
    /// Another deployment uses the same message broker and virtual host: they take each other's events.
    QueueShared => "Give each deployment its own virtual host.",
    /// Another deployment uses the same database: they misfile each other's drivers.
    DatabaseShared => "Give each deployment its own database.",
}

impl Reason {
    /// Whether a release was refused for it after all its pods were ready, or before any was started: pods that get ready do
    /// not take it back.
    pub const fn is_of_checks(self) -> bool {
        matches!(self, Self::LoadFailed | Self::TestFailed | Self::VerificationFailed | Self::Unhealthy)
    }

    /// Whether it is about a host that cannot be reached or has a trouble of its own, which says nothing of what it was asked.
    pub const fn passes_by_itself(self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::TimedOut
                | Self::RateLimited
                | Self::HostFailed
                | Self::HostRefused
                | Self::RepositoryDamaged
                | Self::WorkerFailed
        )
    }
}

impl Reason {
    /// Whether it is what a release waits for at a gate.
    pub const fn is_about_a_gate(self) -> bool {
        self.takes_a_change()
            || matches!(
                self,
                Self::WaitingForStatus | Self::Soaking | Self::WaitingForApproval | Self::WaitingForWindow
            )
    }

    /// Whether it is about a tag that is not followed.
    pub const fn is_about_a_tag(self) -> bool {
        matches!(
            self,
            Self::TagMismatch | Self::TagMoved | Self::TagGone | Self::WaitingForRelease | Self::ReleaseWithdrawn
        )
    }

    /// Whether a gate for this reason stays shut until somebody changes something.
    pub const fn takes_a_change(self) -> bool {
        matches!(
            self,
            Self::UpstreamMissing | Self::NotGranted | Self::StatusUnknown | Self::DigestsDiffer | Self::NobodyVouches
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
