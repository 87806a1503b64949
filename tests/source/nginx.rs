//! A real server in front of `git http-backend`, as many run it: nginx with Basic authentication, TLS and gzip, by way of fcgiwrap.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, TRANSFER_ENCODING};
use rstest::rstest;
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::repository::{DRIVER, Repo, noise};
use super::server::{PASSWORD, USERNAME};
use super::tls::{certificate, trusting};
use super::*;

/// Both programs, their configuration and the repositories; it all ends with the test.
struct Nginx {
    folder: TempDir,
    certificate: String,
    authority: String,
    programs: Vec<Child>,
}

/// Whether the server hands the version of the protocol that a client asks for on to Git (`GIT_PROTOCOL`): many do not.
#[derive(Clone, Copy, PartialEq)]
enum Protocol {
    Passed,
    NotPassed,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        for program in &mut self.programs {
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

impl Nginx {
    async fn start(scheme: &str, protocol: Protocol) -> Self {
        let folder = TempDir::new().unwrap();
        let (certificate, key) = certificate("IP:127.0.0.1");
        std::fs::write(folder.path().join("certificate.pem"), &certificate).unwrap();
        std::fs::write(folder.path().join("key.pem"), key).unwrap();
        std::fs::write(folder.path().join("users"), format!("{USERNAME}:{{PLAIN}}{PASSWORD}\n")).unwrap();
        let socket = format!("unix:{}", folder.path().join("fcgi").display());
        // One process: of several, the others outlive the first.
        let fcgiwrap = run("fcgiwrap", folder.path(), &["-c", "1", "-s", &socket]);
        let mut started = Self { folder, certificate, authority: String::new(), programs: vec![fcgiwrap] };
        while started.authority.is_empty() {
            started.try_port(scheme, protocol).await;
        }
        started
    }

    /// On a free port, which somebody else may take before nginx does.
    async fn try_port(&mut self, scheme: &str, protocol: Protocol) {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let configuration = configuration(self.folder.path(), &free.to_string(), scheme, protocol);
        std::fs::write(self.folder.path().join("nginx.conf"), configuration).unwrap();
        let folder = self.folder.path().to_str().unwrap();
        let mut nginx = run("nginx", self.folder.path(), &["-p", folder, "-c", "nginx.conf", "-e", "stderr"]);
        while nginx.try_wait().unwrap().is_none() {
            if TcpStream::connect(free).await.is_ok() {
                self.authority = free.to_string();
                self.programs.push(nginx);
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn repo(&self, name: &str) -> Repo {
        Repo::create(&self.folder.path().join("repositories").join(name))
    }

    fn remote(&self, scheme: &str, name: &str, password: Option<&str>) -> Remote {
        let url = format!("{scheme}://{}/{name}", self.authority);
        let access = trusting(&self.folder, &self.certificate);
        match password {
            Some(password) => Remote { access, ..remote_as(&url, USERNAME, password) },
            None => Remote { access, ..remote(&url) },
        }
    }
}

fn run(program: &str, folder: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command.spawn().unwrap_or_else(|error| panic!("{program}: {error}; install the package {program}"))
}

/// gzip for whoever asks for it, whatever the type and length; answers come in chunks, since Git does not say how long they are.
fn configuration(folder: &Path, address: &str, scheme: &str, protocol: Protocol) -> String {
    let folder = folder.display();
    let backend = Command::new("git").arg("--exec-path").output().unwrap().stdout;
    let backend = String::from_utf8(backend).unwrap();
    let tls = if scheme == "https" { " ssl" } else { "" };
    let passed = if protocol == Protocol::Passed { "fastcgi_param GIT_PROTOCOL $http_git_protocol;" } else { "" };
    let scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let scratch = scratch.map(|what| format!("{what}_temp_path {folder}/scratch-{what};")).join(" ");
    format!(
        "daemon off; master_process off; pid {folder}/nginx.pid; events {{ }}
        http {{
          access_log off; {scratch}
          gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;
          ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
          server {{
            listen {address}{tls};
            auth_basic git; auth_basic_user_file {folder}/users;
            location / {{
              fastcgi_pass unix:{folder}/fcgi;
              fastcgi_param SCRIPT_FILENAME {}/git-http-backend;
              fastcgi_param GIT_PROJECT_ROOT {folder}/repositories;
              fastcgi_param GIT_HTTP_EXPORT_ALL 1;
              fastcgi_param HOME {folder};
              fastcgi_param PATH_INFO $uri;
              fastcgi_param QUERY_STRING $query_string;
              fastcgi_param REQUEST_METHOD $request_method;
              fastcgi_param CONTENT_TYPE $content_type;
              fastcgi_param CONTENT_LENGTH $content_length;
              fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
              fastcgi_param REMOTE_USER $remote_user;
              {passed}
            }}
          }}
        }}",
        backend.trim()
    )
}

#[rstest]
#[case::http("http", Protocol::Passed)]
#[case::http_in_the_old_protocol("http", Protocol::NotPassed)]
#[case::https("https", Protocol::Passed)]
#[case::https_in_the_old_protocol("https", Protocol::NotPassed)]
#[tokio::test]
async fn a_repository_behind_nginx_is_read(#[case] scheme: &str, #[case] protocol: Protocol) {
    let nginx = Nginx::start(scheme, protocol).await;
    let repo = nginx.repo("billing.git");
    let old = repo.push(&[("a.rb", DRIVER)]);
    repo.push(&[("a.rb", DRIVER), ("noise", &noise(3 << 20))]);
    let ours = nginx.remote(scheme, "billing.git", Some(PASSWORD));
    let packed = pack(&ours, &branch("main"), "").await.unwrap();
    assert_eq!(packed.checked.unwrap().files, 1);
    assert!(packed.layer.size > 3 << 20, "{}", packed.layer.size);
    let seen = Seen::new("refs/heads/main", old.parse().unwrap());
    let packed = pack_seen(&ours, &seen, "", &Limits::default()).await.unwrap();
    assert!(packed.layer.size < 1 << 20, "the older commit has no noise: {}", packed.layer.size);

    let reason = async |remote: Remote| resolve(&remote, &branch("main")).await.unwrap_err().reason();
    assert_eq!(reason(nginx.remote(scheme, "billing.git", None)).await, "AuthenticationRequired");
    assert_eq!(reason(nginx.remote(scheme, "billing.git", Some("wrong"))).await, "AuthenticationFailed");
    assert_eq!(reason(nginx.remote(scheme, "nothing.git", Some(PASSWORD))).await, "RepositoryNotFound");
    assert_eq!(resolve(&ours, &branch("mian")).await.unwrap_err().reason(), "RefNotFound");
}

/// That the server is as it is meant to be: what would speak gzip gets gzip, in chunks.
#[tokio::test]
async fn nginx_compresses_for_whoever_asks_for_it() {
    let nginx = Nginx::start("http", Protocol::Passed).await;
    nginx.repo("billing.git").push(&[("a.rb", DRIVER)]);
    let url = format!("http://{}/billing.git/info/refs?service=git-upload-pack", nginx.authority);
    let request = reqwest::Client::new().get(url).basic_auth(USERNAME, Some(PASSWORD)).header(ACCEPT_ENCODING, "gzip");
    let answer = request.send().await.unwrap().error_for_status().unwrap();
    let told = |name| answer.headers().get(&name).map(|value| value.to_str().unwrap());
    assert_eq!((told(CONTENT_ENCODING), told(TRANSFER_ENCODING)), (Some("gzip"), Some("chunked")));
}
