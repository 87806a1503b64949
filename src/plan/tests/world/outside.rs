//! What is done in the world when the plan wants it: hosts answer, builds end, the cluster takes what it is given.

use super::*;
use crate::domain::{Lack, TagChoice, TagMismatch};
use crate::plan::desired::Follow;
use crate::plan::remembers;

/// Whether it is gone: another one of the name stays.
fn remove<K: Resource>(objects: &mut Vec<K>, name: &str, seen: &Seen) -> bool {
    let found = objects.iter().position(|object| object.name_any() == name);
    let Some(found) = found else { return true };
    let is_seen = Seen::of(&objects[found]) == *seen;
    if is_seen {
        objects.remove(found);
    }
    is_seen
}

impl World {
    /// All that is only in memory is gone.
    pub fn restart(&mut self) {
        self.source = Look::default();
        // What was answered before, and whole, is asked again in its time.
        let desired = validate(&self.object).ok();
        let interval = desired.as_ref().and_then(|desired| desired.git().map(|git| git.base.interval));
        let generation = self.object.metadata.generation.unwrap_or_default();
        let remembers = remembers(generation, self.object.status.as_ref(), self.releases.iter().cloned());
        let not_before = interval.filter(|_| remembers).map(|interval| self.now + interval);
        self.base_look = Look { not_before, ..Look::default() };
        self.push = Look::default();
        self.image_look = Look::default();
        self.builds.clear();
        self.queries.clear();
        self.passing.clear();
        self.cluster.forget();
    }

    fn ask<T: Clone>(&mut self, who: &'static str, answer: Result<T, (Reason, bool)>, before: &Look<T>) -> Look<T> {
        *self.asked.entry(who).or_default() += 1;
        let served = self.object.annotations().get(crate::plan::desired::RECONCILE_AT).cloned();
        match answer {
            Ok(answer) => Look { answer: Some((answer, self.now)), served, ..Look::default() },
            Err((reason, definite)) => {
                let since = before.trouble.as_ref().map_or(self.now, |trouble| trouble.since);
                let retry_at = self.now + SignedDuration::from_secs(5);
                let (message, at) = (format!("{who} said no"), self.now);
                let trouble = Trouble { reason, message, definite, since, at, retry_at };
                Look { trouble: Some(trouble), served, ..before.clone() }
            }
        }
    }

    /// What the host says of what the spec follows: the head of its branch, or the newest tag.
    fn told_of(&self, head: &str) -> Result<SourceSeen, (Reason, bool)> {
        let at = |reference: String, commit: &str| SourceSeen::new(reference, commit.parse::<CommitId>().unwrap());
        let desired = validate(&self.object).unwrap();
        let Some(Follow::Newest(choice)) = desired.git().map(|git| &git.source.follow) else {
            return Ok(at("refs/heads/main".into(), head));
        };
        let judge = choice.judge();
        let mut ranked: Vec<_> =
            self.tags.iter().filter_map(|(tag, commit)| Some((judge.rank(tag)?, tag, commit))).collect();
        ranked.sort();
        let mut passed_over = None;
        for (_, tag, commit) in ranked.into_iter().rev() {
            match self.mismatch(choice, tag, commit) {
                None => return Ok(SourceSeen { passed_over, ..at(format!("refs/tags/{tag}"), commit) }),
                mismatch => passed_over = passed_over.or(mismatch),
            }
        }
        let none = passed_over.map_or(Reason::NoTagMatches, |mismatch| match mismatch.lacks {
            Lack::Counterpart { .. } => Reason::TagMismatch,
            Lack::Release(_) => Reason::NoReleaseMatches,
        });
        Err((none, true))
    }

    fn mismatch(&self, choice: &TagChoice, tag: &str, commit: &str) -> Option<TagMismatch> {
        let at_commit: CommitId = commit.parse().unwrap();
        let lacks = match choice {
            TagChoice::Pattern { pattern, counterpart: Some(theirs), .. } => {
                let counterpart = theirs.with(pattern.part(tag)?);
                let at: Option<CommitId> = self.tags.get(&counterpart).map(|commit| commit.parse().unwrap());
                (at.as_ref() != Some(&at_commit)).then_some(Lack::Counterpart { tag: counterpart, at })
            }
            TagChoice::Pattern { counterpart: None, .. } | TagChoice::Range(_) => None,
        };
        let release = || {
            let (stage, release) = (choice.stage()?, self.host_releases.get(tag).copied());
            (!release.is_some_and(|release| stage.takes(release))).then_some(Lack::Release(release))
        };
        lacks.or_else(release).map(|lacks| TagMismatch { tag: tag.into(), commit: at_commit, lacks, more: 0 })
    }

