//! Constants, read and assigned.

use super::definitions::constant_path;
use super::{Lower, text};
use crate::syntax::{Expr, Kind};
use ruby_prism::Node;

impl Lower {
    pub(super) fn constant(&mut self, node: &Node<'_>) -> Option<Kind> {
        Some(match node {
            Node::ConstantReadNode { .. } | Node::ConstantPathNode { .. } => {
                constant_path(node).map_or_else(|| Kind::Other(Vec::new()), Kind::Const)
            }
            Node::ConstantWriteNode { .. } => {
                let write = node.as_constant_write_node()?;
                Kind::ConstAssign(text(write.name().as_slice()), self.boxed(&write.value()))
            }
            Node::ConstantOrWriteNode { .. } => {
                let write = node.as_constant_or_write_node()?;
                self.unclear_constant(write.name().as_slice(), &write.value())
            }
            Node::ConstantAndWriteNode { .. } => {
                let write = node.as_constant_and_write_node()?;
                self.unclear_constant(write.name().as_slice(), &write.value())
            }
            Node::ConstantOperatorWriteNode { .. } => {
                let write = node.as_constant_operator_write_node()?;
                self.unclear_constant(write.name().as_slice(), &write.value())
            }
            Node::ConstantTargetNode { .. } => {
                let near = self.span(&node.location());
                let unclear = Expr { span: near, kind: Kind::Other(Vec::new()) };
                Kind::ConstAssign(text(node.as_constant_target_node()?.name().as_slice()), Box::new(unclear))
            }
            Node::ConstantPathWriteNode { .. } => {
                let write = node.as_constant_path_write_node()?;
                self.unclear_constant(write.target().name()?.as_slice(), &write.value())
            }
            Node::ConstantPathOrWriteNode { .. } => {
                let write = node.as_constant_path_or_write_node()?;
                self.unclear_constant(write.target().name()?.as_slice(), &write.value())
            }
            Node::ConstantPathAndWriteNode { .. } => {
                let write = node.as_constant_path_and_write_node()?;
                self.unclear_constant(write.target().name()?.as_slice(), &write.value())
            }
            Node::ConstantPathOperatorWriteNode { .. } => {
                let write = node.as_constant_path_operator_write_node()?;
                self.unclear_constant(write.target().name()?.as_slice(), &write.value())
            }
            Node::ConstantPathTargetNode { .. } => {
                let near = self.span(&node.location());
                let unclear = Expr { span: near, kind: Kind::Other(Vec::new()) };
                Kind::ConstAssign(text(node.as_constant_path_target_node()?.name()?.as_slice()), Box::new(unclear))
            }
            _ => return None,
        })
    }

    /// A constant that gets a value which is not followed.
    fn unclear_constant(&mut self, name: &[u8], value: &Node<'_>) -> Kind {
        let value = self.expr(value);
        let unclear = Expr { span: value.span, kind: Kind::Other(vec![value]) };
        Kind::ConstAssign(text(name), Box::new(unclear))
    }
}
