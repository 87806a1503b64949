//! Whether somebody vouches for the names in which people speak at gates.
//!
//! An action says by itself who made it. That this is true is proven by a ValidatingAdmissionPolicy when the action is made, and
//! by nothing afterwards: an action that was made while there was none in force proves nobody's name, for good.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::admissionregistration::v1::{
    MatchResources, NamedRuleWithOperations, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::Resource;

/// From one that was written to one that every API server heeds: they are told by a watch, within a second or two.
const SETTLES: SignedDuration = SignedDuration::from_secs(5);
/// What a policy has to compare, to know who signs.
const WHO_ASKS: &str = "request.userInfo.username";

/// Whether a policy proves who makes an action.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Vouching {
    /// It was not read yet, by this process.
    #[default]
    NotRead,
    /// None is asked for: whoever may create an action is believed.
    NotAsked,
    /// One is in force, as it was written down then.
    Since(Timestamp),
    /// None is, for this reason.
    Missing(String),
    /// Nobody can tell, for this reason.
    Unreadable(String),
}

/// What becomes of a word that was said at a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vouched {
    /// Its name is proven.
    For,
    /// That will show.
    Open,
    /// It is not, and never will be.
    Against(String),
}

impl Vouching {
    /// What these two objects prove, both of this name. Some of what would make them worthless is looked for: that they are not
    /// about actions, or not about all of them, do not refuse anything, or do not know who asks.
    pub fn by(name: &str, policy: &ValidatingAdmissionPolicy, binding: &ValidatingAdmissionPolicyBinding) -> Self {
        match flaw(name, policy, binding) {
            Some(flaw) => Self::Missing(flaw),
            // Without a time it is not known since when.
            None => written(policy).max(written(binding)).map_or(Self::NotRead, Self::Since),
        }
    }

    /// What becomes of a word that was said in an action of this time.
    pub fn of(&self, made: Option<Timestamp>) -> Vouched {
        match self {
            Self::NotAsked => Vouched::For,
            Self::NotRead | Self::Unreadable(_) => Vouched::Open,
            Self::Missing(why) => {
                Vouched::Against(format!("nobody proves who asks: {why}. Ask again once that is put right"))
            }
            Self::Since(written) => {
                let heeded = written.checked_add(SETTLES).unwrap_or(Timestamp::MAX);
                if made.is_some_and(|made| made > heeded) {
                    return Vouched::For;
                }
                let why = format!(
                    "nobody proved who asked: what proves it was written at {written}, and heeded from {heeded} on"
                );
                Vouched::Against(format!("{why}. Ask again"))
            }
        }
    }

    /// Why nobody's word counts, if that is so.
    pub fn complaint(&self) -> Option<&str> {
        match self {
            Self::Missing(why) | Self::Unreadable(why) => Some(why),
            Self::NotRead | Self::NotAsked | Self::Since(_) => None,
        }
    }
}

/// When it was written last, but for its status.
fn written<K: Resource>(object: &K) -> Option<Timestamp> {
    let meta = object.meta();
    let fields = meta.managed_fields.iter().flatten().filter(|fields| fields.subresource.is_none());
    let last = fields.filter_map(|fields| fields.time.as_ref()).map(|time| time.0).max();
    last.max(meta.creation_timestamp.as_ref().map(|time| time.0))
}

/// Why these two prove nothing.
fn flaw(name: &str, policy: &ValidatingAdmissionPolicy, binding: &ValidatingAdmissionPolicyBinding) -> Option<String> {
    let (policy_is, binding_is) =
        (format!("ValidatingAdmissionPolicy {name}"), format!("ValidatingAdmissionPolicyBinding {name}"));
    let (rules, bound) = (policy.spec.as_ref()?, binding.spec.as_ref()?);
    if bound.policy_name.as_deref() != Some(name) {
        return Some(format!("{binding_is} is about another policy"));
    }
    if !has(bound.validation_actions.as_ref(), "Deny") {
        return Some(format!("{binding_is} does not Deny"));
    }
    if bound.match_resources.as_ref().is_some_and(narrows) {
        return Some(format!("{binding_is} leaves some out (spec.matchResources)"));
    }
    if rules.failure_policy.as_deref() == Some("Ignore") {
        return Some(format!("{policy_is} lets pass what it cannot judge (spec.failurePolicy)"));
    }
    let about = rules.match_constraints.as_ref().filter(|about| !narrows(about));
    let about = about.filter(|_| rules.match_conditions.as_ref().is_none_or(Vec::is_empty));
    if !about.is_some_and(|about| about.resource_rules.iter().flatten().any(covers_actions)) {
        return Some(format!("{policy_is} is not about the creation of every TengineAction"));
    }
    let knows = rules.validations.iter().flatten().any(|it| it.expression.contains(WHO_ASKS));
    (!knows).then(|| format!("{policy_is} does not compare {WHO_ASKS}"))
}

fn has(list: Option<&Vec<String>>, word: &str) -> bool {
    list.is_some_and(|list| list.iter().any(|it| it == word || it == "*"))
}

fn covers_actions(rule: &NamedRuleWithOperations) -> bool {
    has(rule.api_groups.as_ref(), "tengine.dev")
        && has(rule.operations.as_ref(), "CREATE")
        && has(rule.resources.as_ref(), "tengineactions")
        && rule.resource_names.as_ref().is_none_or(Vec::is_empty)
}

/// Whether it leaves objects or namespaces out.
fn narrows(about: &MatchResources) -> bool {
    let selects = |selector: Option<&LabelSelector>| {
        selector.is_some_and(|selector| {
            selector.match_labels.as_ref().is_some_and(|labels| !labels.is_empty())
                || selector.match_expressions.as_ref().is_some_and(|all| !all.is_empty())
        })
    };
    selects(about.namespace_selector.as_ref())
        || selects(about.object_selector.as_ref())
        || about.exclude_resource_rules.as_ref().is_some_and(|rules| !rules.is_empty())
}
