//! Methods, classes, modules, lambdas, and keywords that are calls.

use super::{Lower, text};
use crate::source::Span;
use crate::syntax::{Block, BlockArg, Call, Def, Expr, Kind, Module};
use ruby_prism::Node;

impl Lower {
    pub(super) fn definition(&mut self, node: &Node<'_>) -> Option<Kind> {
        let near = self.span(&node.location());
        Some(match node {
            Node::CallNode { .. } => self.call(&node.as_call_node()?),
            Node::SuperNode { .. } => {
                let above = node.as_super_node()?;
                let (args, forwards) = self.arguments(above.arguments());
                let block = above.block().map(|block| self.block(&block, near));
                hidden("super", near, args, forwards, block)
            }
            Node::ForwardingSuperNode { .. } => {
                let block = node.as_forwarding_super_node()?.block();
                let block = block.map(|block| self.block(&block.as_node(), near));
                hidden("super", near, Vec::new(), true, block)
            }
            Node::PreExecutionNode { .. } => hidden("BEGIN", near, Vec::new(), true, None),
            Node::AliasMethodNode { .. } => {
                let alias = node.as_alias_method_node()?;
                let names = vec![self.expr(&alias.new_name()), self.expr(&alias.old_name())];
                keyword_call("alias_method", near, names)
            }
            Node::UndefNode { .. } => {
                let names = self.list(&node.as_undef_node()?.names());
                keyword_call("undef_method", near, names)
            }
            Node::DefNode { .. } => {
                let def = node.as_def_node()?;
                Kind::Def(Box::new(Def {
                    name: text(def.name().as_slice()),
                    on_self: def.receiver().is_some(),
                    params: self.params(def.parameters()),
                    body: self.optional(def.body(), near),
                }))
            }
            Node::LambdaNode { .. } => {
                let lambda = node.as_lambda_node()?;
                let params = self.block_params(lambda.parameters());
                Kind::Lambda(Box::new(Block { params, body: self.optional(lambda.body(), near), span: near }))
            }
            _ => return self.module(node, near),
        })
    }

    fn module(&mut self, node: &Node<'_>, near: Span) -> Option<Kind> {
        Some(match node {
            Node::ClassNode { .. } => {
                let class = node.as_class_node()?;
                let superclass = class.superclass().map(|superclass| self.expr(&superclass));
                let body = self.optional(class.body(), near);
                Kind::Module(Box::new(Module {
                    name: constant_path(&class.constant_path()),
                    class: true,
                    superclass,
                    body,
                }))
            }
            Node::ModuleNode { .. } => {
                let module = node.as_module_node()?;
                let body = self.optional(module.body(), near);
                Kind::Module(Box::new(Module {
                    name: constant_path(&module.constant_path()),
                    class: false,
                    superclass: None,
                    body,
                }))
            }
            Node::SingletonClassNode { .. } => {
                let body = self.optional(node.as_singleton_class_node()?.body(), near);
                Kind::Module(Box::new(Module { name: None, class: true, superclass: None, body }))
            }
            _ => return None,
        })
    }
}

/// A keyword that is a method under another name.
pub(super) fn keyword_call(name: &str, near: Span, args: Vec<Expr>) -> Kind {
    let (safe, forwards, block) = (false, false, None);
    Kind::Call(Box::new(Call { receiver: None, name: name.to_owned(), name_span: near, args, safe, forwards, block }))
}

/// Code that runs out of sight, as a call of something that is not known.
pub(super) fn hidden(name: &str, near: Span, args: Vec<Expr>, forwards: bool, block: Option<BlockArg>) -> Kind {
    let receiver = Some(Expr { span: near, kind: Kind::Other(Vec::new()) });
    Kind::Call(Box::new(Call { receiver, name: name.to_owned(), name_span: near, args, safe: false, forwards, block }))
}

/// `A::B` for a path of plain constants; never recurses.
pub(super) fn constant_path(node: &Node<'_>) -> Option<String> {
    let mut parts = Vec::new();
    let mut current = match node.as_constant_read_node() {
        Some(read) => return Some(text(read.name().as_slice())),
        None => node.as_constant_path_node()?,
    };
    loop {
        parts.push(text(current.name()?.as_slice()));
        let Some(parent) = current.parent() else { break };
        if let Some(read) = parent.as_constant_read_node() {
            parts.push(text(read.name().as_slice()));
            break;
        }
        current = parent.as_constant_path_node()?;
    }
    parts.reverse();
    Some(parts.join("::"))
}
