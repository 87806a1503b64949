//! The parts of an expression that is not followed.

use super::Lower;
use crate::syntax::Expr;
use ruby_prism as prism;
use ruby_prism::Visit;

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
        visit_local_variable_read_node: LocalVariableReadNode,
        visit_it_local_variable_read_node: ItLocalVariableReadNode,
        visit_constant_read_node: ConstantReadNode,
        visit_constant_path_node: ConstantPathNode,
        visit_local_variable_write_node: LocalVariableWriteNode,
        visit_local_variable_operator_write_node: LocalVariableOperatorWriteNode,
        visit_local_variable_or_write_node: LocalVariableOrWriteNode,
        visit_local_variable_and_write_node: LocalVariableAndWriteNode,
        visit_index_or_write_node: IndexOrWriteNode,
        visit_index_operator_write_node: IndexOperatorWriteNode,
        visit_local_variable_target_node: LocalVariableTargetNode,
        visit_constant_write_node: ConstantWriteNode,
        visit_constant_or_write_node: ConstantOrWriteNode,
        visit_constant_and_write_node: ConstantAndWriteNode,
        visit_constant_operator_write_node: ConstantOperatorWriteNode,
        visit_constant_target_node: ConstantTargetNode,
        visit_constant_path_write_node: ConstantPathWriteNode,
        visit_constant_path_or_write_node: ConstantPathOrWriteNode,
        visit_constant_path_and_write_node: ConstantPathAndWriteNode,
        visit_constant_path_operator_write_node: ConstantPathOperatorWriteNode,
        visit_constant_path_target_node: ConstantPathTargetNode,
        visit_super_node: SuperNode,
        visit_forwarding_super_node: ForwardingSuperNode,
        visit_pre_execution_node: PreExecutionNode,
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

    // Patterns nest to the left without limit and hold nothing that is followed.
    fn visit_alternation_pattern_node(&mut self, _: &prism::AlternationPatternNode<'pr>) {}

    fn visit_rescue_node(&mut self, _: &prism::RescueNode<'pr>) {}
}
