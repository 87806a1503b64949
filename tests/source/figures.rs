//! How long it takes; printed, not judged: `cargo test --test source -- --ignored --nocapture figures`.

use std::time::Instant;

use super::repository::{FILE, FOLDER};
use super::server::GitServer;
use super::*;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints figures"]
async fn figures_of_a_definition_of_100_files() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let files: Vec<_> = (0..100).map(|number| (format!("job{number:03}.rb"), definition(number))).collect();
    let entries: Vec<_> =
        files.iter().map(|(name, text)| (FILE, name.as_bytes(), repo.blob(text.as_bytes()))).collect();
    let root = repo.tree(&[(FOLDER, b"dsl", repo.tree(&entries))]);
    repo.commit("refs/heads/main", "a hundred files", root);
    let remote = remote(&server.url("billing.git"));
    let worker = std::env::var_os("TENGINE_OPERATOR_BINARY").map_or_else(the_worker, Worker::at);
    let looker = looker();
    for round in 1..=5 {
        let start = Instant::now();
        let seen = look_within(&looker, &remote, &branch("main"), PATIENCE).await.unwrap();
        let resolved = start.elapsed();
        let place = Place { seen, path: at("dsl") };
        let packed = source::pack(
            &worker,
            &remote,
            (&place, looker.gives_by_name(&remote)),
            (CheckLevel::Error.into(), &Limits::default()),
            PATIENCE,
        )
        .await
        .unwrap();
        let both = start.elapsed();
        let size = packed.layer.size / 1024;
        println!("round {round}: resolve {resolved:.0?}, pack {:.0?}, layer {size} KiB", both.saturating_sub(resolved));
    }
}

fn definition(number: usize) -> String {
    let job = |job| format!("  job(\"job{job}\", \"$HOME/run.sh {number} {job}\")\n");
    let jobs: String = (0..40).map(job).collect();
    format!(
        "require 'tengine_job'\njobnet(\"net{number}\", \"Net {number}\", :server_name => \"s\") do\n  auto_sequence\n{jobs}end\n"
    )
}
