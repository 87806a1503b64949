//! Variables, read and assigned.

use super::{Lower, text};
use crate::syntax::Kind;
use ruby_prism::Node;

impl Lower {
    pub(super) fn variable(&mut self, node: &Node<'_>) -> Option<Kind> {
        Some(match node {
            Node::LocalVariableReadNode { .. } => {
                Kind::Local(text(node.as_local_variable_read_node()?.name().as_slice()))
            }
            Node::ItLocalVariableReadNode { .. } => Kind::Local("it".to_owned()),
            Node::LocalVariableWriteNode { .. } => {
                let write = node.as_local_variable_write_node()?;
                Kind::Assign(text(write.name().as_slice()), self.boxed(&write.value()))
            }
            Node::LocalVariableTargetNode { .. } => {
                Kind::Assigned(text(node.as_local_variable_target_node()?.name().as_slice()))
            }
            Node::GlobalVariableReadNode { .. } => {
                Kind::Global(text(node.as_global_variable_read_node()?.name().as_slice()))
            }
            Node::GlobalVariableWriteNode { .. } => {
                let write = node.as_global_variable_write_node()?;
                Kind::Outer(text(write.name().as_slice()), self.boxed(&write.value()))
            }
            Node::ClassVariableWriteNode { .. } => {
                let write = node.as_class_variable_write_node()?;
                Kind::Outer(text(write.name().as_slice()), self.boxed(&write.value()))
            }
            Node::InstanceVariableWriteNode { .. } => {
                let write = node.as_instance_variable_write_node()?;
                Kind::Outer(text(write.name().as_slice()), self.boxed(&write.value()))
            }
            Node::SplatNode { .. } => Kind::Splat(self.boxed(&node.as_splat_node()?.expression()?)),
            _ => return None,
        })
    }
}
