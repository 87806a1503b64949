//! Pushes, and hears what the host has to say of it.

use std::cell::RefCell;

use git2::{ErrorCode, PushOptions};

use super::classify::in_its_words;
use super::host::{Host, Incidents};
use crate::source::SourceError;
use crate::source::pass_on::PassFault;

/// The longest text of a host's that is passed on, in characters.
const LONGEST: usize = 300;

impl Host<'_> {
    /// Pushes by these refspecs, none of which forces anything. The host has all of it, or the first that it does not take is told.
    pub(super) fn push(&self, refspecs: &[String]) -> Result<(), PassFault> {
        let incidents = Incidents::default();
        let (refused, said) = (RefCell::new(None), RefCell::new(String::new()));
        let pushed = self.repository.remote_anonymous(self.remote.url.as_ref()).and_then(|mut remote| {
            let mut callbacks = self.callbacks(&incidents);
            callbacks.push_update_reference(|name, status| {
                if let Some(status) = status {
                    refused.borrow_mut().get_or_insert_with(|| (name.to_owned(), status.to_owned()));
                }
                Ok(())
            });
            callbacks.sideband_progress(|words| {
                said.borrow_mut().push_str(&String::from_utf8_lossy(words));
                true
            });
            let mut options = PushOptions::new();
            options.remote_callbacks(callbacks);
            remote.push(refspecs, Some(&mut options))
        });
        if let Some((name, status)) = refused.into_inner() {
            let words = words([&said.into_inner(), &status].map(|text| in_its_words(text, self.remote)));
            return Err(PassFault::Refused { what: called(&name), words });
        }
        pushed.map_err(|error| match error.code() {
            ErrorCode::NotFastForward => PassFault::Raced,
            _ => match self.means(&error) {
                SourceError::AccessDenied { .. } => {
                    let names: Vec<String> =
                        refspecs.iter().filter_map(|spec| Some(called(spec.split_once(':')?.1))).collect();
                    PassFault::Refused { what: names.join(" and "), words: "these credentials may not push".to_owned() }
                }
                error => PassFault::Source(error),
            },
        })
    }
}

/// A reference as people call it.
fn called(name: &str) -> String {
    let branch = name.strip_prefix("refs/heads/").map(|branch| format!("branch {branch}"));
    branch
        .or_else(|| name.strip_prefix("refs/tags/").map(|tag| format!("tag {tag}")))
        .unwrap_or_else(|| name.to_owned())
}

/// What a hook wrote says more than the status, which is told as well.
fn words(both: [String; 2]) -> String {
    let both: Vec<String> = both.into_iter().filter(|text| !text.is_empty()).collect();
    both.join("; ").chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_hook_come_before_those_of_git() {
        let both = |said: &str, status: &str| words([said.to_owned(), status.to_owned()]);
        assert_eq!(both("Ask Hanako", "pre-receive hook declined"), "Ask Hanako; pre-receive hook declined");
        assert_eq!(both("", "hook declined"), "hook declined");
        assert_eq!(called("refs/heads/a/b"), "branch a/b");
        assert_eq!(called("refs/tags/v1"), "tag v1");
    }
}
