//! What the imitation answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use tengine_operator::domain::Digest;

use super::super::registry::{PASSWORD, USER};
use super::{DIGEST, Login, Page, Shared, Told};

/// A request, taken apart.
struct Asked {
    method: Method,
    repository: String,
    /// `manifests` or `blobs`.
    kind: String,
    name: String,
    query: BTreeMap<String, String>,
    headers: HeaderMap,
    body: Bytes,
}

pub async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let url = reqwest::Url::parse(&format!("http://{}{}", shared.host, parts.uri)).unwrap();
    if url.path() == "/token" {
        return shared.token(&url, &parts.headers);
    }
    let line = format!("{} {}", parts.method, parts.uri);
    let trips = shared.habits.trips && !shared.content.lock().unwrap().requests.contains(&line);
    shared.content.lock().unwrap().requests.push(line);
    if let Some(refused) = shared.knock(url.path(), &parts.headers) {
        return refused;
    }
    let waits = shared.habits.hold.is_some_and(|hold| parts.method == Method::GET && url.path().contains(hold));
    if waits {
        shared.held.send_modify(|held| *held += 1);
        shared.going.acquire().await.unwrap().forget();
    }
    let Some((repository, kind, name)) = take_apart(url.path()) else { return StatusCode::OK.into_response() };
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let query = url.query_pairs().into_owned().collect();
    let asked = Asked { method: parts.method, repository, kind, name, query, headers: parts.headers, body };
    let is_head = asked.method == Method::HEAD;
    let mut response = shared.answer(&asked);
    if trips {
        response = refuse(500, "UNKNOWN");
    }
    if is_head {
        *response.body_mut() = Body::empty();
    }
    response
}

/// `/v2/REPOSITORY/KIND/NAME`.
fn take_apart(path: &str) -> Option<(String, String, String)> {
    let path = path.strip_prefix("/v2/")?;
    for kind in ["manifests", "blobs"] {
        if let Some((repository, name)) = path.split_once(&format!("/{kind}/")) {
            return Some((repository.to_owned(), kind.to_owned(), name.to_owned()));
        }
    }
    None
}

fn refuse(status: u16, code: &str) -> Response {
    let error = json!({"code": code, "message": format!("{code}, says the imitation")});
    (StatusCode::from_u16(status).unwrap(), json!({ "errors": [error] }).to_string()).into_response()
}

fn page() -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], "<html>Please log in</html>").into_response()
}

impl Shared {
    fn token(&self, url: &reqwest::Url, headers: &HeaderMap) -> Response {
        let scopes: Vec<_> =
            url.query_pairs().filter(|(key, _)| key == "scope").map(|(_, scope)| scope.to_string()).collect();
        let scopes = scopes.join(" ");
        self.content.lock().unwrap().tokens.push(scopes.clone());
        let asks_too_much =
            self.habits.secret_repository.is_some_and(|secret| scopes.contains(secret) && scopes.contains("push"));
        if !is_known(headers) || asks_too_much {
            return refuse(401, "UNAUTHORIZED");
        }
        match self.habits.token {
            Some((status, body)) => (StatusCode::from_u16(status).unwrap(), body).into_response(),
            None => json!({"token": "t0ken"}).to_string().into_response(),
        }
    }

    /// The answer to whoever is not let in.
    fn knock(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let bearer = headers.get("authorization").is_some_and(|value| value == "Bearer t0ken");
        let basic = "Basic realm=\"imitation\"".to_owned();
        let challenge = match self.habits.login {
            Login::Open => return None,
            Login::Basic | Login::AtTheDoor | Login::Unexplained | Login::Negotiate if is_known(headers) => {
                return None;
            }
            Login::Bearer if bearer => return None,
            Login::Basic => Some(basic),
            Login::AtTheDoor => Some(basic).filter(|_| path == "/v2/"),
            Login::Unexplained => None,
            Login::Negotiate => Some("Negotiate".to_owned()),
            Login::Bearer => Some(format!("Bearer realm=\"http://{}/token\",service=\"imitation\"", self.host)),
        };
        let mut refused = refuse(401, "UNAUTHORIZED");
        refused.headers_mut().extend(challenge.map(|it| (header::WWW_AUTHENTICATE, it.parse().unwrap())));
        Some(refused)
    }

