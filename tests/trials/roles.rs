//! The chart's roles, and those who have them: by role and by verb, who is let decide, and in whose name.

use crate::people::{decision, with};
use crate::stage::{SPACE, Stage};
use crate::subject::Subject;
use crate::users::User;
use serde_json::{Value, json};

/// All that can be decided.
const VERBS: [&str; 10] =
    ["RollBack", "Resume", "Retry", "Abort", "AcceptTag", "SwitchOver", "StartPhase", "Approve", "Reject", "Override"];
/// What the role `…-operate` gives.
const OPERATES: &[&str] = &["RollBack", "Resume", "Retry", "Abort", "AcceptTag", "SwitchOver", "StartPhase"];

/// Who decides, and who would like to.
pub struct Users {
    /// May operate, with a certificate.
    pub olga: User,
    /// May operate, with a token.
    pub night_watch: User,
    /// May look on, with a certificate.
    vera: User,
    /// May approve, with a certificate.
    anna: User,
    /// May override, with a token.
    breaker: User,
    /// Has Kubernetes' own role `edit`, with a token.
    editor: User,
    /// Has a role that somebody made for the roll-backs of this deployment alone, with a token.
    rescuer: User,
}

impl Users {
    pub async fn known(stage: &Stage) -> Self {
        let rules = json!([
            { "apiGroups": ["tengine.dev"], "resources": ["tengineactions"], "verbs": ["create"] },
            {
                "apiGroups": ["tengine.dev"], "resources": ["tenginedeployments/rollback"],
                "resourceNames": ["decisions"], "verbs": ["create"],
            },
        ]);
        let (kind, metadata) = ("Role", json!({ "name": "rescue" }));
        let role =
            json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "rules": rules });
        stage.apply(role).await;
        Self {
            olga: User::with_certificate("olga", &["release"]).await.may(stage, "operate").await,
            night_watch: User::with_token(stage, "night-watch").await.may(stage, "operate").await,
            vera: User::with_certificate("vera", &["release"]).await.may(stage, "view").await,
            anna: User::with_certificate("anna", &["release"]).await.may(stage, "approve").await,
            breaker: User::with_token(stage, "breaker").await.may(stage, "override").await,
            editor: User::with_token(stage, "editor").await.has(stage, "ClusterRole", "edit").await,
            rescuer: User::with_token(stage, "rescuer").await.has(stage, kind, "rescue").await,
        }
    }

    /// Every role and every verb; nothing is made of it.
    pub async fn by_role(&self, td: &Subject, commit: &str) {
        let Users { olga, night_watch, vera, anna, breaker, editor, rescuer } = self;
        for (who, may) in [
            (olga, OPERATES),
            (night_watch, OPERATES),
            (editor, OPERATES),
            (anna, &["Approve", "Reject"]),
            (breaker, &["Override"]),
            (rescuer, &["RollBack"]),
        ] {
            let told = who.would_create(&one_of_each(td, commit, &who.name)).await;
            for verb in VERBS {
                let word = verb.to_lowercase();
                let right =
                    format!("may not {verb} decisions: that takes the right to create tenginedeployments/{word}");
                let taken = told.contains(&format!("tengineaction.tengine.dev/{word}-"));
                assert_eq!(
                    (taken, told.contains(&right)),
                    (may.contains(&verb), !may.contains(&verb)),
                    "{verb}: {told}"
                );
            }
        }
        let elsewhere = decision("elsewhere", "RollBack", &rescuer.name, None);
        let told = rescuer.creates(&elsewhere).await.unwrap_err();
        assert!(told.contains("may not RollBack elsewhere"), "{told}");
        let told = vera.would_create(&one_of_each(td, commit, &vera.name)).await;
        assert_eq!(told.matches("cannot create resource \"tengineactions\"").count(), VERBS.len(), "{told}");
        let (done, told) = vera.kubectl(&["-n", SPACE, "get", "td,trel,tact", "-o", "name"], "").await;
        assert!(done && told.contains("tenginedeployment.tengine.dev/decisions"), "{told}");
        let edit = ["-n", SPACE, "annotate", "--dry-run=server", "td/decisions", "trials=vera"];
        let (done, told) = vera.kubectl(&edit, "").await;
        assert!(!done && told.contains("cannot patch resource \"tenginedeployments\""), "{told}");
    }

    /// Whatever they may: not in the name of somebody who may it, too.
    pub async fn forged(&self, td: &Subject, commit: &str) {
        let Users { olga, night_watch, .. } = self;
        let told = night_watch.would_create(&one_of_each(td, commit, &olga.name)).await;
        let refusal = format!("spec.by.user: you are \"{}\", not \"olga\"", night_watch.name);
        assert_eq!(told.matches(&refusal).count(), VERBS.len(), "{told}");
        let told = night_watch.creates(&decision(&td.name, "RollBack", "olga", None)).await.unwrap_err();
        assert!(told.contains(&refusal), "{told}");
    }
}

/// An action of each verb, named after it.
fn one_of_each(td: &Subject, commit: &str, by: &str) -> Vec<Value> {
    let action = |verb: &&str| {
        let mut action = decision(&td.name, verb, by, None);
        action["metadata"]["generateName"] = json!(format!("{}-", verb.to_lowercase()));
        let more = match *verb {
            "AcceptTag" => json!({ "tag": "v1.0", "commit": commit }),
            "StartPhase" => json!({ "phase": "SwitchOver" }),
            "Approve" | "Reject" => json!({ "release": "decisions-0001-0000000" }),
            "Override" => json!({ "release": "decisions-0001-0000000", "gate": "ops" }),
            _ => json!({}),
        };
        with(action, more)
    };
    VERBS.iter().map(action).collect()
}
