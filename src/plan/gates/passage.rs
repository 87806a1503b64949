//! How gates stand.

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
    /// How it stands.
    pub passage: Passage,
    /// When that may change by the clock alone.
    pub turns_at: Option<Timestamp>,
}

/// How the gates stand for every release that may take the place of what runs.
#[derive(Debug, Clone, Default)]
pub struct Passages<'a> {
    pub(super) gated: bool,
    /// What the cluster was told: it has passed.
    pub(super) told: Option<&'a str>,
    /// What the cluster was told not long ago, and has not brought to an end.
    pub under_way: Option<&'a Release>,
    /// Newest first.
    pub(super) waiting: Vec<(&'a Release, Vec<Judged>)>,
}

impl<'a> Passages<'a> {
    /// Whether a release may go live, as far as gates have a say.
    pub fn let_pass(&self, release: &Release) -> bool {
        let told = self.told == Some(release.name.as_str());
        !self.gated || told || self.of(release).is_some_and(|judged| judged.iter().all(Judged::is_open))
    }

    /// The newest release that may go live, of those that wait and are `ready` for it.
    pub fn newest_open(&self, ready: impl Fn(&Release) -> bool) -> Option<&'a Release> {
        self.waiting.iter().map(|(release, _)| *release).find(|release| self.let_pass(release) && ready(release))
    }

    /// How the gates stand for a release, where that was judged.
    pub fn of(&self, release: &Release) -> Option<&[Judged]> {
        self.waiting.iter().find(|(other, _)| other.is(release)).map(|(_, judged)| judged.as_slice())
    }

    /// The first gate that keeps a release from going live.
    pub fn shut(&self, release: &Release) -> Option<(&str, &Shut)> {
        self.of(release)?.iter().find_map(|judged| match &judged.passage {
            Passage::Shut(shut) => Some((judged.gate.as_str(), shut)),
            Passage::Open(_) | Passage::Overridden(_) => None,
        })
    }

    /// What a release waits for, at every gate that is shut.
    pub fn waits_for(&self, release: &Release) -> Option<String> {
        let shut = |judged: &Judged| match &judged.passage {
            Passage::Shut(shut) => Some(format!("gate {}: {}", judged.gate, shut.message)),
            Passage::Open(_) | Passage::Overridden(_) => None,
        };
        let shut: Vec<String> = self.of(release)?.iter().filter_map(shut).collect();
        (!shut.is_empty()).then(|| format!("{} waits at {}", release.short(), shut.join("; ")))
    }

    /// Whether a version waits.
    pub fn are_about(&self, digest: &str) -> bool {
        self.waiting.iter().any(|(release, _)| release.digest() == Some(digest))
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
}
