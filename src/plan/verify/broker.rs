//! What is said of a core and its broker: which one, and what to look for there.

use crate::api::v1alpha1::EventQueue;

/// The queue that Tengine consumes unless its configuration says otherwise.
const QUEUE: &str = "tengine_event_queue";

/// A core that has loaded the definitions and goes no further.
pub(super) fn waits_for(queue: Option<&EventQueue>) -> String {
    let Some(queue) = queue else {
        return "the core has loaded the definitions and gets no answer from the broker".into();
    };
    let secret = queue.secret_ref.as_ref().map_or_else(String::new, |secret| format!(" with Secret {}", secret.name));
    format!("the core has loaded the definitions and gets no answer from {}{secret}", address(queue))
}

/// A core that served, and is cut off.
pub(super) fn has_lost(queue: Option<&EventQueue>) -> String {
    let broker = queue.map_or_else(|| "the broker".to_owned(), address);
    format!(
        "its core served and has no connection to {broker} any more: the broker is away, somebody closed the connection, \
         or queue {QUEUE} was deleted"
    )
}

/// A core that ran and ends on what it is given to do.
pub(super) fn dies_on_events(end: &str, queue: Option<&EventQueue>) -> String {
    let host =
        queue.map_or_else(String::new, |queue| format!(" (virtual host {:?} of {})", virtual_host(queue), queue.host));
    format!("{end}, after it was running: look at the first message of queue {QUEUE}{host}")
}

fn address(queue: &EventQueue) -> String {
    format!("broker {}:{}, virtual host {:?}", queue.host, queue.port.unwrap_or(5672), virtual_host(queue))
}

fn virtual_host(queue: &EventQueue) -> &str {
    queue.vhost.as_deref().unwrap_or("/")
}
