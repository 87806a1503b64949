//! The HTTP end points `/livez`, `/readyz` and `/metrics`.
//!
//! Guarantees: a caller can neither hold a connection longer than [`CONNECTION_DEADLINE`] nor hold
//! more than [`CONNECTIONS`] of them; nothing but these three paths and GET (or HEAD) is answered;
//! nothing secret is served, so there is no authentication.

mod health;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use health::{Health, Phase};

use crate::metrics::Metrics;

/// How many connections are served at one time; further ones wait to be accepted.
const CONNECTIONS: usize = 64;
/// How long the head of a request may take to arrive.
const HEADER_DEADLINE: Duration = Duration::from_secs(5);
/// How long one connection may live, however busy.
const CONNECTION_DEADLINE: Duration = Duration::from_mins(1);
/// The largest request head that is read.
const HEADER_BYTES: usize = 16 << 10;

/// The end points, ready to be served.
pub fn router(health: Health, metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .with_state(health)
        .merge(Router::new().route("/metrics", get(scrape)).with_state(metrics))
}

async fn livez(State(health): State<Health>) -> Response {
    answer(health.alive())
}

async fn readyz(State(health): State<Health>) -> Response {
    answer(health.ready())
}

fn answer(state: Result<(), String>) -> Response {
    match state {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

async fn scrape(State(metrics): State<Arc<Metrics>>) -> Response {
    const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Listens on `address`.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until `stop`; connections that are open then are dropped.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    stop.run_until_cancelled(async {
        // A semaphore that is never closed always grants in the end.
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let connection = connection(stream, router.clone());
                    let until = stop.clone();
                    tokio::spawn(async move {
                        until.run_until_cancelled(connection).await;
                        drop(place);
                    });
                }
                // Out of file descriptors, most likely: let some be closed first.
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "cannot accept");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    })
    .await;
}

async fn connection(stream: TcpStream, router: Router) {
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_DEADLINE)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // A client that goes away or talks nonsense is not our trouble.
    let _ = tokio::time::timeout(CONNECTION_DEADLINE, serving).await;
}

#[cfg(test)]
mod tests;
