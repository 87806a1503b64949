//! A question to Prometheus: one number, within a time, from an answer of bounded size.

use crate::tls::build_client;
use crate::words;
use futures::StreamExt as _;
use serde::Deserialize;
use std::time::Duration;

/// How long an answer may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// How large it may be. One number with its labels is far smaller; many series are not wanted.
const LONGEST: usize = 256 * 1024;
/// What is said of a URL that is none of Prometheus.
const NO_URL: &str = "the URL cannot be used: give http://HOST:PORT, without credentials, query or fragment";
/// How much of a refusal is told.
const TOLD: usize = 200;

/// What Prometheus says.
#[derive(Debug, Deserialize)]
struct Envelope {
    status: String,
    data: Option<Data>,
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Vector(Vec<Series>),
    Scalar((f64, String)),
    Matrix(serde::de::IgnoredAny),
    String(serde::de::IgnoredAny),
}

#[derive(Debug, Deserialize)]
struct Series {
    value: (f64, String),
}

/// The client for all of them: no redirects, no proxy.
pub fn client() -> reqwest::Client {
    let builder = || reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    build_client(builder, None).unwrap_or_default()
}

/// Asks, and gives the number or why there is none.
///
/// # Errors
/// In a sentence that names what to look at; it never holds what the URL may hide.
pub async fn ask(client: &reqwest::Client, url: &str, expression: &str) -> Result<f64, String> {
    let url = address(url, expression)?;
    let answer = tokio::time::timeout(DEADLINE, fetch(client.get(url)));
    let (code, body) =
        answer.await.map_err(|_| format!("Prometheus did not answer within {} s", DEADLINE.as_secs()))??;
    read(code, &body)
}

/// Where the question goes: always to the path of Prometheus' API, whatever stands in the URL. The operator reaches more than a
/// tenant does, so that a tenant must not choose what it gets.
fn address(url: &str, expression: &str) -> Result<reqwest::Url, String> {
    let mut url = reqwest::Url::parse(url).map_err(|_| NO_URL)?;
    let plain =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    match url.path_segments_mut() {
        Ok(mut path) if plain => path.pop_if_empty().extend(["api", "v1", "query"]),
        _ => return Err(NO_URL.into()),
    };
    url.query_pairs_mut().append_pair("query", expression);
    Ok(url)
}

async fn fetch(request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), String> {
    let unreachable = |error: reqwest::Error| {
        tracing::debug!(error = words::in_full(&error), "Prometheus gave no answer");
        format!("Prometheus cannot be reached: {}", words::of_a_request(&error))
    };
    let answer = request.send().await.map_err(unreachable)?;
    let code = answer.status().as_u16();
    let mut body = Vec::new();
    let mut chunks = answer.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.map_err(unreachable)?);
        if body.len() > LONGEST {
            return Err(format!("Prometheus' answer is larger than {} KiB: ask for one number", LONGEST / 1024));
        }
    }
    Ok((code, body))
}

/// The number in an answer.
fn read(code: u16, body: &[u8]) -> Result<f64, String> {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else {
        return Err(format!("the answer (HTTP {code}) is not one of Prometheus' API: is the URL right?"));
    };
    if let Some(error) = envelope.error.filter(|_| envelope.status != "success") {
        let told: String = error.chars().take(TOLD).collect();
        return Err(format!("Prometheus refuses the query: {told}"));
    }
    let number = match envelope.data {
        Some(Data::Scalar((_, number))) => number,
        Some(Data::Vector(series)) => match <[Series; 1]>::try_from(series) {
            Ok([series]) => series.value.1,
            Err(series) if series.is_empty() => return Err("the query gives nothing (yet)".into()),
            Err(series) => {
                return Err(format!(
                    "the query gives {} series: ask for one number, with sum() or max()",
                    series.len()
                ));
            }
        },
        Some(Data::String(_)) => return Err("the query gives a text: ask for a number".into()),
        Some(Data::Matrix(_)) => {
            return Err("the query gives a range: ask for one number, without [5m] at its end".into());
        }
        None => return Err(format!("the answer (HTTP {code}) holds no result")),
    };
    match number.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(format!("the query gives {number}, which is no number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::routing::get;

    fn said(body: &str) -> Result<f64, String> {
        read(200, body.as_bytes())
    }

    fn vector(series: &[&str]) -> String {
        let series: Vec<String> =
            series.iter().map(|number| format!(r#"{{"metric":{{}},"value":[1.5,"{number}"]}}"#)).collect();
        format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{}]}}}}"#, series.join(","))
    }

    #[test]
    fn one_number_is_an_answer_and_nothing_else_is() {
        assert_eq!(said(&vector(&["0.25"])), Ok(0.25));
        assert_eq!(said(r#"{"status":"success","data":{"resultType":"scalar","result":[1,"7"]}}"#), Ok(7.0));
        let words = |body: &str, words: &str| {
            let why = said(body).unwrap_err();
            assert!(why.contains(words), "{why}");
        };
        words(&vector(&[]), "gives nothing");
        words(&vector(&["1", "2"]), "gives 2 series");
        words(&vector(&["NaN"]), "gives NaN");
        words(&vector(&["+Inf"]), "gives +Inf");
        words(&vector(&["many"]), "no number");
        words(r#"{"status":"success","data":{"resultType":"string","result":[1,"x"]}}"#, "gives a text");
        words(r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#, "gives a range");
        words(r#"{"status":"error","errorType":"bad_data","error":"parse error at char 3"}"#, "parse error at char 3");
        words("<html>", "is the URL right?");
        words(r#"{"status":"success"}"#, "holds no result");
    }

    async fn serve(app: Router) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }

    #[tokio::test]
    async fn an_answer_comes_by_the_api_and_is_bounded() {
        let client = client();
        let url = serve(Router::new().route("/api/v1/query", get(|| async { vector(&["3"]) }))).await;
        assert_eq!(ask(&client, &url, "up").await, Ok(3.0));
        let huge = Router::new().route("/api/v1/query", get(|| async { "x".repeat(LONGEST + 1) }));
        let why = ask(&client, &serve(huge).await, "up").await.unwrap_err();
        assert!(why.contains("larger than 256 KiB"), "{why}");
    }

    #[tokio::test]
    async fn no_other_path_of_a_host_is_asked() {
        let url = serve(Router::new().fallback(get(|| async { vector(&["3"]) }))).await;
        for more in ["/admin/flush?x=1#", "/admin#", "?a=", "/admin?"] {
            let why = ask(&client(), &format!("{url}{more}"), "up").await.unwrap_err();
            assert!(why.contains("without credentials, query or fragment"), "{more}: {why}");
        }
        assert!(address("http://alice:x@h", "up").is_err());
        assert_eq!(address("http://h/prom/", "up").unwrap().as_str(), "http://h/prom/api/v1/query?query=up");
    }

    #[tokio::test]
    async fn a_prometheus_that_is_not_there_is_said_so() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let why = ask(&client(), &url, "up").await.unwrap_err();
        assert!(why.starts_with("Prometheus cannot be reached"), "{why}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_prometheus_that_says_nothing_is_given_up_on() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let why = ask(&client(), &url, "up").await.unwrap_err();
        assert_eq!(why, "Prometheus did not answer within 10 s");
    }
}
