//! Statements, branches, loops, and what leaves them.

use super::Lower;
use crate::source::Span;
use crate::syntax::Kind;
use ruby_prism as prism;
use ruby_prism::Node;

impl Lower {
    pub(super) fn flow(&mut self, node: &Node<'_>) -> Option<Kind> {
        let near = self.span(&node.location());
        Some(match node {
            Node::ProgramNode { .. } => {
                Kind::Sequence(vec![self.expr(&node.as_program_node()?.statements().as_node())])
            }
            Node::StatementsNode { .. } => Kind::Sequence(self.list(&node.as_statements_node()?.body())),
            Node::ParenthesesNode { .. } => {
                Kind::Sequence(vec![self.optional(node.as_parentheses_node()?.body(), near)])
            }
            Node::ElseNode { .. } => {
                let body = node.as_else_node()?.statements();
                Kind::Sequence(vec![self.optional(body.map(|body| body.as_node()), near)])
            }
            Node::IfNode { .. } => {
                let branch = node.as_if_node()?;
                let condition = self.expr(&branch.predicate());
                let then = self.optional(branch.statements().map(|body| body.as_node()), near);
                let otherwise = self.optional(branch.subsequent(), near);
                Kind::If(Box::new([condition, then, otherwise]))
            }
            Node::UnlessNode { .. } => {
                let branch = node.as_unless_node()?;
                let condition = self.expr(&branch.predicate());
                let then = self.optional(branch.statements().map(|body| body.as_node()), near);
                let otherwise = self.optional(branch.else_clause().map(|body| body.as_node()), near);
                Kind::If(Box::new([condition, otherwise, then]))
            }
            Node::AndNode { .. } => {
                let both = node.as_and_node()?;
                Kind::And(Box::new([self.expr(&both.left()), self.expr(&both.right())]))
            }
            Node::OrNode { .. } => {
                let both = node.as_or_node()?;
                Kind::Or(Box::new([self.expr(&both.left()), self.expr(&both.right())]))
            }
            Node::BeginNode { .. } => self.begin(&node.as_begin_node()?, near),
            Node::RescueModifierNode { .. } => {
                let rescue = node.as_rescue_modifier_node()?;
                Kind::Other(vec![self.expr(&rescue.expression()), self.expr(&rescue.rescue_expression())])
            }
            _ => return self.repeated_or_left(node, near),
        })
    }

    /// Loops, and what leaves them, a block or a method.
    fn repeated_or_left(&mut self, node: &Node<'_>, near: Span) -> Option<Kind> {
        Some(match node {
            Node::WhileNode { .. } => {
                let repeat = node.as_while_node()?;
                let body = self.optional(repeat.statements().map(|body| body.as_node()), near);
                Kind::Other(vec![self.expr(&repeat.predicate()), body])
            }
            Node::UntilNode { .. } => {
                let repeat = node.as_until_node()?;
                let body = self.optional(repeat.statements().map(|body| body.as_node()), near);
                Kind::Other(vec![self.expr(&repeat.predicate()), body])
            }
            Node::YieldNode { .. } => Kind::Yield(self.arguments(node.as_yield_node()?.arguments()).0),
            Node::NextNode { .. } => Kind::Next(self.arguments(node.as_next_node()?.arguments()).0),
            Node::BreakNode { .. } => Kind::Leave(self.arguments(node.as_break_node()?.arguments()).0),
            Node::ReturnNode { .. } => Kind::Leave(self.arguments(node.as_return_node()?.arguments()).0),
            Node::RedoNode { .. } | Node::RetryNode { .. } => Kind::Leave(Vec::new()),
            _ => return None,
        })
    }

    pub(super) fn begin(&mut self, node: &prism::BeginNode<'_>, near: Span) -> Kind {
        let body = self.optional(node.statements().map(|body| body.as_node()), near);
        let mut parts = vec![body];
        let mut clause = node.rescue_clause();
        let rescued = clause.is_some();
        while let Some(rescue) = clause {
            parts.push(self.optional(rescue.statements().map(|body| body.as_node()), near));
            clause = rescue.subsequent();
        }
        if let Some(otherwise) = node.else_clause() {
            parts.push(self.expr(&otherwise.as_node()));
        }
        // Its value is not that of `ensure`, which is run whatever happens.
        let ensured = node.ensure_clause().is_some();
        if let Some(ensure) = node.ensure_clause() {
            parts.push(self.optional(ensure.statements().map(|body| body.as_node()), near));
        }
        if rescued || ensured { Kind::Other(parts) } else { Kind::Sequence(parts) }
    }
}
