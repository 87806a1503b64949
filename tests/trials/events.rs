//! Events, and what the cores' own records say of them.

use crate::repository::Repository;
use crate::stage::{env, run};
use crate::subject::{PATIENCE, Subject};
use crate::wait::eventually;
use git2::Oid;
use serde_json::{Value, json};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Events come this often: slower than one core handles them.
const BEAT: Duration = Duration::from_millis(150);
/// The database is asked this often.
const LOOKS: Duration = Duration::from_millis(500);
/// The queue that cores consume.
const QUEUE: &str = "tengine_event_queue";

/// Databases outlive a run: what an earlier one registered in them is none of this one's.
static RUN: LazyLock<u128> =
    LazyLock::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis()));

/// A driver whose handler takes a tenth of a second, and one whose handler takes `slow` seconds.
pub fn drivers(repository: &Repository, word: &str, slow: u32) -> Oid {
    repository.files(&[("stream.rb", text(word, slow).as_bytes())])
}

/// The same, where nothing slow is asked for, and one more file.
pub fn version_with(repository: &Repository, word: &str, file: (&str, &str)) -> Oid {
    repository.files(&[("stream.rb", text(word, 1).as_bytes()), (file.0, file.1.as_bytes())])
}

fn text(word: &str, slow: u32) -> String {
    let handler = |driver: &str, event: &str, time: &str| {
        format!("driver :{driver} do\n  on :{event} do\n    sleep {time}\n  end\nend\n")
    };
    let (stream, long) = (handler("stream", "tick", "0.1"), handler("slow", "long", &slow.to_string()));
    format!("# {word}, of run {}\n{stream}{long}", *RUN)
}

/// The same, where nothing slow is asked for.
pub fn version(repository: &Repository, word: &str) -> Oid {
    drivers(repository, word, 1)
}

/// Asks the cores' own database.
pub async fn ask(td: &Subject, query: &str) -> String {
    let own = format!("trials-{}", td.name);
    let address = format!("postgresql://{own}:{own}@{}:{}/{own}", env("TENGINE_PG_HOST"), env("TENGINE_PG_PORT"));
    run("psql", &["-XqAt", &address, "-c", query], "").await
}

/// Removes what is on record of events, an earlier run's included: a key that is known is a duplicate.
pub async fn forget(td: &Subject) {
    ask(td, "delete from events; delete from handled_events").await;
}

/// Asks it again until the answer is this.
pub async fn answers(td: &Subject, query: &str, answer: &str) {
    let asking = async {
        let mut look = tokio::time::interval(LOOKS);
        loop {
            look.tick().await;
            if ask(td, query).await.trim() == answer {
                return;
            }
        }
    };
    let answered = tokio::time::timeout(PATIENCE, asking).await;
    let found = if answered.is_ok() { answer.to_owned() } else { ask(td, query).await.trim().to_owned() };
    assert!(answered.is_ok(), "{}: {query} is {found}, not {answer}; {}", td.name, td.state().await);
}

/// Waits until so many events were handled; each of them once, and none besides. A machine that is slower than the stream takes its time: what
/// may not last is that none is handled any more.
pub async fn are_handled_once(td: &Subject, fired: usize) {
    let (mut handled, mut since) = (0, Instant::now());
    let mut look = tokio::time::interval(LOOKS);
    while handled < fired {
        look.tick().await;
        let now = ask(td, "select count(*) from handled_events where finished_at is not null").await;
        let now = now.trim().parse().unwrap();
        if now > handled {
            (handled, since) = (now, Instant::now());
        }
        let state = if since.elapsed() > PATIENCE { td.state().await } else { String::new() };
        assert!(state.is_empty(), "{}: {handled} of {fired} events were handled, and no more are; {state}", td.name);
    }
    let counts = ask(td, "select count(*), count(distinct event_key), count(finished_at) from handled_events").await;
    assert_eq!(counts.trim(), format!("{fired}|{fired}|{fired}"), "{}: each event is handled once", td.name);
}

/// Of what this column names, such as the server, none began to handle events before the one before it had handled its last: of two that took turns
/// at one queue, each event would find the other between two of its own, so it is their whole times that are compared.
pub async fn never_at_once(td: &Subject, column: &str) {
    let times = format!(
        "select {column} who, min(started_at) began, max(coalesce(finished_at, started_at)) ended from handled_events group by 1"
    );
    let both = format!(
        "select count(*) from ({times}) a join ({times}) b on a.who < b.who and a.began <= b.ended and b.began <= a.ended"
    );
    let all = ask(td, &times).await;
    assert_eq!(ask(td, &both).await.trim(), "0", "{}: two handled events at once:\n{all}", td.name);
}

