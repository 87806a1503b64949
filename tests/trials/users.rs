//! Users with credentials of their own, people and processes: who they are is proven to the API server, and by nobody else.

use crate::people::decision;
use crate::stage::{SPACE, Stage, attempt, run};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Somebody who can speak to the API server.
pub struct User {
    /// What the API server takes them for.
    pub name: String,
    /// Their kubeconfig is in it.
    folder: TempDir,
}

impl User {
    /// A person with a certificate that the cluster's own authority signs, as its administrator approves.
    pub async fn with_certificate(name: &str, groups: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key").display().to_string();
        let groups = groups.iter().fold(String::new(), |all, group| all + "/O=" + group);
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let subject = ["-keyout", &key, "-subj", &format!("{groups}/CN={name}")];
        let request = run("openssl", &[&["req", "-new"][..], &curve, &subject].concat(), "").await;
        let asked = format!("{SPACE}-{name}");
        remove("certificatesigningrequest", &asked).await;
        let object = json!({
            "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": { "name": asked },
            "spec": {
                "request": openssl_base64(&request).await, "signerName": "kubernetes.io/kube-apiserver-client",
                "usages": ["client auth"], "expirationSeconds": 3600,
            },
        });
        run("kubectl", &["create", "-f", "-"], &object.to_string()).await;
        run("kubectl", &["certificate", "approve", &asked], "").await;
        let signed = ["wait", &format!("csr/{asked}"), "--for=jsonpath={.status.certificate}", "--timeout=120s"];
        run("kubectl", &signed, "").await;
        let certificate = ["get", "csr", &asked, "-o", "jsonpath={.status.certificate}"];
        let certificate = run("kubectl", &certificate, "").await;
        remove("certificatesigningrequest", &asked).await;
        let key = openssl_base64(&tokio::fs::read_to_string(&key).await.unwrap()).await;
        Self::known(name, folder, json!({ "client-certificate-data": certificate, "client-key-data": key })).await
    }

    /// A process: a ServiceAccount of the stage's namespace, with a token of an hour.
    pub async fn with_token(stage: &Stage, account: &str) -> Self {
        let object = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": account } });
        stage.apply(object).await;
        let token = stage.kubectl(&["create", "token", account, "--duration=1h"]).await;
        let name = format!("system:serviceaccount:{SPACE}:{account}");
        Self::known(&name, tempfile::tempdir().unwrap(), json!({ "token": token.trim() })).await
    }

    async fn known(name: &str, folder: TempDir, credentials: Value) -> Self {
        let config = run("kubectl", &["config", "view", "--raw", "--minify", "-o", "json"], "").await;
        let mut config: Value = serde_json::from_str(&config).unwrap();
        config["users"][0]["user"] = credentials;
        tokio::fs::write(folder.path().join("config"), config.to_string()).await.unwrap();
        let user = Self { name: name.to_owned(), folder };
        let (done, told) = user.kubectl(&["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"], "").await;
        assert!(done && told == name, "the API server takes {name} for {told}");
        user
    }

    /// Has one of the chart's roles, in the stage's namespace.
    pub async fn may(self, stage: &Stage, role: &str) -> Self {
        self.has(stage, "ClusterRole", &format!("{SPACE}-tengine-operator-{role}")).await
    }

    /// Has this role, in the stage's namespace.
    pub async fn has(self, stage: &Stage, kind: &str, role: &str) -> Self {
        let group = "rbac.authorization.k8s.io";
        let name = format!("{}-has-{role}", self.name.rsplit(':').next().unwrap());
        let object = json!({
            "apiVersion": format!("{group}/v1"), "kind": "RoleBinding", "metadata": { "name": name },
            "roleRef": { "apiGroup": group, "kind": kind, "name": role },
            "subjects": [{ "apiGroup": group, "kind": "User", "name": self.name }],
        });
        stage.apply(object).await;
        self
    }

    /// Whether it is done, and what is printed.
    pub async fn kubectl(&self, args: &[&str], input: &str) -> (bool, String) {
        let config = format!("--kubeconfig={}", self.folder.path().join("config").display());
        attempt("kubectl", &[&[config.as_str()], args].concat(), input).await
    }

    /// Decides, in their own name.
    pub async fn decides(&self, deployment: &str, verb: &str, release: &str) -> Result<String, String> {
        self.creates(&self.decision(deployment, verb, release)).await
    }

    /// What they would decide, in their own name.
    pub fn decision(&self, deployment: &str, verb: &str, release: &str) -> Value {
        decision(deployment, verb, &self.name, Some(release))
    }

    /// Creates an action; its name, or what the API server says against it.
    pub async fn creates(&self, action: &Value) -> Result<String, String> {
        let (done, told) =
            self.kubectl(&["create", "-f", "-", "-o", "jsonpath={.metadata.name}"], &action.to_string()).await;
        if done { Ok(told) } else { Err(told) }
    }

    /// What the API server would say to each of these if they created it: the names of those that it would take, and its words on
    /// each of the others. None is made.
    pub async fn would_create(&self, actions: &[Value]) -> String {
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": actions });
        self.kubectl(&["create", "--dry-run=server", "-o", "name", "-f", "-"], &list.to_string()).await.1
    }
}

async fn remove(kind: &str, name: &str) {
    run("kubectl", &["delete", kind, name, "--ignore-not-found"], "").await;
}

async fn openssl_base64(text: &str) -> String {
    run("openssl", &["base64", "-A"], text).await
}
