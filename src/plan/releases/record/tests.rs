//! What is written down of a release, and what stays.

use super::*;
use crate::api::v1alpha1::condition::Reason;

#[test]
fn findings_that_were_let_through_stay_below_the_cores_own_words() {
    let refusal = Verdict::Refused {
        reason: Reason::CoreFailed,
        message: "NoMethodError".into(),
        evidence: "undefined method `jbo'\n".into(),
    };
    let settled = |findings: Option<&str>| {
        let mut status = TengineReleaseStatus { evidence: findings.map(Into::into), ..TengineReleaseStatus::default() };
        settle(&mut status, &Rollout::default(), &refusal, Timestamp::UNIX_EPOCH);
        status.evidence.unwrap()
    };
    assert_eq!(settled(None), "undefined method `jbo'");
    assert_eq!(
        settled(Some("a.rb:1:1: error[unknown-word]\n")),
        "undefined method `jbo'\n\na.rb:1:1: error[unknown-word]"
    );
}
