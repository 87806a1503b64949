//! Reads fields, and collects what is wrong with them.

use crate::api::v1alpha1::{
    GitReference, ReleasesReference, Settings, Stage, TagOrder, TagsReference, TengineDeploymentSpec, condition::Reason,
};
use crate::domain::{
    self, CommitId, FullRef, GitRef, Malformed, ObjectName, ReleaseStage, Span, TagChoice, TagPattern,
};
use crate::manifest;
use std::collections::BTreeMap;
use std::time::Duration;

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
    /// Any ref, by its full name.
    Name(FullRef),
    /// The newest of these tags.
    Newest(TagChoice),
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

/// Collects problems while fields are read.
#[derive(Default)]
pub(super) struct Check {
    /// In the order of the spec.
    pub problems: Vec<Problem>,
}

impl Check {
    pub fn complain(&mut self, message: impl Into<String>) {
        self.problems.push(Problem::new(Reason::InvalidSpec, message));
    }

    pub fn parse<T: std::str::FromStr<Err = Malformed>>(&mut self, field: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(malformed) => {
                self.problems.push(Problem::new(Reason::InvalidSpec, format!("{field}: {malformed}")));
                None
            }
        }
    }

    pub fn span(&mut self, field: &str, text: Option<&str>, default: u64, least: u64) -> Duration {
        let Some(text) = text else { return Duration::from_secs(default) };
        let Some(span) = self.parse::<Span>(field, text) else { return Duration::from_secs(default) };
        if span.duration() < Duration::from_secs(least) {
            let message = format!("{field}: {text} is too short, give at least {least}s");
            self.problems.push(Problem::new(Reason::InvalidSpec, message));
        }
        span.duration()
    }

    /// Names stand in paths of the API, so whatever is asked for by name has one that can.
    pub fn names(&mut self, spec: &TengineDeploymentSpec) {
        let (git, promotion, image) = (&spec.source.git, &spec.source.promotion, &spec.image);
        let releases = git.as_ref().and_then(|git| git.reference.as_ref()?.releases.as_ref());
        let on_verified = spec.promotion.as_ref().and_then(|promotion| promotion.on_verified.as_ref());
        let own = [
            ("spec.source.git.secretRef.name", git.as_ref().and_then(|git| git.secret_ref.as_ref())),
            ("spec.source.git.ref.releases.secretRef.name", releases.and_then(|it| it.secret_ref.as_ref())),
            ("spec.source.promotion.secretRef.name", promotion.as_ref().and_then(|it| it.secret_ref.as_ref())),
            ("spec.image.base.secretRef.name", image.as_ref().and_then(|image| image.base.secret_ref.as_ref())),
            ("spec.promotion.onVerified.secretRef.name", on_verified.map(|it| &it.secret_ref)),
            ("spec.image.secretRef.name", image.as_ref().and_then(|image| image.secret_ref.as_ref())),
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
        if let Some(pod) = &spec.pod {
            self.foreign_keys("spec.pod.labels", pod.labels.as_ref());
            self.foreign_keys("spec.pod.annotations", pod.annotations.as_ref());
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

    /// What the operator marks pods with tells it, and the cores, whose turn it is.
    fn foreign_keys(&mut self, field: &str, given: Option<&BTreeMap<String, String>>) {
        let own = given.into_iter().flatten().filter(|(key, _)| key.starts_with(manifest::DOMAIN));
        self.problems.extend(own.map(|(key, _)| {
            let message = format!(
                "{field}: {key} is of the domain tengine.dev, which is the operator's own: leave it out, or rename it"
            );
            Problem::new(Reason::InvalidSpec, message)
        }));
    }

    pub fn follow(&mut self, reference: Option<&GitReference>) -> Option<Follow> {
        let Some(reference) = reference else { return Some(Follow::Default) };
        let GitReference { branch, tag, commit, name, semver, tags, releases } = reference;
        let texts = [branch, tag, commit, name, semver].into_iter().flatten().count();
        if texts + usize::from(tags.is_some()) + usize::from(releases.is_some()) > 1 {
            self.complain(
                "spec.source.git.ref: give at most one of branch, tag, commit, name, semver, tags and releases",
            );
            return None;
        }
        if let Some(branch) = branch {
            return self.parse("spec.source.git.ref.branch", branch).map(Follow::Branch);
        }
        if let Some(tag) = tag {
            return self.parse("spec.source.git.ref.tag", tag).map(Follow::Tag);
        }
        if let Some(commit) = commit {
            return self.parse("spec.source.git.ref.commit", commit).map(Follow::Commit);
        }
        if let Some(name) = name {
            return self.parse("spec.source.git.ref.name", name).map(Follow::Name);
        }
        if let Some(range) = semver {
            let range = self.parse("spec.source.git.ref.semver", range)?;
            return Some(Follow::Newest(TagChoice::Range(range)));
        }
        if let Some(releases) = releases {
            return self.released(releases).map(Follow::Newest);
        }
        tags.as_ref().map_or(Some(Follow::Default), |tags| self.newest(tags).map(Follow::Newest))
    }

    fn newest(&mut self, tags: &TagsReference) -> Option<TagChoice> {
        let pattern = self.parse("spec.source.git.ref.tags.pattern", &tags.pattern)?;
        let counterpart = self.counterpart("tags", &tags.pattern, tags.counterpart.as_ref()).ok()?;
        Some(TagChoice::Pattern { pattern, order: order(tags.order), counterpart, stage: None })
    }

    /// The other pattern, where one is given; the error is that it is wrong, and was told.
    fn counterpart(&mut self, field: &str, pattern: &str, given: Option<&String>) -> Result<Option<TagPattern>, ()> {
        let field = format!("spec.source.git.ref.{field}.counterpart");
        let Some(counterpart) = given else { return Ok(None) };
        if counterpart == pattern {
            self.complain(format!("{field}: give another pattern than pattern"));
            return Err(());
        }
        self.parse(&field, counterpart).map(Some).ok_or(())
    }

    fn released(&mut self, releases: &ReleasesReference) -> Option<TagChoice> {
        let pattern = self.parse("spec.source.git.ref.releases.pattern", &releases.pattern)?;
        let stage = match releases.stage {
            Stage::PreRelease => ReleaseStage::PreRelease,
            Stage::Full => ReleaseStage::Full,
        };
        let counterpart = self.counterpart("releases", &releases.pattern, releases.counterpart.as_ref()).ok()?;
        Some(TagChoice::Pattern { pattern, order: order(releases.order), counterpart, stage: Some(stage) })
    }
}

fn order(given: Option<TagOrder>) -> domain::TagOrder {
    match given.unwrap_or_default() {
        TagOrder::Version => domain::TagOrder::Version,
        TagOrder::Calendar => domain::TagOrder::Calendar,
        TagOrder::Alphabetical => domain::TagOrder::Alphabetical,
    }
}