    /// What is decided now is carried out at once, but for what was decided on a record of before and all that comes after it.
    /// Says whether all was done.
    pub fn carry_out(&mut self, plan: &Plan) -> bool {
        for effect in plan.effects.iter().take(self.effects) {
            if !self.act(effect) {
                return false;
            }
            if self.is_killed() {
                return true;
            }
        }
        true
    }

    /// Whether it was done: the API server refuses what was decided on an object of before.
    #[expect(clippy::too_many_lines, reason = "an arm for each effect there is")]
    pub fn act(&mut self, effect: &Effect) -> bool {
        match effect {
            Effect::LookAtSource => {
                let seen = self.head.clone().and_then(|head| self.told_of(&head));
                self.source = self.ask("git", seen, &self.source.clone());
            }
            Effect::LookAtBase => self.base_look = self.ask("base", self.base.clone(), &self.base_look.clone()),
            Effect::CheckPush => {
                let refused = Err((Reason::AuthenticationFailed, true));
                let answer = if self.registry_refuses { refused } else { Ok(()) };
                self.push = self.ask("push", answer, &self.push.clone());
            }
            Effect::LookForImage => {
                let seen = if self.pruned { Presence::Gone("the image".into()) } else { Presence::Whole };
                self.image_look = self.ask("image", Ok(seen), &self.image_look.clone());
            }
            Effect::CreateRelease(release) => {
                schema::admit("TengineRelease", "spec", &release.spec);
                assert!(!self.releases.iter().any(|other| other.spec.key == release.spec.key), "one key, one release");
                let mut made = release.as_ref().clone();
                self.writes += 1;
                made.metadata.uid = Some(format!("r-{}", self.writes));
                made.metadata.resource_version = Some(self.writes.to_string());
                // An API server writes down whole seconds.
                made.metadata.creation_timestamp = Some(Time(Timestamp::from_second(self.now.as_second()).unwrap()));
                self.releases.push(made);
            }
            Effect::Build { release, against } => self.build(release, against.as_deref()),
            Effect::PassOn { release } => self.pass_on(release),
            Effect::RecordRelease { release, seen, status } => {
                schema::admit("TengineRelease", "status", status);
                let found = self.releases.iter_mut().find(|found| found.name_any() == *release).unwrap();
                if Seen::of(found) != *seen {
                    return false;
                }
                self.writes += 1;
                found.metadata.resource_version = Some(self.writes.to_string());
                let before = found.status.clone().unwrap_or_default();
                assert!(before.image.is_none() || before.image == status.image, "an image is written once");
                release_states::admit(&before, status);
                // As an API server gives it back: of a time, whole seconds.
                found.status = serde_json::from_value(serde_json::to_value(status).unwrap()).unwrap();
                self.builds.retain(|name, build| name != release || build.outlasts(status));
            }
            Effect::Apply { child, seen } => return self.cluster.apply(child, seen.as_ref()),
            Effect::Stop { name, seen } => return self.cluster.stop(name, seen),
            Effect::Begin { turn, word } => self.cluster.begin(*turn, word, self.dies_while_it_tells),
            Effect::Hold { turn, word } => self.cluster.hold(*turn, word),
            Effect::Tell { turn, pods, most } => self.cluster.tell_some(*turn, pods, *most),
            Effect::Join { turn } => self.cluster.join(*turn),
            Effect::Delete { kind, name, seen } => return self.cluster.delete(*kind, name, seen),
            Effect::DeleteRelease { release, seen } => return remove(&mut self.releases, release, seen),
            Effect::AnswerAction { action, status } => {
                schema::admit("TengineAction", "status", status);
                let found = self.actions.iter_mut().find(|found| found.name_any() == *action).unwrap();
                assert!(found.status.is_none(), "an action is answered once");
                self.writes += 1;
                found.metadata.resource_version = Some(self.writes.to_string());
                found.status = Some(status.as_ref().clone());
            }
            Effect::StartJob { name, object, .. } => self.jobs.start(name, object, self.now),
            Effect::DeleteJob { name, seen } => return self.jobs.delete(name, seen),
            Effect::Ask(query) => {
                *self.asked.entry("prometheus").or_default() += 1;
                let answer = Some((self.prometheus.clone(), self.now));
                self.queries.insert(query.identity.clone(), QuerySeen { answer, running: false });
            }
            Effect::DeleteAction { action, seen } => return remove(&mut self.actions, action, seen),
        }
        true
    }

