//! A private repository on the Git host, whose commits are made object by object, so that they can be as bad as any.

use crate::stage::{Stage, env, run};
use git2::build::TreeUpdateBuilder;
use git2::{FileMode, ObjectType, Oid, Signature};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A definition that the core takes.
pub const GOOD: &str = "driver :trials do\n  on :ping do\n    puts event[:number]\n  end\nend\n";

/// A repository, with what was committed to it so far.
#[derive(Clone)]
pub struct Repository {
    name: String,
    local: Arc<Mutex<git2::Repository>>,
    _folder: Arc<TempDir>,
}

/// One entry of a tree, written as it is given: mode, name, object.
pub type Entry<'a> = (u32, &'a [u8], Oid);

impl Repository {
    /// An empty one of this name, in the place of any there was.
    pub async fn create(stage: &Stage, name: &str) -> Self {
        let name = format!("trials-{name}");
        let at = address(&name, "");
        stage.git_host(Method::DELETE, &at, &Value::Null).await;
        let body = json!({ "name": name, "private": true, "default_branch": "main" });
        let made = stage.git_host(Method::POST, &format!("{}/api/v1/user/repos", env("TENGINE_GIT_URL")), &body).await;
        made.error_for_status().unwrap();
        stage.undo(at, "TENGINE_GIT_ADMIN", "TENGINE_GIT_PASSWORD");
        let folder = TempDir::new().unwrap();
        let local = git2::Repository::init_bare(folder.path()).unwrap();
        Self { name, local: Arc::new(Mutex::new(local)), _folder: Arc::new(folder) }
    }

    pub fn url(&self) -> String {
        format!("{}/{}/{}.git", env("TENGINE_GIT_URL"), env("TENGINE_GIT_ADMIN"), self.name)
    }

    /// The address of something of this repository in the Git host's API.
    pub fn api(&self, what: &str) -> String {
        address(&self.name, &format!("/{what}"))
    }

    /// Makes objects.
    pub fn make<T>(&self, make: impl FnOnce(&git2::Repository) -> T) -> T {
        make(&self.local.lock().unwrap())
    }

    pub fn blob(&self, bytes: &[u8]) -> Oid {
        self.make(|local| local.blob(bytes).unwrap())
    }

    /// The smallest good tree.
    pub fn good(&self) -> Oid {
        self.files(&[("good.rb", GOOD.as_bytes())])
    }

    /// A good tree, another one for each number.
    pub fn other(&self, number: usize) -> Oid {
        self.files(&[("good.rb", GOOD.replace(":trials", &format!(":trials_{number}")).as_bytes())])
    }

    /// A tree with these files, folders and all.
    pub fn files(&self, files: &[(&str, &[u8])]) -> Oid {
        let blobs: Vec<_> = files.iter().map(|(path, bytes)| (*path, self.blob(bytes))).collect();
        self.make(|local| {
            let empty = local.find_tree(local.treebuilder(None).unwrap().write().unwrap()).unwrap();
            let mut tree = TreeUpdateBuilder::new();
            for (path, blob) in blobs {
                tree.upsert(path, blob, FileMode::Blob);
            }
            tree.create_updated(local, &empty).unwrap()
        })
    }

    /// A tree of these entries in this order, however wrong they are.
    pub fn entries(&self, entries: &[Entry<'_>]) -> Oid {
        let mut raw = Vec::new();
        for (mode, name, id) in entries {
            raw.extend_from_slice(format!("{mode:o} ").as_bytes());
            raw.extend_from_slice(name);
            raw.push(0);
            raw.extend_from_slice(id.as_bytes());
        }
        self.make(|local| local.odb().unwrap().write(ObjectType::Tree, &raw).unwrap())
    }

    /// Commits a tree on top of what `main` is at here, and pushes it. Says the commit.
    pub async fn push(&self, subject: &str, tree: Oid) -> String {
        let commit = self.make(|local| {
            let above = local.refname_to_id("refs/heads/main").ok().map(|id| local.find_commit(id).unwrap());
            let author = Signature::now("Hanako Sato", "hanako@example.com").unwrap();
            let tree = local.find_tree(tree).unwrap();
            let above: Vec<_> = above.iter().collect();
            local.commit(Some("refs/heads/main"), &author, &author, subject, &tree, &above).unwrap()
        });
        self.publish("refs/heads/main", "refs/heads/main").await;
        commit.to_string()
    }

    /// A commit on top of what `main` is at here, whose object is written as it is given, but for tree and parent; `main` stays
    /// where it is here. Says the commit.
    pub async fn push_raw(&self, tree: Oid, rest: &str) -> String {
        let commit = self.make(|local| {
            let above = local.refname_to_id("refs/heads/main").unwrap();
            let raw = format!("tree {tree}\nparent {above}\n{rest}");
            local.odb().unwrap().write(ObjectType::Commit, raw.as_bytes()).unwrap().to_string()
        });
        self.publish(&commit, "refs/heads/main").await;
        commit
    }

    /// Takes `main` back to an earlier commit.
    pub async fn reset(&self, commit: &str) {
        self.make(|local| {
            local
                .reference("refs/heads/main", commit.parse().unwrap(), true, "back")
                .unwrap()
                .name()
                .map(str::to_owned)
                .unwrap()
        });
        self.publish("refs/heads/main", "refs/heads/main").await;
    }

    /// Puts a tag on a commit, also where it is on another one.
    pub async fn tag(&self, name: &str, commit: &str) {
        self.publish(commit, &format!("refs/tags/{name}")).await;
    }

    /// Git pushes it: libgit2 reads what is there, too, and not every commit is one that it can read.
    async fn publish(&self, what: &str, reference: &str) {
        let folder = self.make(|local| local.path().display().to_string());
        let login = format!("://{}:{}@", env("TENGINE_GIT_ADMIN"), env("TENGINE_GIT_PASSWORD"));
        let url = self.url().replacen("://", &login, 1);
        run("git", &["-C", &folder, "push", "--quiet", "--force", &url, &format!("{what}:{reference}")], "").await;
    }
}

impl Stage {
    /// Asks the Git host's API, as its administrator.
    pub async fn git_host(&self, method: Method, url: &str, body: &Value) -> Response {
        let request = self.http.request(method, url);
        let request = request.basic_auth(env("TENGINE_GIT_ADMIN"), Some(env("TENGINE_GIT_PASSWORD")));
        request.json(body).send().await.unwrap()
    }
}

/// The address in the Git host's API of a repository, or of what is in it.
fn address(repository: &str, what: &str) -> String {
    format!("{}/api/v1/repos/{}/{repository}{what}", env("TENGINE_GIT_URL"), env("TENGINE_GIT_ADMIN"))
}
