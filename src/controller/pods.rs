//! Pods, with what their logs say where a process ended.

use super::context::Context;
use super::error::{Cause, Error, within_time};
use super::references;
use crate::api::v1alpha1::Settings;
use crate::manifest;
use crate::plan::evidence::{self, Evidence};
use crate::plan::observed::{self, Crash, PodTrouble, ReplicaSet};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};
use kube::api::LogParams;
use kube::{Api, ResourceExt as _};
use std::collections::BTreeSet;
use std::time::Duration;

/// How much of a log is read.
const LOG_LINES: i64 = 200;
const LOG_BYTES: i64 = 64 * 1024;
/// How long one is waited for: others wait for what is waited for here.
const LONGEST_LOG: Duration = Duration::from_secs(5);

/// Reads every pod of a deployment; `settings` name the Secrets whose values must not show.
pub async fn observe(
    context: &Context,
    uid: &str,
    pods: &[Pod],
    replica_sets: &[ReplicaSet],
    settings: &Settings,
) -> Result<Vec<observed::Pod>, Error> {
    observe_at(context, uid, pods, replica_sets, settings, Timestamp::now()).await
}

/// The same, at a time of one's own.
pub(super) async fn observe_at(
    context: &Context,
    uid: &str,
    pods: &[Pod],
    replica_sets: &[ReplicaSet],
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<observed::Pod>, Error> {
    let (mut seen, mut silent) = (Vec::new(), BTreeSet::new());
    for pod in pods {
        let mut read = observed::Pod::read(pod, replica_sets, now);
        if let Some(PodTrouble::Crash(crash)) = &mut read.trouble
            && read.ends_by.is_none()
            && !read.is_over
        {
            // A node that does not answer is waited for once, not for each pod that it has.
            let asks = !silent.contains(&read.node);
            if explain(context, (uid, pod, read.crashes), settings, crash, now, asks).await? {
                silent.insert(read.node.clone());
            }
        }
        let key = pod.uid().unwrap_or_default();
        if read.crashes > 0 {
            read.before = context.board.ends(uid, &key).before(read.crashes);
        }
        if read.turn.is_some() {
            let loaded_for = context.board.loaded_for(uid, &key, read.is_loaded);
            read.loaded_since = loaded_for.and_then(|time| now.checked_sub(time).ok());
        }
        seen.push(read);
    }
    // One that went while no watch was open is not told of.
    context.board.keep_pods(uid, |kept| pods.iter().any(|pod| pod.metadata.uid.as_deref() == Some(kept)));
    seen.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(seen)
}

/// Adds what the log says of the end of this number. Each is read once; one that cannot be read is asked for again. Says whether its
/// node was waited for in vain.
async fn explain(
    context: &Context,
    (uid, pod, number): (&str, &Pod, i32),
    settings: &Settings,
    crash: &mut Crash,
    now: Timestamp,
    asks: bool,
) -> Result<bool, Error> {
    let (board, key) = (&context.board, pod.uid().unwrap_or_default());
    if let Some(known) = board.ends(uid, &key).of(number) {
        crash.evidence = known.evidence.clone();
        return Ok(false);
    }
    crash.unread = board.unread(uid, &key, number).filter(|unread| unread.again > now);
    let Some(own) = observed::own_container(pod).filter(|_| crash.unread.is_none()) else { return Ok(false) };
    let read = if asks { read(context, pod, own, settings).await? } else { Err(Unreadable::silent()) };
    match read {
        Ok(evidence) => {
            crash.evidence = evidence;
            board.keep_end(uid, &key, number, crash.clone());
            Ok(false)
        }
        Err(Unreadable { why, silent }) => {
            tracing::warn!(pod = pod.name_any(), why, "the log of a container that ended cannot be read");
            crash.unread = Some(board.cannot_read(uid, (&key, number), why, now));
            Ok(silent)
        }
    }
}

/// Why a log cannot be had, and whether that took all the time there was.
struct Unreadable {
    why: String,
    silent: bool,
}

impl Unreadable {
    fn silent() -> Self {
        Self { why: format!("no answer from its node within {} s", LONGEST_LOG.as_secs()), silent: true }
    }

    fn at_once(why: String) -> Self {
        Self { why, silent: false }
    }
}

/// The end of the log of a container that ran once; where it cannot be had, what the kubelet kept of it.
pub async fn last_words_of(context: &Context, pod: &Pod, container: &str, secrets: &[String]) -> Evidence {
    let statuses = pod.status.iter().flat_map(|status| status.container_statuses.iter().flatten());
    let status = statuses.into_iter().find(|status| status.name == container).cloned().unwrap_or_default();
    let log = log(context, pod, container, &status).await;
    Evidence::read(&log.unwrap_or_else(|_| last_words(&status)), secrets)
}

/// The log of the container that ended, or why it cannot be had. What the kubelet kept of the end stands for it where that tells
/// why, and nowhere else: most often it is what a probe left behind.
async fn read(
    context: &Context,
    pod: &Pod,
    status: &ContainerStatus,
    settings: &Settings,
) -> Result<Result<Evidence, Unreadable>, Error> {
    let namespace = pod.namespace().unwrap_or_default();
    let log = log(context, pod, &status.name, status).await;
    let deployment = pod.labels().get(manifest::DEPLOYMENT_LABEL).map_or("", String::as_str);
    let secrets = references::secret_values(context, (&namespace, deployment), settings).await?;
    Ok(match log {
        Ok(log) => Ok(Evidence::read(&log, &secrets)),
        Err(why) => {
            let kept = Evidence::read(&last_words(status), &secrets);
            let why = Unreadable { why: evidence::mask(&why.why, &secrets), ..why };
            if kept.tells_why() { Ok(kept) } else { Err(why) }
        }
    })
}

async fn log(context: &Context, pod: &Pod, container: &str, status: &ContainerStatus) -> Result<String, Unreadable> {
    let namespace = pod.namespace().unwrap_or_default();
    let api: Api<Pod> = Api::namespaced(context.shared.client.clone(), &namespace);
    let previous = status.state.as_ref().is_none_or(|state| state.terminated.is_none());
    let params = LogParams {
        container: Some(container.to_owned()),
        previous,
        tail_lines: Some(LOG_LINES),
        limit_bytes: Some(LOG_BYTES),
        ..LogParams::default()
    };
    let name = pod.name_any();
    match within_time(LONGEST_LOG, format!("reading the log of pod {name}"), api.logs(&name, &params)).await {
        Ok(log) if is_an_excuse(&log, pod, status) => Err(Unreadable::at_once(log.trim().to_owned())),
        Ok(log) => Ok(log),
        Err(Error { source: Cause::Deadline(_), .. }) => Err(Unreadable::silent()),
        Err(error) => Err(Unreadable::at_once(error.source.to_string())),
    }
}

/// A kubelet that has no log any more says so in its place, and names the container or the pod by what nobody in it knows.
fn is_an_excuse(log: &str, pod: &Pod, status: &ContainerStatus) -> bool {
    const EXCUSES: [&str; 2] = ["unable to retrieve container logs for ", "failed to try resolving symlinks in path "];
    let container = ended(status).and_then(|ended| ended.container_id.as_deref()?.split_once("://"));
    let names = [container.map(|(_, id)| id.to_owned()), pod.uid()];
    let is_named = names.iter().flatten().any(|name| log.contains(name.as_str()));
    is_named && log.trim().lines().count() == 1 && EXCUSES.iter().any(|excuse| log.starts_with(excuse))
}

/// What the kubelet kept of the end.
fn last_words(status: &ContainerStatus) -> String {
    ended(status).and_then(|ended| ended.message.clone()).unwrap_or_default()
}

fn ended(status: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    let both = [status.state.as_ref(), status.last_state.as_ref()];
    both.into_iter().flatten().find_map(|state| state.terminated.as_ref())
}
