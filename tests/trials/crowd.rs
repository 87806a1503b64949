//! Many Secrets of others in the namespace: the operator knows that they are there, and nothing of what they hold.

use crate::repository::{GOOD, Repository};
use crate::stage::{SPACE, Stage};
use crate::story::{Story, Teller};
use crate::subject::Subject;
use futures::StreamExt as _;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::ResourceExt;
use kube::api::{Api, DeleteParams, ListParams, ObjectMeta, PostParams};
use std::path::Path;
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "thrifty",
    cases: &["secrets_of_others_are_neither_read_nor_kept"],
    tell: |stage, teller| Box::pin(thrifty(stage, teller)),
}];

const SECRETS: usize = 500;
/// What each of them holds, in bytes; together well above what an operator may grow by in a minute.
const SIZE: usize = 64 << 10;
const GROWTH: usize = SECRETS * SIZE / 2;

async fn thrifty(stage: Arc<Stage>, teller: Teller) {
    let case = async {
        let (td, repository) = (Subject::prepare(&stage, "thrifty").await, Repository::create(&stage, "thrifty").await);
        let commit = repository.push("Trials", repository.good()).await;
        td.starts(&td.spec(&repository), &commit).await;
        td.is_quiet().await;
        let (mark, before) = (stage.audit.mark(), memory(&stage).await);
        let secrets = Api::<Secret>::namespaced(stage.client.clone(), SPACE);
        let all = futures::stream::iter(0..SECRETS).map(|number| create(&secrets, number)).buffer_unordered(16);
        all.collect::<()>().await;
        // What comes later in the same watches has been seen when this is live.
        let text = GOOD.replace(":trials", ":trials_amid");
        let next = repository.push("Amid others", repository.files(&[("good.rb", text.as_bytes())])).await;
        td.serves(&next).await;
        td.is_quiet().await;
        let read = stage.audit.since(mark, "crowd");
        assert!(read.is_empty(), "{read:?}");
        let after = memory(&stage).await;
        assert!(after < before + GROWTH, "from {before} to {after} bytes");
        let of_crowd = ListParams::default().labels("trials=crowd");
        secrets.delete_collection(&DeleteParams::default(), &of_crowd).await.unwrap();
    };
    teller.case("secrets_of_others_are_neither_read_nor_kept", case).await;
}

async fn create(secrets: &Api<Secret>, number: usize) {
    let value = ByteString(number.to_le_bytes().into_iter().cycle().take(SIZE).collect());
    let labels = [("trials".to_owned(), "crowd".to_owned())].into();
    let name = Some(format!("crowd-{number}"));
    let metadata = ObjectMeta { name, labels: Some(labels), ..ObjectMeta::default() };
    let secret = Secret { metadata, data: Some([("value".to_owned(), value)].into()), ..Secret::default() };
    secrets.create(&PostParams::default(), &secret).await.unwrap();
}

/// What the operator's process has in memory, in bytes; its workers are processes of their own.
async fn memory(stage: &Stage) -> usize {
    let pods = Api::<Pod>::namespaced(stage.client.clone(), SPACE);
    let operator = ListParams::default().labels("app.kubernetes.io/name=tengine-operator");
    let pods = pods.list(&operator).await.unwrap().items;
    let living = pods.iter().filter(|pod| pod.metadata.deletion_timestamp.is_none());
    let uids: Vec<String> = living.filter_map(ResourceExt::uid).collect();
    let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let found = processes.filter(|process| is_operator(process, &uids)).filter_map(|process| resident(&process));
    found.max().expect("the operator's process, on this machine")
}

fn is_operator(process: &Path, uids: &[String]) -> bool {
    let read = |file: &str| std::fs::read_to_string(process.join(file)).unwrap_or_default();
    let (groups, words) = (read("cgroup"), read("cmdline"));
    uids.iter().any(|uid| groups.contains(uid.as_str())) && words.contains("tengine-operator\0run")
}

fn resident(process: &Path) -> Option<usize> {
    let status = std::fs::read_to_string(process.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<usize>().ok()? << 10)
}
