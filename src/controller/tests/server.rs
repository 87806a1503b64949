//! An API server that follows a script.

use axum::http::{Request, Response};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

/// A question that is expected, `METHOD resource/name`, and the answer to it.
pub struct Turn {
    asks: String,
    answer: Option<(u16, Value)>,
    meanwhile: Option<Meanwhile>,
}

/// What happens before the answer is there.
type Meanwhile = Box<dyn FnOnce() + Send>;

impl Turn {
    /// This happens while the answer is waited for.
    pub fn meanwhile(self, happens: impl FnOnce() + Send + 'static) -> Self {
        Self { meanwhile: Some(Box::new(happens)), ..self }
    }
}

/// The answer is an object.
pub fn gives(asks: &str, object: &Value) -> Turn {
    Turn { asks: asks.into(), answer: Some((200, object.clone())), meanwhile: None }
}

/// The answer is a refusal, in the API server's form.
pub fn refuses(asks: &str, code: u16, message: &str) -> Turn {
    let reason = match code {
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        422 => "Invalid",
        _ => "",
    };
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message,
    });
    Turn { asks: asks.into(), answer: Some((code, status)), meanwhile: None }
}

/// There is no answer.
pub fn is_silent(asks: &str) -> Turn {
    Turn { asks: asks.into(), answer: None, meanwhile: None }
}

#[derive(Default)]
struct State {
    turns: VecDeque<Turn>,
    expected: Vec<String>,
    asked: Vec<String>,
    bodies: Vec<Value>,
}

/// What is still to come, and what came.
#[derive(Clone)]
pub struct Script(Arc<Mutex<State>>);

impl Script {
    pub fn new(turns: Vec<Turn>) -> Self {
        let expected = turns.iter().map(|turn| turn.asks.clone()).collect();
        Self(Arc::new(Mutex::new(State { turns: turns.into(), expected, ..State::default() })))
    }

    /// A client that speaks to it.
    pub fn client(&self) -> Client {
        let script = self.clone();
        Client::new(tower::service_fn(move |request| answer(script.clone(), request)), "production")
    }

    /// Ends the play: all was asked that is in the script, in its order, and nothing else. Gives what was sent.
    pub fn end(&self) -> Vec<Value> {
        let mut state = self.0.lock().unwrap();
        assert_eq!(state.asked, state.expected);
        std::mem::take(&mut state.bodies)
    }
}

async fn answer(script: Script, request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().rsplit_once("/namespaces/production/").map_or(parts.uri.path(), |(_, rest)| rest);
    // An event's name holds a time.
    let path = if path.starts_with("events/") { "events" } else { path };
    let asked = format!("{} {path}", parts.method);
    let body = body.collect_bytes().await.unwrap();
    let turn = {
        let mut state = script.0.lock().unwrap();
        state.asked.push(asked.clone());
        state.bodies.push(serde_json::from_slice(&body).unwrap_or(Value::Null));
        state.turns.pop_front()
    };
    let turn = turn.map(|turn| {
        turn.meanwhile.into_iter().for_each(|happens| happens());
        turn.answer
    });
    let (code, answer) = match turn {
        Some(Some(answer)) => answer,
        Some(None) => std::future::pending().await,
        None => (500, json!({ "message": format!("not in the script: {asked}") })),
    };
    // A log is a text, everything else an object.
    let text = answer.as_str().map_or_else(|| answer.to_string(), ToOwned::to_owned);
    Ok(Response::builder().status(code).body(Body::from(text.into_bytes())).unwrap())
}
