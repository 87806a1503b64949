//! The same against Gitea, as the local cluster runs it: set by `hack/cluster env`, skipped without.

use serde_json::{Value, json};

use super::repository::DRIVER;
use super::*;

/// A private repository of a user on Gitea, made for one test.
pub struct Gitea {
    url: String,
    pub owner: String,
    password: String,
    pub name: String,
    api: reqwest::Client,
}

impl Gitea {
    pub async fn with_repository(name: &str) -> Option<Self> {
        let (Ok(url), Ok(owner), Ok(password)) = (
            std::env::var("TENGINE_GIT_URL"),
            std::env::var("TENGINE_GIT_ADMIN"),
            std::env::var("TENGINE_GIT_PASSWORD"),
        ) else {
            eprintln!("TENGINE_GIT_URL, _ADMIN and _PASSWORD are not set: nothing is tried here");
            return None;
        };
        // A second installation, by another test, is not an error.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let name = format!("{name}-{}", std::process::id());
        let gitea = Self { url, owner, password, name, api: reqwest::Client::new() };
        let made = json!({ "name": gitea.name, "private": true, "default_branch": "main" });
        gitea.call(reqwest::Method::POST, "user/repos", &made).await;
        Some(gitea)
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: &Value) -> Value {
        let request = self.api.request(method, format!("{}/api/v1/{path}", self.url));
        let request = request.basic_auth(&self.owner, Some(&self.password));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.text().await.unwrap());
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default()
    }

    /// Lets this public key read the repository.
    pub async fn deploy(&self, public: &str) {
        self.deploy_for(public, true).await;
    }

    /// Lets this public key read the repository, and write to it, too, where it is not `read_only`.
    pub async fn deploy_for(&self, public: &str, read_only: bool) {
        let path = format!("repos/{}/{}/keys", self.owner, self.name);
        let key = json!({ "title": self.name, "key": public.trim(), "read_only": read_only });
        self.call(reqwest::Method::POST, &path, &key).await;
    }

    /// Protects branches by this rule.
    pub async fn protect(&self, rule: &Value) {
        let path = format!("repos/{}/{}/branch_protections", self.owner, self.name);
        self.call(reqwest::Method::POST, &path, rule).await;
    }

    /// Pushes the file through the API; the answer is the commit.
    pub async fn push(&self, path: &str) -> String {
        let encoded = "ZHJpdmVyIDpiaWxsaW5nIGRvCiAgb24gOnBpbmcgZG8KICAgIGV2ZW50CiAgZW5kCmVuZAo=";
        let body = json!({ "content": encoded, "message": "Bill at night", "branch": "main" });
        let path = format!("repos/{}/{}/contents/{path}", self.owner, self.name);
        let answer = self.call(reqwest::Method::POST, &path, &body).await;
        answer["commit"]["sha"].as_str().unwrap().to_owned()
    }

    /// Makes a tag; an annotated one where it has a message.
    pub async fn tag(&self, name: &str, target: &str, message: &str) {
        let path = format!("repos/{}/{}/tags", self.owner, self.name);
        let tag = json!({ "tag_name": name, "target": target, "message": message });
        self.call(reqwest::Method::POST, &path, &tag).await;
    }

    pub async fn untag(&self, name: &str) {
        let path = format!("repos/{}/{}/tags/{name}", self.owner, self.name);
        self.call(reqwest::Method::DELETE, &path, &Value::Null).await;
    }

    /// Publishes a release, or makes a draft of it; its number.
    pub async fn release(&self, tag: &str, target: &str, draft: bool, prerelease: bool) -> i64 {
        let path = format!("repos/{}/{}/releases", self.owner, self.name);
        let made = json!({ "tag_name": tag, "target_commitish": target, "name": tag, "draft": draft, "prerelease": prerelease });
        self.call(reqwest::Method::POST, &path, &made).await["id"].as_i64().unwrap()
    }

    pub async fn change_release(&self, number: i64, change: &Value) {
        let path = format!("repos/{}/{}/releases/{number}", self.owner, self.name);
        self.call(reqwest::Method::PATCH, &path, change).await;
    }

    /// Where its releases are listed, with the user's password.
    pub fn release_list(&self) -> Remote {
        let list = format!("{}/api/v1/repos/{}/{}/releases", self.url, self.owner, self.name);
        remote_as(&list, &self.owner, &self.password)
    }

    pub async fn remove(&self) {
        let path = format!("repos/{}/{}", self.owner, self.name);
        self.call(reqwest::Method::DELETE, &path, &Value::Null).await;
    }

    pub fn repository(&self) -> String {
        format!("{}/{}/{}.git", self.url, self.owner, self.name)
    }

    pub fn remote(&self) -> Remote {
        remote_as(&self.repository(), &self.owner, &self.password)
    }
}

#[tokio::test]
async fn gitea_says_no_in_words_of_its_own() {
    let Some(gitea) = Gitea::with_repository("noes").await else { return };
    let reason = async |remote: Remote, reference: Reference| {
        let error = resolve(&remote, &reference).await.unwrap_err();
        assert!(error.is_definite(), "{error}");
        error.reason()
    };
    let wrong = remote_as(&gitea.repository(), &gitea.owner, "wrong horse");
    let nothing = format!("{}/{}/nothing.git", gitea.url, gitea.owner);
    assert_eq!(reason(gitea.remote(), branch("main")).await, "EmptyRepository");
    gitea.push("a.rb").await;
    assert_eq!(reason(remote(&gitea.repository()), branch("main")).await, "AuthenticationRequired");
    assert_eq!(reason(wrong, branch("main")).await, "AuthenticationFailed");
    assert_eq!(reason(remote_as(&nothing, &gitea.owner, &gitea.password), branch("main")).await, "RepositoryNotFound");
    assert_eq!(reason(gitea.remote(), branch("mian")).await, "RefNotFound");
    gitea.remove().await;
}

#[tokio::test]
async fn a_repository_of_somebody_else_is_not_shown() {
    let Some(gitea) = Gitea::with_repository("theirs").await else { return };
    gitea.push("a.rb").await;
    let stranger = format!("stranger-{}", std::process::id());
    let user = json!({
        "username": stranger, "email": format!("{stranger}@example.com"), "password": "stranger-s3cret",
        "must_change_password": false,
    });
    gitea.call(reqwest::Method::POST, "admin/users", &user).await;
    let remote = remote_as(&gitea.repository(), &stranger, "stranger-s3cret");
    let error = resolve(&remote, &branch("main")).await.unwrap_err();
    gitea.call(reqwest::Method::DELETE, &format!("admin/users/{stranger}"), &Value::Null).await;
    gitea.remove().await;
    assert!(["RepositoryNotFound", "AccessDenied"].contains(&error.reason()), "{error}");
    assert!(error.is_definite());
}

#[tokio::test]
async fn gitea_gives_branches_and_old_commits() {
    assert_eq!(DRIVER.len(), 53, "what push() sends is this, encoded");
    let Some(gitea) = Gitea::with_repository("commits").await else { return };
    let first = gitea.push("dsl/a.rb").await;
    gitea.push("dsl/b.rb").await;
    let head = pack(&gitea.remote(), &branch("main"), "dsl").await.unwrap();
    assert_eq!(head.checked.unwrap().files, 2);
    assert_eq!(head.commit.subject, "Bill at night");
    let old = pack(&gitea.remote(), &Reference::Commit(first.parse().unwrap()), "dsl").await.unwrap();
    gitea.remove().await;
    assert_eq!(old.checked.unwrap().files, 1);
}
