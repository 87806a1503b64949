//! A Git host that verified commits are pushed to. Of its commits, one whose digits are greater has those with smaller ones.

use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{PassedOn, TengineReleaseSpec};
use crate::domain::TagTemplate;
use crate::plan::desired::WantedPassing;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToldTo {
    /// Where each branch is.
    pub branches: BTreeMap<String, String>,
    /// What each tag is on.
    pub tags: BTreeMap<String, String>,
    /// What was pushed, one after the other.
    pub pushed: Vec<String>,
    /// It takes nothing, for this reason.
    pub refuses: Option<Reason>,
}

impl ToldTo {
    /// What it has then: branch and tag.
    pub fn take_in(
        &mut self,
        release: &TengineReleaseSpec,
        verified: Time,
        wanted: &WantedPassing,
    ) -> Result<PassedOn, Reason> {
        let commit = release.commit.as_str();
        let branch = wanted.branch.as_ref().map(ToString::to_string);
        let lacks = |branch: &String| self.branches.get(branch).is_none_or(|at| at.as_str() < commit);
        let behind = branch.clone().filter(lacks);
        let of_it = |(name, on): (&String, &String)| {
            let template = wanted.tag.as_ref()?;
            (on == commit && template.is_of(name)).then(|| name.clone())
        };
        let known = self.tags.iter().find_map(of_it);
        let named = |template: &TagTemplate| template.name(verified.0, release.number, &commit.parse().unwrap());
        let name = wanted.tag.as_ref().map(|template| named(template).unwrap().to_string());
        let missing = name.clone().filter(|_| known.is_none());
        if missing.as_ref().is_some_and(|name| self.tags.contains_key(name)) {
            return Err(Reason::TagTaken);
        }
        if let Some(reason) = self.refuses.filter(|_| behind.is_some() || missing.is_some()) {
            return Err(reason);
        }
        if let Some(branch) = behind {
            self.pushed.push(format!("{branch} {}", &commit[..1]));
            self.branches.insert(branch, commit.to_owned());
        }
        if let Some(name) = missing {
            self.pushed.push(format!("{name} {}", &commit[..1]));
            self.tags.insert(name, commit.to_owned());
        }
        Ok(PassedOn { branch, tag: known.or(name), at: verified })
    }
}
