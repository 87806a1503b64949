//! How gates stand.

use crate::api::v1alpha1::GateBefore;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::releases::Release;
use jiff::Timestamp;

/// How a gate stands for a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// It lets it pass, for this reason.
    Open(String),
    /// A person let it pass, in these words.
    Overridden(String),
    /// It does not (yet).
    Shut(Shut),
}

/// What a gate waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shut {
    /// In a word.
    pub reason: Reason,
    /// In a sentence; the same for as long as nothing happens.
    pub message: String,
    /// When it opens by itself, as far as that is known now.
    pub opens_at: Option<Timestamp>,
}

impl Shut {
    /// Shut, until something happens.
    pub fn passage(reason: Reason, message: String) -> Passage {
        Passage::Shut(Self { reason, message, opens_at: None })
    }
}

/// A gate's name, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The gate's name.
    pub gate: String,
    /// What it stands before.
    pub before: GateBefore,
    /// How it stands.
    pub passage: Passage,
    /// When that may change by the clock alone.
    pub turns_at: Option<Timestamp>,
}

/// How the gates stand for every release that may take the place of what runs.
#[derive(Debug, Clone, Default)]
pub struct Passages<'a> {
    pub(super) gated: bool,
    /// What the cluster was told: it has passed, but for the gates before its change-over.
    pub(super) told: Option<&'a str>,
    /// What the cluster was told and has passed all gates.
    pub(super) passed: Option<&'a str>,
    /// What the cluster was told not long ago, and has not brought to an end.
    pub under_way: Option<&'a Release>,
    /// Newest first.
    pub(super) waiting: Vec<Waiting<'a>>,
}

/// A release that waits, or may have to.
#[derive(Debug, Clone)]
pub(super) struct Waiting<'a> {
    pub release: &'a Release,
    /// How its gates stand; of one that was started already, those that are still before it.
    pub judged: Vec<Judged>,
    /// Whether it may take the place of what runs, as far as policy goes.
    pub succeeds: bool,
}

impl<'a> Passages<'a> {
    /// Whether a release may be started, as far as gates have a say.
    pub fn let_pass(&self, release: &Release) -> bool {
        let told = self.told == Some(release.name.as_str()) || self.has_passed(release);
        !self.gated || told || self.of(release).is_some_and(|judged| judged.iter().all(Judged::lets_start))
    }

    /// Whether it may take over from what serves, too.
    pub fn let_take_over(&self, release: &Release) -> bool {
        let open = || self.of(release).is_some_and(|judged| judged.iter().all(Judged::is_open));
        !self.gated || self.has_passed(release) || open()
    }

    fn has_passed(&self, release: &Release) -> bool {
        self.passed == Some(release.name.as_str())
    }

    /// The newest release that may go live, of those that wait and are `ready` for it: one that may take over, too, before one that would wait
    /// once it is started.
    pub fn newest_open(&self, ready: impl Fn(&Release) -> bool) -> Option<&'a Release> {
        let waiting = || self.waiting.iter().filter(|waiting| waiting.succeeds).map(|waiting| waiting.release);
        let mut takes_over = waiting().filter(|release| self.let_take_over(release) && ready(release));
        takes_over.next().or_else(|| waiting().find(|release| self.let_pass(release) && ready(release)))
    }

    /// How the gates stand for a release, where that was judged.
    pub fn of(&self, release: &Release) -> Option<&[Judged]> {
        self.waiting.iter().find(|waiting| waiting.release.is(release)).map(|waiting| waiting.judged.as_slice())
    }

    /// The first gate that keeps a release from going live: one before its roll-out, if any.
    pub fn shut(&self, release: &Release) -> Option<(&str, &Shut)> {
        self.all_shut(release).next()
    }

    fn all_shut(&self, release: &Release) -> impl Iterator<Item = (&str, &Shut)> {
        let judged = self.of(release).unwrap_or_default();
        let before = |before| judged.iter().filter(move |judged| judged.before == before);
        before(GateBefore::RollOut).chain(before(GateBefore::SwitchOver)).filter_map(|judged| match &judged.passage {
            Passage::Shut(shut) => Some((judged.gate.as_str(), shut)),
            Passage::Open(_) | Passage::Overridden(_) => None,
        })
    }

    /// What a release waits for, at every gate that is shut.
    pub fn waits_for(&self, release: &Release) -> Option<String> {
        self.gates_of(release).map(|gates| format!("{} waits at {gates}", release.short()))
    }

    /// Every gate that is shut for it, and what that waits for.
    pub fn gates_of(&self, release: &Release) -> Option<String> {
        let shut: Vec<String> =
            self.all_shut(release).map(|(gate, shut)| format!("gate {gate}: {}", shut.message)).collect();
        (!shut.is_empty()).then(|| shut.join("; "))
    }

    /// Whether a version waits.
    pub fn are_about(&self, digest: &str) -> bool {
        self.waiting.iter().any(|waiting| waiting.release.digest() == Some(digest))
    }

    /// Whether there are gates at all.
    pub const fn are_gates(&self) -> bool {
        self.gated
    }
}

impl Judged {
    /// Whether it lets the release pass.
    pub fn is_open(&self) -> bool {
        !matches!(self.passage, Passage::Shut(_))
    }

    /// Whether it lets the release be started: also where it is shut, and stands before the change-over.
    pub fn lets_start(&self) -> bool {
        self.is_open() || self.before == GateBefore::SwitchOver
    }
}
