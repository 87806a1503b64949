//! Parameters of methods and blocks.

use super::{Lower, text};
use crate::syntax::Params;
use ruby_prism as prism;
use ruby_prism::Node;

impl Lower {
    pub(super) fn block_params(&mut self, node: Option<Node<'_>>) -> Params {
        let Some(node) = node else { return Params::default() };
        if let Some(params) = node.as_block_parameters_node() {
            let mut lowered = self.params(params.parameters());
            // `|x; y|`: a variable of the block's own that hides one around it.
            lowered.complex |= !params.locals().is_empty();
            return lowered;
        }
        if let Some(numbered) = node.as_numbered_parameters_node() {
            let required = (1..=numbered.maximum()).map(|n| format!("_{n}")).collect();
            return Params { required, ..Params::default() };
        }
        Params { required: vec!["it".to_owned()], ..Params::default() }
    }

    pub(super) fn params(&mut self, node: Option<prism::ParametersNode<'_>>) -> Params {
        let Some(node) = node else { return Params::default() };
        let mut params = Params::default();
        for required in &node.requireds() {
            match required.as_required_parameter_node() {
                Some(required) => params.required.push(text(required.name().as_slice())),
                None => params.complex = true,
            }
        }
        for optional in &node.optionals() {
            if let Some(optional) = optional.as_optional_parameter_node() {
                params.optional.push((text(optional.name().as_slice()), self.expr(&optional.value())));
            }
        }
        if let Some(rest) = node.rest() {
            match rest.as_rest_parameter_node().and_then(|rest| rest.name()) {
                Some(name) => params.rest = Some(text(name.as_slice())),
                None => params.complex = true,
            }
        }
        params.block =
            node.block().and_then(|block| block.as_block_parameter_node()?.name()).map(|n| text(n.as_slice()));
        let plain = node.posts().is_empty() && node.keywords().is_empty() && node.keyword_rest().is_none();
        params.complex |= !plain;
        let only = node.posts().is_empty() && node.rest().is_none() && params.optional.is_empty();
        params.takes_keywords = only && !node.keywords().is_empty() && node.keyword_rest().is_none();
        let required = node.keywords().iter().filter_map(|keyword| keyword.as_required_keyword_parameter_node());
        params.keywords = required.map(|keyword| text(keyword.name().as_slice())).collect();
        params
    }
}
