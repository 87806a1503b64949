//! Gets what a registry's challenge asks for.

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, Request, Response, StatusCode, Url};
use serde::Deserialize;

use super::challenge::{Challenge, schemes};
use super::{Purpose, Session};
use crate::image::credentials::Basic;
use crate::image::error::{ImageError, Offered, Problem, Said};

/// The most a token service may answer, in bytes.
const LARGEST_TOKEN: usize = 256 * 1024;

const DOING: &str = "asking for a token";

#[derive(Deserialize)]
struct TokenBody {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
}

impl TokenBody {
    /// Either name will do, and some services fill in both, one of them with nothing.
    fn token(self) -> Option<String> {
        [self.token, self.access_token].into_iter().flatten().find(|token| !token.is_empty())
    }
}

impl Session {
    /// Answers the challenge of a 401. False if there is nothing (more) that we could send.
    pub(super) async fn authenticate(&self, refused: &Response) -> Result<bool, ImageError> {
        let challenge = match Challenge::of(refused.headers()) {
            Some(challenge) => challenge,
            None => self.general_challenge(refused).await?,
        };
        let authorization = match (challenge, &self.login) {
            (Challenge::Basic, None) => return Ok(false),
            (Challenge::Basic, Some(login)) => login.header(),
            (Challenge::Bearer { realm, service, scope }, login) => {
                let ask = async || {
                    let url = self.token_url(&realm, service.as_deref(), scope.as_deref())?;
                    self.token(url, login.as_ref()).await
                };
                Some(match ask().await {
                    // Some token services give all that is asked for or nothing, and say that as they say that they do not know who
                    // asks. A wrong password comes twice for that, but from few: builds wait for the proof of the right to push,
                    // which mounts from nowhere else.
                    Err(error) if error.is_definite() && self.give_up_mounting() => ask().await?,
                    outcome => outcome?,
                })
            }
        };
        let mut current = self.authorization.lock().await;
        let is_new = authorization.is_some() && *current != authorization;
        *current = authorization;
        Ok(is_new)
    }

    /// What the registry's front door asks for, where an answer leaves it out; most clients ask nowhere else.
    async fn general_challenge(&self, refused: &Response) -> Result<Challenge, ImageError> {
        let front = self.endpoint.base.join("/v2/").map_err(|_| self.no_address())?;
        let answer = self.send_once("asking how to log in", Request::new(Method::GET, front)).await?;
        let found = Challenge::of(answer.headers()).filter(|_| answer.status() == StatusCode::UNAUTHORIZED);
        let offered = || [refused, &answer].into_iter().flat_map(|answer| schemes(answer.headers())).collect();
        found.ok_or_else(|| self.error(Problem::LoginUnexplained { offered: Offered::new(offered()) }))
    }

    /// The scopes are ours, and besides what the registry says that this very request needs.
    fn token_url(&self, realm: &str, service: Option<&str>, scope: Option<&str>) -> Result<Url, ImageError> {
        let safe =
            |url: &Url| url.scheme() == "https" || url.scheme() == "http" && self.endpoint.base.scheme() == "http";
        let unusable =
            || self.error(Problem::Unreachable("its token service has an address that cannot be used".into()));
        let mut url = Url::parse(realm).ok().filter(safe).ok_or_else(unusable)?;
        let actions = match self.purpose {
            Purpose::Pull => "pull",
            Purpose::Push => "pull,push",
        };
        let own = format!("repository:{}:{actions}", self.place.repository);
        let mounted = self.mounts_from().map(|from| format!("repository:{from}:pull"));
        let asked = scope.filter(|asked| *asked != own).map(str::to_owned);
        let mut query = url.query_pairs_mut();
        query.extend_pairs(service.map(|service| ("service", service)));
        query.extend_pairs([Some(own), mounted, asked].iter().flatten().map(|scope| ("scope", scope)));
        drop(query);
        Ok(url)
    }

    async fn token(&self, url: Url, login: Option<&Basic>) -> Result<HeaderValue, ImageError> {
        let mut request = Request::new(Method::GET, url);
        if let Some(header) = login.and_then(Basic::header) {
            request.headers_mut().insert(AUTHORIZATION, header);
        }
        let after = self.deadlines().call;
        let answer = tokio::time::timeout(after, self.endpoint.http.execute(request)).await;
        let response = match answer {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.error(self.transport_problem(&error))),
            Err(_) => return Err(self.error(Problem::TimedOut { doing: DOING, after })),
        };
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if login.is_none() => {
                return Err(self.error(Problem::CredentialsMissing));
            }
            StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST => {
                return Err(self.error(Problem::CredentialsRefused { said: Said::default() }));
            }
            _ => return Err(self.refusal(DOING, response).await),
        }
        let body = self.read(DOING, "the token service's answer", response, LARGEST_TOKEN).await?;
        let token = serde_json::from_slice(&body).ok().and_then(TokenBody::token);
        token
            .and_then(|token| sensitive(&format!("Bearer {token}")))
            .ok_or_else(|| self.error(Problem::Unreachable("its token service answers without a token".into())))
    }
}

impl Basic {
    /// The `Authorization` header.
    fn header(&self) -> Option<HeaderValue> {
        sensitive(&format!("Basic {}", self.encoded()))
    }
}

/// Marked so that nothing prints it.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
