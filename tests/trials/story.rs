//! Stories, and each of their cases as a test of its own.

use crate::stage::{Stage, Theatre};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, Once};

/// What happens, in order.
#[derive(Clone, Copy)]
pub struct Story {
    /// One word; the TengineDeployment has it for its name.
    pub name: &'static str,
    /// The cases that are told, by name.
    pub cases: &'static [&'static str],
    /// Tells them.
    pub tell: fn(Arc<Stage>, Teller) -> Telling,
}

/// The telling of a story.
pub type Telling = Pin<Box<dyn Future<Output = ()> + Send>>;

type Outcome = Result<(), String>;

tokio::task_local! {
    /// The name of the story that is told.
    pub static TOLD: &'static str;
}

/// Takes down what comes of each case.
#[derive(Clone)]
pub struct Teller(Arc<Mutex<Told>>);

struct Told {
    current: Option<&'static str>,
    open: BTreeMap<&'static str, Sender<Outcome>>,
}

impl Teller {
    /// A case. It is well when `work` ends; when it panics, so does the story, and the cases that follow are not told.
    pub async fn case(&self, name: &'static str, work: impl Future<Output = ()>) {
        self.0.lock().unwrap().current = Some(name);
        work.await;
        let mut told = self.0.lock().unwrap();
        told.current = None;
        let open = told.open.remove(name).unwrap_or_else(|| panic!("{name} is not a case of this story"));
        let _ = open.send(Ok(()));
    }

    /// How the story ended: with a failure, or with cases that nobody told.
    fn end(&self, failure: Option<&str>) {
        let mut told = self.0.lock().unwrap();
        let current = told.current.take();
        for (name, open) in std::mem::take(&mut told.open) {
            let outcome = match (failure, current) {
                (Some(failure), Some(current)) if current == name => failure.to_owned(),
                (Some(_), Some(current)) => format!("not reached: {current} failed"),
                (Some(failure), None) => format!("not reached: {failure}"),
                (None, _) => "the story does not tell it".to_owned(),
            };
            let _ = open.send(Err(outcome));
        }
    }
}

/// The cases of a story. The first of them that runs begins the telling.
pub fn trials(story: &Story, theatre: &Arc<Theatre>) -> Vec<Trial> {
    let (open, receivers): (BTreeMap<_, _>, Vec<_>) = story
        .cases
        .iter()
        .map(|name| {
            let (sender, receiver) = channel();
            ((*name, sender), (*name, receiver))
        })
        .unzip();
    let teller = Teller(Arc::new(Mutex::new(Told { current: None, open })));
    let begun = Arc::new(Once::new());
    receivers
        .into_iter()
        .map(|(name, receiver)| {
            let (story, theatre, teller, begun) = (*story, Arc::clone(theatre), teller.clone(), Arc::clone(&begun));
            let ignored = !Theatre::is_there();
            let run = move || {
                begun.call_once(|| begin(story, &theatre, teller));
                hear(&receiver)
            };
            Trial::test(format!("{}::{name}", story.name), run).with_ignored_flag(ignored)
        })
        .collect()
}

fn begin(story: Story, theatre: &Arc<Theatre>, teller: Teller) {
    let (theatre, runtime) = (Arc::clone(theatre), theatre.runtime());
    runtime.spawn(async move {
        let telling = {
            let (theatre, teller) = (Arc::clone(&theatre), teller.clone());
            async move {
                let _place = theatre.places.acquire().await;
                let stage = theatre.stage().await;
                TOLD.scope(story.name, (story.tell)(Arc::clone(&stage), teller)).await;
                stage.leaves(story.name).await;
            }
        };
        let failure = tokio::spawn(telling).await.err().map(|error| match error.try_into_panic() {
            Ok(panic) => words(panic.as_ref()),
            Err(error) => error.to_string(),
        });
        if let Some(failure) = &failure {
            theatre.remember(format!("{}: {failure}", story.name));
        }
        teller.end(failure.as_deref());
    });
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_else(|| "a panic".to_owned())
}

fn hear(receiver: &Receiver<Outcome>) -> Result<(), Failed> {
    receiver.recv().map_err(|_| Failed::from("the story ended without a word"))?.map_err(Failed::from)
}
