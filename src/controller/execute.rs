//! `execute`: carries the effects of a plan out, one call each.

use super::board::Subject;
use super::children::resource;
use super::context::Context;
use super::error::{Error, within};
use super::observe::Questions;
use super::removal::{remove, remove_after_its_own};
use super::{actions, build, free, hand_over, jobs, look, pass_on, prometheus};
use crate::api::v1alpha1::{TengineAction, TengineRelease, TengineReleaseStatus};
use crate::domain::Component;
use crate::manifest::{self, Child, ChildKind};
use crate::plan::observed::is_controlled;
use crate::plan::observed::{Acknowledged, LiveKind, Seen};
use crate::plan::{Desired, Effect, fingerprint};
use k8s_openapi::api::batch::v1::Job;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::core::{DynamicObject, NamespaceResourceScope};
use kube::discovery::ApiResource;
use kube::{Api, Resource, ResourceExt as _};
use serde_json::{Value, json};

/// The field manager of everything the operator writes.
pub const FIELD_MANAGER: &str = "tengine-operator";

/// What the API server answers to an object that is not valid.
const UNPROCESSABLE: u16 = 422;
/// What it answers where an object of the name is there.
const CONFLICT: u16 = 409;

/// Carries the effects out, in order. One that fails holds up none after it, but where it is the word that there is an image; the first error is
/// told, and the next reconcile plans anew. Where it shows that the plan was made from what is no longer so, or where another replica leads by now, nothing
/// more of it is done.
pub async fn execute(
    context: &Context,
    desired: &Desired,
    questions: &Questions,
    effects: &[Effect],
) -> Result<(), Error> {
    let executor = Executor { context, desired, questions };
    let mut first_error = Ok(());
    for effect in effects {
        context.shared.leads("carrying out a plan")?;
        let outcome = executor.act(effect).await;
        if outcome.as_ref().is_err_and(Error::is_stale) || outcome.is_err() && executor.is_first_word(effect) {
            return outcome;
        }
        if first_error.is_ok() {
            first_error = outcome;
        }
    }
    first_error
}

struct Executor<'a> {
    context: &'a Context,
    desired: &'a Desired,
    questions: &'a Questions,
}