    fn answer(&self, asked: &Asked) -> Response {
        if let (&Method::HEAD, Some(status)) = (&asked.method, self.habits.head) {
            return refuse(status, "UNSUPPORTED");
        }
        match (asked.method.as_str(), asked.kind.as_str()) {
            ("GET" | "HEAD", "manifests") if self.habits.page == Page::Manifests => page(),
            ("GET" | "HEAD", "blobs") if self.habits.page == Page::Blobs => page(),
            ("GET" | "HEAD", "manifests") => self.manifest(asked),
            ("GET" | "HEAD", _) => self.blob(asked),
            ("PUT", "manifests") => self.take_manifest(asked),
            ("POST", _) => self.begin(asked),
            ("PUT", _) => self.take_blob(asked),
            _ => StatusCode::NO_CONTENT.into_response(),
        }
    }

    fn manifest(&self, asked: &Asked) -> Response {
        let found = self.content.lock().unwrap().manifests.get(&asked.key()).cloned();
        let Some((media_type, bytes)) = found else { return refuse(404, "MANIFEST_UNKNOWN") };
        self.found(&media_type, bytes)
    }

    fn blob(&self, asked: &Asked) -> Response {
        let found = self.content.lock().unwrap().blobs.get(&asked.key()).cloned();
        found.map_or_else(|| refuse(404, "BLOB_UNKNOWN"), |bytes| self.found("application/octet-stream", bytes))
    }

    fn found(&self, media_type: &str, bytes: Bytes) -> Response {
        let told = match self.habits.digest {
            Told::Right => Some(Digest::of(&bytes).to_string()),
            Told::Nothing => None,
            Told::Foreign => Some(format!("sha512:{}", "0".repeat(128))),
        };
        let length = bytes.len().to_string();
        let headers = [(header::CONTENT_TYPE, media_type), (header::CONTENT_LENGTH, &length)];
        let mut response = (headers, bytes).into_response();
        if let Some(digest) = told {
            response.headers_mut().insert(DIGEST, digest.parse().unwrap());
        }
        response
    }

    fn take_manifest(&self, asked: &Asked) -> Response {
        let digest = Digest::of(&asked.body);
        let habit = if asked.name == digest.as_ref() { self.habits.by_digest } else { self.habits.tag };
        if let Some(status) = habit {
            return refuse(status, "MANIFEST_INVALID");
        }
        let media_type = asked.headers[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let mut content = self.content.lock().unwrap();
        for name in [asked.name.clone(), digest.to_string()] {
            content.manifests.insert((asked.repository.clone(), name), (media_type.clone(), asked.body.clone()));
        }
        StatusCode::CREATED.into_response()
    }

    fn begin(&self, asked: &Asked) -> Response {
        let mut content = self.content.lock().unwrap();
        if let (Some(digest), Some(from)) = (asked.query.get("mount"), asked.query.get("from")) {
            if let Some(status) = self.habits.mount {
                return refuse(status, "DENIED");
            }
            if let Some(bytes) = content.blobs.get(&(from.clone(), digest.clone())).cloned() {
                content.blobs.insert((asked.repository.clone(), digest.clone()), bytes);
                content.mounted.insert(digest.clone());
                return StatusCode::CREATED.into_response();
            }
        }
        let location = format!("/v2/{}/blobs/uploads/1", asked.repository);
        (StatusCode::ACCEPTED, [(header::LOCATION, location)]).into_response()
    }

    fn take_blob(&self, asked: &Asked) -> Response {
        let digest = Digest::of(&asked.body).to_string();
        if asked.query.get("digest") != Some(&digest) {
            return refuse(400, "DIGEST_INVALID");
        }
        self.content.lock().unwrap().blobs.insert((asked.repository.clone(), digest), asked.body.clone());
        StatusCode::CREATED.into_response()
    }
}

impl Asked {
    fn key(&self) -> (String, String) {
        (self.repository.clone(), self.name.clone())
    }
}

fn is_known(headers: &HeaderMap) -> bool {
    use base64::Engine as _;
    let expected = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}"));
    headers.get(header::AUTHORIZATION).is_some_and(|value| *value == format!("Basic {expected}"))
}
