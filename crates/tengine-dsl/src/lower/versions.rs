//! Which Ruby has what is written.

use super::Lower;
use crate::source::{RubyVersion, Span};
use ruby_prism::Node;

/// Something that Ruby has only from a version on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newer {
    /// Where it stands.
    pub span: Span,
    /// The first version that has it.
    pub since: RubyVersion,
    /// What it is.
    pub what: &'static str,
}

impl Lower {
    /// Notes what this node itself needs.
    pub(super) fn note_version(&mut self, node: &Node<'_>, span: Span) {
        let Some((major, minor, what)) = needed(node) else { return };
        self.newer.push(Newer { span, since: RubyVersion { major, minor }, what });
    }
}

fn needed(node: &Node<'_>) -> Option<(u8, u8, &'static str)> {
    Some(match node {
        Node::SplatNode { .. } if node.as_splat_node()?.expression().is_none() => (3, 2, "arguments passed on as *"),
        Node::AssocSplatNode { .. } if node.as_assoc_splat_node()?.value().is_none() => {
            (3, 2, "arguments passed on as **")
        }
        Node::AssocNode { .. } if node.as_assoc_node()?.value().as_implicit_node().is_some() => {
            (3, 1, "a hash's value left out")
        }
        Node::BlockArgumentNode { .. } if node.as_block_argument_node()?.expression().is_none() => {
            (3, 1, "a block passed on as &")
        }
        Node::DefNode { .. } if node.as_def_node()?.equal_loc().is_some() => (3, 0, "a method defined by ="),
        Node::CaseMatchNode { .. } => (2, 7, "case … in"),
        Node::NumberedParametersNode { .. } => (2, 7, "parameters called _1"),
        Node::CallNode { .. } if node.as_call_node()?.is_safe_navigation() => (2, 3, "&."),
        _ => return None,
    })
}