/// What the broker's management answers, below a virtual host's part of its addresses.
async fn broker(td: &Subject, method: reqwest::Method, path: &[&str], body: Option<Value>) -> Value {
    let mut url = reqwest::Url::parse(&env("TENGINE_AMQP_API")).unwrap();
    url.path_segments_mut().unwrap().pop_if_empty().push("api").extend(path);
    let asked =
        td.stage.http.request(method, url).basic_auth(env("TENGINE_AMQP_ADMIN"), Some(env("TENGINE_AMQP_PASSWORD")));
    let asked = body.iter().fold(asked, reqwest::RequestBuilder::json);
    let answer = asked.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
    serde_json::from_slice(&answer).unwrap_or_default()
}

/// Whether the virtual host of the cores has one of this name; `queues`, or `exchanges`.
pub async fn there_is(td: &Subject, what: &str, name: &str) -> bool {
    let all = broker(td, reqwest::Method::GET, &[what, &vhost(td)], None).await;
    all.as_array().unwrap().iter().any(|one| one["name"] == name)
}

fn vhost(td: &Subject) -> String {
    format!("trials-{}", td.name)
}

/// Puts a message into the queue of the cores.
pub async fn publish(td: &Subject, payload: &str) {
    let message = json!({
        "properties": { "delivery_mode": 2 }, "routing_key": "", "payload": payload, "payload_encoding": "string",
    });
    let path = ["exchanges", &vhost(td), "tengine_event_exchange", "publish"];
    let answer = broker(td, reqwest::Method::POST, &path, Some(message)).await;
    assert_eq!(answer["routed"], true, "{answer}");
}

/// Fires an event of this type with this key.
pub async fn fire(td: &Subject, kind: &str, key: &str) {
    let event = json!({
        "event_type_name": kind, "key": key, "source_name": "trials", "sender_name": "trials",
        "occurred_at": "2026-01-01T00:00:00Z", "level": 2, "properties": {},
    });
    publish(td, &event.to_string()).await;
}

/// The administrator closes every connection of the cores. The management hears of connections a little later than they are there.
pub async fn close_connections(td: &Subject) {
    let of_host = ["vhosts", &vhost(td), "connections"];
    let closing = async {
        let mut look = tokio::time::interval(LOOKS);
        loop {
            look.tick().await;
            let open = broker(td, reqwest::Method::GET, &of_host, None).await;
            let names: Vec<_> =
                open.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
            for name in &names {
                broker(td, reqwest::Method::DELETE, &["connections", name], None).await;
            }
            if !names.is_empty() {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, closing).await.expect("a connection to close");
}

/// Gives the cores' user of the broker another password. Connections that are open stay.
pub async fn give_password(td: &Subject, password: &str) {
    broker(td, reqwest::Method::PUT, &["users", &vhost(td)], Some(json!({ "password": password, "tags": "" }))).await;
}

/// Waits until so many messages are in the queue, or were given to a core that has not handled them.
pub async fn wait_in_queue(td: &Subject, number: u64) {
    let vhost = vhost(td);
    let wait = || async {
        let queue = broker(td, reqwest::Method::GET, &["queues", &vhost, QUEUE], None).await;
        queue["messages"].as_u64().is_some_and(|messages| messages >= number)
    };
    eventually("messages that wait", wait).await;
}

/// Waits until at least so many events were handled to their end.
pub async fn are_handled(td: &Subject, number: usize) {
    answers(td, &format!("select count(*) >= {number} from handled_events where finished_at is not null"), "t").await;
}

/// Deletes the queue behind the cores' backs.
pub async fn delete_queue(td: &Subject) {
    broker(td, reqwest::Method::DELETE, &["queues", &vhost(td), QUEUE], None).await;
}

/// Removes the message at the head of the queue, once no core has it in hand.
pub async fn remove_head(td: &Subject, payload: &str) {
    let removing = async {
        let mut look = tokio::time::interval(LOOKS);
        loop {
            look.tick().await;
            let get = json!({ "count": 1, "ackmode": "ack_requeue_false", "encoding": "auto" });
            let got = broker(td, reqwest::Method::POST, &["queues", &vhost(td), QUEUE, "get"], Some(get)).await;
            if got[0]["payload"] == payload {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, removing).await.expect("the message is there to remove");
}

/// Events, one after the other, until it is told to end.
pub struct Stream {
    end: watch::Sender<bool>,
    work: tokio::task::JoinHandle<usize>,
}

impl Stream {
    pub fn of(td: &Subject) -> Self {
        let (end, ended) = watch::channel(false);
        let td = td.clone();
        let work = tokio::spawn(async move {
            let run = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
            let (mut beat, mut fired) = (tokio::time::interval(BEAT), 0);
            while !*ended.borrow() {
                beat.tick().await;
                fire(&td, "tick", &format!("{run}-{fired}")).await;
                fired += 1;
            }
            fired
        });
        Self { end, work }
    }

    /// How many there were.
    pub async fn ends(self) -> usize {
        self.end.send_replace(true);
        self.work.await.unwrap()
    }
}
