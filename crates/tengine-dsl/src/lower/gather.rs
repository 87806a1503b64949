//! The parts of an expression that is not followed.

use super::{Lower, text};
use crate::syntax::{Expr, Kind};
use ruby_prism as prism;
use ruby_prism::{Location, Node, Visit};

/// Collects the parts of an expression that is not followed.
pub(super) struct Gather<'l> {
    pub(super) lower: &'l mut Lower,
    pub(super) out: Vec<Expr>,
}

macro_rules! gathered {
    ($($method:ident: $node:ident),* $(,)?) => {
        $(fn $method(&mut self, node: &prism::$node<'pr>) {
            let part = self.lower.expr(&node.as_node());
            self.out.push(part);
        })*
    };
}

impl<'pr> Visit<'pr> for Gather<'_> {
    gathered! {
        visit_call_node: CallNode,
        visit_if_node: IfNode,
        visit_unless_node: UnlessNode,
        visit_and_node: AndNode,
        visit_or_node: OrNode,
        visit_while_node: WhileNode,
        visit_until_node: UntilNode,
        visit_rescue_modifier_node: RescueModifierNode,
        visit_begin_node: BeginNode,
        visit_local_variable_write_node: LocalVariableWriteNode,
        visit_local_variable_target_node: LocalVariableTargetNode,
        visit_constant_write_node: ConstantWriteNode,
        visit_def_node: DefNode,
        visit_lambda_node: LambdaNode,
        visit_class_node: ClassNode,
        visit_module_node: ModuleNode,
        visit_singleton_class_node: SingletonClassNode,
        visit_return_node: ReturnNode,
        visit_next_node: NextNode,
        visit_break_node: BreakNode,
        visit_yield_node: YieldNode,
        visit_x_string_node: XStringNode,
        visit_statements_node: StatementsNode,
        visit_alias_method_node: AliasMethodNode,
    }

    fn visit_local_variable_operator_write_node(&mut self, node: &prism::LocalVariableOperatorWriteNode<'pr>) {
        self.assigned(node.name().as_slice(), &node.value(), &node.location());
    }

    fn visit_local_variable_or_write_node(&mut self, node: &prism::LocalVariableOrWriteNode<'pr>) {
        self.assigned(node.name().as_slice(), &node.value(), &node.location());
    }

    fn visit_local_variable_and_write_node(&mut self, node: &prism::LocalVariableAndWriteNode<'pr>) {
        self.assigned(node.name().as_slice(), &node.value(), &node.location());
    }

    // Patterns and constant paths nest to the left without limit and hold nothing that is followed.
    fn visit_alternation_pattern_node(&mut self, _: &prism::AlternationPatternNode<'pr>) {}

    fn visit_constant_path_node(&mut self, _: &prism::ConstantPathNode<'pr>) {}

    fn visit_constant_path_target_node(&mut self, _: &prism::ConstantPathTargetNode<'pr>) {}

    fn visit_rescue_node(&mut self, _: &prism::RescueNode<'pr>) {}
}

impl Gather<'_> {
    fn assigned(&mut self, name: &[u8], value: &Node<'_>, place: &Location<'_>) {
        let value = self.lower.expr(value);
        let span = self.lower.span(place);
        self.out.push(value);
        self.out.push(Expr { span, kind: Kind::Assigned(text(name)) });
    }
}