impl Executor<'_> {
    /// Whether it tells that an image was built: nothing of that is rolled out unless it is written down.
    fn is_first_word(&self, effect: &Effect) -> bool {
        let Effect::RecordRelease { release, status, .. } = effect else { return false };
        let known = self.context.stores.releases.open(&self.desired.namespace, release);
        status.image.is_some() && known.is_none_or(|known| known.status.as_ref().is_none_or(|it| it.image.is_none()))
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each effect there is")]
    async fn act(&self, effect: &Effect) -> Result<(), Error> {
        match effect {
            Effect::LookAtSource => look::at_source(self.context, self.desired, self.questions, &self.subject()),
            Effect::LookAtBase => look::at_base(self.context, self.desired, self.questions, &self.subject()),
            Effect::CheckPush => look::at_push(self.context, self.desired, self.questions, &self.subject()),
            Effect::LookForImage => look::for_image(self.context, self.desired, self.questions, &self.subject()),
            Effect::Build { release, against } => {
                let about = (self.context, self.desired, self.questions);
                build::start(about, &self.subject(), release, against.as_deref());
            }
            Effect::PassOn { release } => {
                pass_on::start((self.context, self.desired, self.questions), &self.subject(), release);
            }
            Effect::CreateRelease(release) => return self.create(release).await,
            Effect::RecordRelease { release, seen, status } => {
                return self.record(release, seen, status).await;
            }
            Effect::Apply { child, seen } => {
                // Once more, right before: another replica may have filled the place for a later turn meanwhile, or somebody that of an instance.
                let is_core = child.kind == ChildKind::Deployment(Component::Core);
                let is_seat = is_core && self.desired.strategy.takes_turns() || child.kind == ChildKind::Instance;
                if seen.is_none() && is_seat {
                    free::is_free(self.context, self.desired, child).await?;
                }
                return self.apply(child, seen.as_ref()).await;
            }
            Effect::Stop { name, seen } => {
                return hand_over::stop(self.context, self.desired, name, seen).await;
            }
            Effect::Begin { turn, word } => {
                let said = hand_over::said(self.context, self.desired).await?;
                if hand_over::may_begin(self.context, self.desired, *turn, said.as_ref()).await? {
                    let seen = match &said {
                        Some(said) => Seen::of(said),
                        None => hand_over::blank(self.context, self.desired, word).await?,
                    };
                    self.apply(word, Some(&seen)).await?;
                    return hand_over::tell(self.context, self.desired, *turn).await;
                }
            }
            Effect::Hold { turn, word } => {
                let said = hand_over::said(self.context, self.desired).await?;
                if hand_over::is_said(said.as_ref(), *turn) {
                    return self.apply(word, said.as_ref().map(Seen::of).as_ref()).await;
                }
            }
            Effect::Tell { turn, pods, most } => {
                return hand_over::tell_some(self.context, self.desired, *turn, pods, *most).await;
            }
            Effect::Join { turn } => return hand_over::tell(self.context, self.desired, *turn).await,
            Effect::Delete { kind, name, seen } => {
                let resource = resource(*kind);
                let api = self.children(&resource);
                if *kind == LiveKind::Instance {
                    return remove_after_its_own(&api, &resource.kind, name, seen).await;
                }
                return remove(&api, &resource.kind, name, seen).await;
            }
            Effect::DeleteRelease { release, seen } => {
                return remove(&self.releases(), "release", release, seen).await;
            }
            Effect::AnswerAction { action, status } => {
                let (client, namespace) = (&self.context.shared.client, &self.desired.namespace);
                return actions::answer(client, namespace, action, status).await;
            }
            Effect::StartJob { owner, object, .. } => {
                return jobs::start(self.context, &self.desired.namespace, owner, object).await;
            }
            Effect::DeleteJob { name, seen } => return remove(&self.all::<Job>(), "Job", name, seen).await,
            Effect::Ask(query) => {
                let (client, query) = (self.context.shared.prometheus.clone(), query.as_ref().clone());
                let identity = query.identity.clone();
                let asked = async move { prometheus::ask(&client, &query.url, &query.expression).await };
                self.context.board.ask_prometheus(&self.subject(), &identity, asked);
            }
            Effect::DeleteAction { action, seen } => {
                return remove(&self.all::<TengineAction>(), "action", action, seen).await;
            }
        }
        Ok(())
    }

    fn subject(&self) -> Subject {
        Subject::of(self.desired)
    }

    fn releases(&self) -> Api<TengineRelease> {
        self.all()
    }

    /// What is there already is known from the cache. Where that does not show yet what was made last, the API server is asked.
    async fn create(&self, release: &TengineRelease) -> Result<(), Error> {
        let name = release.name_any();
        let is_newer = |other: &TengineRelease| {
            other.metadata.deletion_timestamp.is_none()
                && (other.spec.key == release.spec.key || other.spec.number >= release.spec.number)
                && other.metadata.owner_references.iter().flatten().any(|owner| owner.uid == self.desired.uid)
        };
        let cached = self.context.stores.releases.opened(&self.desired.uid)?;
        let last = self.context.board.made(&self.desired.uid);
        let lags = last.is_some_and(|last| !cached.iter().any(|known| known.name_any() == last));
        let is_there = if lags {
            let labels = format!("{}={}", manifest::DEPLOYMENT_LABEL, self.desired.name);
            let params = ListParams::default().labels(&labels);
            within("listing releases", self.releases().list(&params)).await?.items.iter().any(is_newer)
        } else {
            cached.iter().any(is_newer)
        };
        if is_there {
            return Ok(());
        }
        let params = PostParams { field_manager: Some(FIELD_MANAGER.into()), ..PostParams::default() };
        tracing::info!(release = name, commit = release.spec.commit, reason = ?release.spec.reason, "new release");
        match within(format!("creating release {name}"), self.releases().create(&params, release)).await {
            Err(error) if error.code() == Some(CONFLICT) => self.is_ours(&name, error).await?,
            made => drop(made?),
        }
        self.context.board.make(&self.desired.uid, name);
        Ok(())
    }

    /// A release of this name is there: fine if it is this deployment's, which a cache has not shown yet.
    async fn is_ours(&self, name: &str, refusal: Error) -> Result<(), Error> {
        let found = within(format!("looking at release {name}"), self.releases().get_metadata_opt(name)).await?;
        match found {
            Some(found) if is_controlled(&found, &self.desired.uid) => Ok(()),
            Some(_) => Err(Error::taken(format!("TengineRelease {name}"))),
            None => Err(refusal),
        }
    }

    /// The whole status is written, by force: what was decided on another record would take back what that one says.
    async fn record(&self, release: &str, seen: &Seen, status: &TengineReleaseStatus) -> Result<(), Error> {
        let patch = json!({
            "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineRelease",
            "metadata": { "name": release, "uid": seen.uid, "resourceVersion": seen.version }, "status": status,
        });
        let params = PatchParams::apply(FIELD_MANAGER).force();
        let what = format!("recording release {release}");
        let outcome = within(what, self.releases().patch_status(release, &params, &Patch::Apply(&patch))).await;
        match outcome {
            // Removed by hand meanwhile; it is made again if it is still wanted.
            Err(error) if error.code() == Some(404) => {}
            other => {
                other.map_err(Error::of_seen)?;
            }
        }
        self.context.board.recorded(&self.desired.uid, release, status);
        tracing::info!(release, state = ?status.state, live = status.live, "recorded");
        Ok(())
    }

    async fn apply(&self, child: &Child, seen: Option<&Seen>) -> Result<(), Error> {
        let resource = resource(child.kind.into());
        let api = self.children(&resource);
        let params = PatchParams::apply(FIELD_MANAGER).force();
        let what = format!("applying {} {}", resource.kind, child.name);
        let applied = async |seen: Option<&Seen>| {
            let wanted = Patch::Apply(on(&child.object, seen));
            within(what.as_str(), api.patch(child.name.as_ref(), &params, &wanted)).await
        };
        let live = match applied(seen).await {
            // Where there is nothing to clear, or that fails too, it is the refusal that says what is wrong.
            Err(error) if error.code() == Some(UNPROCESSABLE) => match clear(&api, child).await {
                Ok(Some(cleared)) => applied(Some(&Seen::of(&cleared))).await.map_err(Error::of_seen)?,
                Ok(None) | Err(_) => return Err(error),
            },
            outcome => outcome.map_err(Error::of_seen)?,
        };
        let acknowledged =
            Acknowledged { rendered: fingerprint(child), generation: live.metadata.generation.unwrap_or_default() };
        self.context.board.acknowledge(&self.desired.uid, child.name.as_ref(), acknowledged);
        tracing::info!(kind = resource.kind, name = %child.name, "applied");
        Ok(())
    }

    /// The objects of a kind in the deployment's namespace.
    fn all<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.context.shared.client.clone(), &self.desired.namespace)
    }

    fn children(&self, resource: &ApiResource) -> Api<DynamicObject> {
        Api::namespaced_with(self.context.shared.client.clone(), &self.desired.namespace, resource)
    }
}

/// An object, to be written only where what was seen is still there.
fn on(object: &Value, seen: Option<&Seen>) -> Value {
    let mut object = object.clone();
    if let Some(Seen { uid, version }) = seen {
        // By the UID, one that is gone by now does not come back.
        (object["metadata"]["uid"], object["metadata"]["resourceVersion"]) = (json!(uid), json!(version));
    }
    object
}

/// Takes away what somebody left in an object that makes an apply fail; gives what there is then, where there was such a thing.
async fn clear(api: &Api<DynamicObject>, child: &Child) -> Result<Option<DynamicObject>, Error> {
    let (name, what) = (child.name.as_ref(), format!("clearing {}", child.name));
    let live = json!(within(what.as_str(), api.get(name)).await?);
    let Some(patch) = manifest::cleared_first(&child.object, &live) else { return Ok(None) };
    let params = PatchParams { field_manager: Some(FIELD_MANAGER.into()), ..PatchParams::default() };
    within(what, api.patch(name, &params, &Patch::Merge(&patch))).await.map(Some)
}
