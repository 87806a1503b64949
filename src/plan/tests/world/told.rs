//! What is told of a world: to users, and to other deployments.

use super::*;

impl World {
    /// `True UpToDate main@aaaaaaa`: what `kubectl get td` shows.
    pub fn line(&self) -> String {
        let status = self.object.status.clone().unwrap_or_default();
        let ready = status.conditions.iter().find(|condition| condition.type_ == "Ready");
        let (truth, reason) = ready.map_or(("", ""), |ready| (ready.status.as_str(), ready.reason.as_str()));
        let running = status.current.map_or("-".into(), |running| running.revision);
        let next = status.next.map_or(String::new(), |next| format!(" next {}", next.revision));
        format!("{truth} {reason} {running}{next}")
    }

    pub fn message(&self) -> String {
        let status = self.object.status.clone().unwrap_or_default();
        status.conditions.into_iter().find(|condition| condition.type_ == "Ready").unwrap().message
    }

    /// The condition of this type: `False DefinitionInvalid: message`.
    pub fn condition(&self, kind: &str) -> String {
        let status = self.object.status.clone().unwrap_or_default();
        let found = status.conditions.into_iter().find(|condition| condition.type_ == kind);
        found.map_or_else(String::new, |found| format!("{} {}: {}", found.status, found.reason, found.message))
    }

    /// What the release of this number says.
    pub fn release(&self, number: i64) -> TengineReleaseStatus {
        self.find_release(number).unwrap()
    }

    /// The same, where there is one.
    pub fn find_release(&self, number: i64) -> Option<TengineReleaseStatus> {
        let found = self.releases.iter().find(|release| release.spec.number == number)?;
        Some(found.status.clone().unwrap_or_default())
    }

    /// What the release of this number was made of.
    pub fn inputs(&self, number: i64) -> crate::api::v1alpha1::TengineReleaseSpec {
        self.releases.iter().find(|release| release.spec.number == number).unwrap().spec.clone()
    }

    /// Whether cores of this commit are ready.
    pub fn is_serving(&self, digit: char) -> bool {
        self.cluster.ready_of(&self.images_of(&commit(digit))) > 0
    }

    /// What is said to serve.
    pub fn current_image(&self) -> Option<String> {
        Some(self.object.status.clone()?.current?.image)
    }

    pub fn releases(&self) -> usize {
        self.releases.len()
    }

    /// The releases, as people's words have them.
    pub fn releases_as_seen(&self) -> Releases {
        let words = Words::of(&self.actions, self.object.metadata.uid.as_deref().unwrap());
        self.releases.iter().cloned().collect::<Releases>().amended(&words)
    }

    /// What is to be done now but to look again at what may have changed: nothing, at rest.
    pub fn undone(&self) -> Vec<Effect> {
        let looks = |effect: &Effect| matches!(effect, Effect::LookAtSource | Effect::LookAtBase);
        self.decide().effects.into_iter().filter(|effect| !looks(effect)).collect()
    }

    /// The release that the cluster was last told to run.
    pub fn told(&self) -> Option<String> {
        let (desired, observed) = (validate(&self.object).unwrap(), self.observed());
        Sight { desired: &desired, observed: &observed, now: self.now }.told().map(ToOwned::to_owned)
    }

    /// The Deployment of the cores whose turn it is: its name, release and number of cores.
    pub fn serving(&self) -> Option<(String, String, i32)> {
        let (desired, observed) = (validate(&self.object).unwrap(), self.observed());
        let sight = Sight { desired: &desired, observed: &observed, now: self.now };
        let post = sight.posts().find(|post| post.turn == Some(sight.turn()))?;
        Some((post.name.to_owned(), post.workload.release.clone()?, post.workload.wanted))
    }

    /// What another deployment may see of this one.
    pub fn seen(&self) -> Upstream {
        Upstream::Seen(Box::new(UpstreamSeen {
            uid: self.object.metadata.uid.clone().unwrap(),
            made: self.object.metadata.creation_timestamp.as_ref().map(|made| made.0),
            environment: self.object.spec.environment.as_ref().map(|environment| environment.name.clone()),
            releases: self.releases.iter().cloned().collect(),
            trouble: trouble(&self.object),
            pinned: Words::of(&self.actions, self.object.metadata.uid.as_deref().unwrap()).pin,
            has_core_pods: self.cluster.versions() > 0,
            has_phases: self.object.spec.strategy.as_ref().is_some_and(|strategy| strategy.active_standby.is_some()),
        }))
    }

    /// The same, if these commits had been verified here at these times.
    pub fn proven(&self, commits: impl Iterator<Item = (String, Timestamp)>, now: Timestamp) -> Upstream {
        let mut seen = self.releases.clone();
        for (number, (commit, at)) in commits.enumerate().filter(|(_, (_, at))| *at <= now) {
            let mut release = self.releases[0].clone();
            release.metadata.name = Some(format!("billing-{:04}-{}", number + 10, &commit[..7]));
            release.spec.number = i64::try_from(number + 10).unwrap();
            let digest = Digest::of(format!("{commit}{}", release.spec.build.base_digest).as_bytes());
            release.spec.commit = commit;
            let status = release.status.get_or_insert_default();
            status.image = Some(format!("{}@{digest}", release.spec.build.repository));
            status.verified_at = Some(Time(at));
            status.statuses[0].since = Time(at);
            seen.push(release);
        }
        let Upstream::Seen(mut upstream) = self.seen() else { unreachable!() };
        upstream.releases = seen.into_iter().collect();
        Upstream::Seen(upstream)
    }
}
