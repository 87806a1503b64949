//! Whether nothing stands yet where a Deployment or an instance is to be made.

use super::children::resource;
use super::context::Context;
use super::error::{Error, within};
use crate::manifest::{Child, ChildKind};
use crate::plan::observed::is_controlled;
use crate::plan::{Desired, Effect};
use kube::Api;
use kube::api::DynamicObject;

/// Looks, before the first write, at the name of each Deployment that is to be made: of a plan that could be carried out in part
/// alone, nothing is. Of instances, each is looked for by itself, right before it is made.
///
/// # Errors
/// Where one is taken, or where the API server does not say.
pub async fn are_free(context: &Context, desired: &Desired, effects: &[Effect]) -> Result<(), Error> {
    for effect in effects {
        if let Effect::Apply { child, seen: None } = effect
            && matches!(child.kind, ChildKind::Deployment(_))
        {
            is_free(context, desired, child).await?;
        }
    }
    Ok(())
}

/// What is applied where nothing was seen would take over what somebody else has made, or cores of a later turn that another replica has.
///
/// # Errors
/// Where something stands there, or where the API server does not say.
pub async fn is_free(context: &Context, desired: &Desired, child: &Child) -> Result<(), Error> {
    let what = format!("{} {}", child.kind.word(), child.name);
    let resource = resource(child.kind.into());
    let api: Api<DynamicObject> = Api::namespaced_with(context.shared.client.clone(), &desired.namespace, &resource);
    let found = within(format!("looking for {what}"), api.get_metadata_opt(child.name.as_ref())).await?;
    let Some(found) = found else { return context.shared.leads("making what was not there") };
    if matches!(child.kind, ChildKind::Deployment(_)) {
        // No cache shows it where it lacks our label: it is asked for by name from now on.
        context.board.meet(&desired.uid, child.name.as_ref());
    }
    let is_ours = is_controlled(&found, &desired.uid);
    Err(if is_ours { Error::stale(what) } else { Error::taken(what) })
}
