//! `x += 1`, `x ||= 1`, `h[k] ||= 1`: written out, where what is written twice may be evaluated twice.

use super::{Lower, text};
use crate::source::Span;
use crate::syntax::{Call, Expr, Kind};
use ruby_prism as prism;
use ruby_prism::Node;

impl Lower {
    pub(super) fn update(&mut self, node: &Node<'_>) -> Option<Kind> {
        Some(match node {
            Node::LocalVariableOperatorWriteNode { .. } => {
                let write = node.as_local_variable_operator_write_node()?;
                let (name, value) = (text(write.name().as_slice()), self.expr(&write.value()));
                let read = at(value.span, Kind::Local(name.clone()));
                let operator = text(write.binary_operator().as_slice());
                Kind::Assign(name, Box::new(called(read, &operator, vec![value])))
            }
            Node::LocalVariableOrWriteNode { .. } => {
                let write = node.as_local_variable_or_write_node()?;
                let (name, value) = (text(write.name().as_slice()), self.expr(&write.value()));
                let (span, read) = (value.span, at(value.span, Kind::Local(name.clone())));
                Kind::Assign(name, Box::new(at(span, Kind::Or(Box::new([read, value])))))
            }
            Node::LocalVariableAndWriteNode { .. } => {
                let write = node.as_local_variable_and_write_node()?;
                let (name, value) = (text(write.name().as_slice()), self.expr(&write.value()));
                let (span, read) = (value.span, at(value.span, Kind::Local(name.clone())));
                Kind::Assign(name, Box::new(at(span, Kind::And(Box::new([read, value])))))
            }
            Node::IndexOrWriteNode { .. } => {
                let write = node.as_index_or_write_node()?;
                let [read, stored] = self.index(write.receiver(), write.arguments())?;
                let value = self.expr(&write.value());
                Kind::Or(Box::new([read, with(stored, value)]))
            }
            Node::IndexOperatorWriteNode { .. } => {
                let write = node.as_index_operator_write_node()?;
                let [read, stored] = self.index(write.receiver(), write.arguments())?;
                let operator = text(write.binary_operator().as_slice());
                let value = self.expr(&write.value());
                with(stored, called(read, &operator, vec![value])).kind
            }
            _ => return None,
        })
    }

    /// `receiver[index]` and `receiver[index] =`, if both are as plain as a name or a literal.
    fn index(&mut self, receiver: Option<Node<'_>>, arguments: Option<prism::ArgumentsNode<'_>>) -> Option<[Expr; 2]> {
        let (receiver, index) = (receiver?, arguments?.arguments());
        let plain = is_plain(&receiver) && index.iter().all(|index| is_plain(&index)) && index.iter().count() == 1;
        let mut one = |name: &str| plain.then(|| called(self.expr(&receiver), name, self.list(&index)));
        Some([one("[]")?, one("[]=")?])
    }
}

fn is_plain(node: &Node<'_>) -> bool {
    matches!(
        node,
        Node::LocalVariableReadNode { .. }
            | Node::ConstantReadNode { .. }
            | Node::StringNode { .. }
            | Node::SymbolNode { .. }
            | Node::IntegerNode { .. }
    )
}

fn at(span: Span, kind: Kind) -> Expr {
    Expr { span, kind }
}

fn called(receiver: Expr, name: &str, args: Vec<Expr>) -> Expr {
    let span = receiver.span;
    let call = Call {
        receiver: Some(receiver),
        name: name.to_owned(),
        name_span: span,
        args,
        safe: false,
        forwards: false,
        block: None,
    };
    at(span, Kind::Call(Box::new(call)))
}

fn with(mut stored: Expr, value: Expr) -> Expr {
    if let Kind::Call(call) = &mut stored.kind {
        call.args.push(value);
    }
    stored
}