    /// The host takes what goes forward, and says what it has.
    fn pass_on(&mut self, release: &str) {
        let of = self.releases.iter().find(|other| other.name_any() == release).unwrap();
        let status = of.status.clone().unwrap_or_default();
        assert!(status.verified_at.is_some() && status.rejected_at.is_none(), "{release} was not verified");
        let wanted = validate(&self.object).unwrap().passing.unwrap();
        let taken = self.told_to.take_in(&of.spec, status.verified_at.unwrap(), &wanted);
        let before = self.passing.get(release).cloned().unwrap_or_default();
        let mut look = self.ask("pass on", taken.map_err(|reason| (reason, true)), &before);
        if let Some(trouble) = &mut look.trouble {
            "the host does not take branch release: a hook".clone_into(&mut trouble.message);
        }
        self.passing.insert(release.to_owned(), look);
    }

    fn of_a_left_commit(&self, release: &str) -> Trouble {
        let before = self.builds.get(release).and_then(Build::trouble);
        let since = before.map_or(self.now, |(_, trouble)| trouble.since);
        let (at, retry_at) = (self.now, self.now + SignedDuration::from_secs(5));
        let message = "the host does not give out what main was seen at".to_owned();
        Trouble { reason: Reason::RepositoryDamaged, message, definite: false, since, at, retry_at }
    }

    fn of_a_refused_push(&self) -> Trouble {
        let message = "the registry refuses the credentials".to_owned();
        let (since, at, retry_at) = (self.now, self.now, self.now + SignedDuration::from_secs(60));
        Trouble { reason: Reason::AuthenticationFailed, message, definite: true, since, at, retry_at }
    }

    fn build(&mut self, release: &str, against: Option<&str>) {
        *self.asked.entry("build").or_default() += 1;
        if self.crashes {
            self.restart();
            return;
        }
        let of = self.releases.iter().find(|other| other.name_any() == release).unwrap();
        let is_left = self.left.contains(&of.spec.commit).then(|| (Step::Source, self.of_a_left_commit(release)));
        let is_refused = || self.registry_refuses.then(|| (Step::Image, self.of_a_refused_push()));
        if let Some((step, trouble)) = is_left.or_else(is_refused) {
            self.builds.insert(release.into(), Build::Trouble(step, trouble));
            return;
        }
        let facts = CommitFacts { subject: Some("a change".into()), ..CommitFacts::default() };
        let wrong = self.commits[&of.spec.commit] == Definition::Wrong;
        let message = "a.rb:1:5: unexpected end".to_owned();
        let check = of.spec.build.definition_check.unwrap_or_default();
        let content = Content { errors: Some(i64::from(wrong)), ..Content::default() };
        let build = if wrong && matches!(check, DefinitionCheck::Error | DefinitionCheck::Strict) {
            Build::Refused(Box::new(Refused {
                reason: Reason::DefinitionInvalid,
                evidence: message.clone(),
                message,
                facts,
                content: Some(content),
            }))
        } else {
            let packed = if self.same_tree { commit('a') } else { of.spec.commit.clone() };
            let digest = Digest::of(format!("{packed}{}{}", of.spec.build.base_digest, self.maker).as_bytes());
            let image = format!("{}@{digest}", of.spec.build.repository);
            if self.pruned && of.status.as_ref().and_then(|status| status.image.as_ref()) == Some(&image) {
                self.pruned = false;
                self.cluster.environment.unpullable = self.nodes_wait;
            }
            Build::Built(Box::new(Built {
                image,
                platform: "linux/amd64".parse().unwrap(),
                tree: Digest::of(packed.as_bytes()),
                dsl_version: of.spec.commit.clone(),
                facts,
                changes: against.map(|against| {
                    let (added_events, removed_events) = self.events.clone();
                    Changes { counts: format!("since {against}"), names: Vec::new(), added_events, removed_events }
                }),
                notes: (wrong && check == DefinitionCheck::Warning).then(|| message.clone()).into_iter().collect(),
                evidence: if wrong && check == DefinitionCheck::Warning { message } else { String::new() },
                content,
            }))
        };
        self.builds.insert(release.into(), build);
    }
}
