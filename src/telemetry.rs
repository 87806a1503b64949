//! Structured logs.
//!
//! Guarantees: one line per event; every line carries the fields of the spans around it, so that
//! `namespace`, `name` and `commit` need to be said once, on the span. A panic is logged like any
//! other error before it unwinds.
//!
//! Not guaranteed: order between threads, or that a line is written when the process is killed.

mod json;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, span fields beside the event's own.
    Json,
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is neither a level nor a list of directives.
    #[error(
        "log level {text:?} is not understood: write error, warn, info, debug or trace, or directives such as info,tengine_operator=debug"
    )]
    Level {
        /// The level as given.
        text: String,
        /// What the filter's parser said.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// Something else in the process logs already.
    #[error("logging is set up already")]
    Twice(#[source] tracing_subscriber::util::TryInitError),
}

/// Crates that speak of every connection and every frame at `debug`, or repeat at `warn` what we
/// report ourselves with the object's name.
const TAMED: [&str; 9] = [
    "h2=warn",
    "hyper=warn",
    "hyper_util=warn",
    "kube_client=warn",
    "kube_runtime=warn",
    "oci_client=warn",
    "reqwest=warn",
    "rustls=warn",
    "tower=warn",
];

/// Starts logging to standard error.
///
/// `level` is a level for everything, or directives in the `tracing` form; directives win over the
/// defaults that quieten libraries.
pub fn init(format: LogFormat, level: &str) -> Result<(), TelemetryError> {
    let filter = filter(level)?;
    let registry = tracing_subscriber::registry().with(filter);
    let started = match format {
        LogFormat::Text => {
            registry.with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false)).try_init()
        }
        LogFormat::Json => registry.with(json::layer(std::io::stderr)).try_init(),
    };
    started.map_err(TelemetryError::Twice)?;
    log_panics();
    Ok(())
}

fn filter(level: &str) -> Result<EnvFilter, TelemetryError> {
    let directives: Vec<&str> = TAMED.into_iter().chain([level]).collect();
    EnvFilter::builder()
        .parse(directives.join(","))
        .map_err(|source| TelemetryError::Level { text: level.into(), source })
}

fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("a panic without a message");
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, "panic: {message}");
    }));
}

#[cfg(test)]
mod tests;
