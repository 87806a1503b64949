//! From the parser's tree to ours.
//!
//! Descent stops at the depth limit; what lies deeper becomes an opaque expression and the file is marked.

mod constants;
mod definitions;
mod flow;
mod gather;
mod params;
mod updates;
mod variables;
mod versions;

pub use versions::Newer;

use super::limits;
use super::source::{Span, offset};
use super::syntax::{Block, BlockArg, Call, Ends, Expr, Kind};
use gather::Gather;
use ruby_prism as prism;
use ruby_prism::{Location, Node, NodeList, Visit};

/// Lowers the nodes of one file.
pub struct Lower {
    file: u32,
    depth: u32,
    /// Where the depth limit was met first.
    pub too_deep: Option<Span>,
    /// What not every Ruby has.
    pub newer: Vec<Newer>,
}

impl Lower {
    /// For the file with index `file`.
    pub fn new(file: u32) -> Self {
        Self { file, depth: 0, too_deep: None, newer: Vec::new() }
    }

    fn span(&self, place: &Location<'_>) -> Span {
        Span { file: self.file, start: offset(place.start() as usize), end: offset(place.end() as usize) }
    }

    /// Lowers one node.
    pub fn expr(&mut self, node: &Node<'_>) -> Expr {
        let span = self.span(&node.location());
        if self.depth >= limits::DEPTH {
            self.too_deep.get_or_insert(span);
            return Expr { span, kind: Kind::Other(Vec::new()) };
        }
        self.note_version(node, span);
        self.depth += 1;
        let kind = self.literal(node).or_else(|| self.flow(node)).unwrap_or_else(|| self.construct(node));
        self.depth -= 1;
        Expr { span, kind }
    }

    fn list(&mut self, nodes: &NodeList<'_>) -> Vec<Expr> {
        nodes.iter().map(|node| self.expr(&node)).collect()
    }

    fn boxed(&mut self, node: &Node<'_>) -> Box<Expr> {
        Box::new(self.expr(node))
    }

    fn optional(&mut self, node: Option<Node<'_>>, near: Span) -> Expr {
        node.map_or(Expr { span: near, kind: Kind::Nil }, |node| self.expr(&node))
    }

    fn literal(&mut self, node: &Node<'_>) -> Option<Kind> {
        Some(match node {
            Node::NilNode { .. } => Kind::Nil,
            Node::TrueNode { .. } => Kind::Bool(true),
            Node::FalseNode { .. } => Kind::Bool(false),
            Node::SelfNode { .. } => Kind::SelfRef,
            Node::IntegerNode { .. } => integer(node)?,
            // Bytes that are no text are a string that is not followed.
            Node::StringNode { .. } => valid(node.as_string_node()?.unescaped()).map_or(Kind::Other(vec![]), Kind::Str),
            Node::SymbolNode { .. } => valid(node.as_symbol_node()?.unescaped()).map_or(Kind::Other(vec![]), Kind::Sym),
            Node::InterpolatedStringNode { .. } => {
                Kind::Interpolated(self.list(&node.as_interpolated_string_node()?.parts()))
            }
            Node::InterpolatedSymbolNode { .. } => {
                Kind::InterpolatedSym(self.list(&node.as_interpolated_symbol_node()?.parts()))
            }
            Node::EmbeddedStatementsNode { .. } => {
                let near = self.span(&node.location());
                let inner = node.as_embedded_statements_node()?.statements();
                Kind::Sequence(vec![self.optional(inner.map(|inner| inner.as_node()), near)])
            }
            Node::XStringNode { .. } => Kind::Shell(Vec::new()),
            Node::InterpolatedXStringNode { .. } => {
                Kind::Shell(self.list(&node.as_interpolated_x_string_node()?.parts()))
            }
            Node::ArrayNode { .. } => Kind::Array(self.list(&node.as_array_node()?.elements())),
            Node::HashNode { .. } => Kind::Hash(self.pairs(&node.as_hash_node()?.elements())),
            Node::KeywordHashNode { .. } => Kind::Hash(self.pairs(&node.as_keyword_hash_node()?.elements())),
            Node::RangeNode { .. } => {
                let range = node.as_range_node()?;
                let ends = if range.is_exclude_end() { Ends::Exclusive } else { Ends::Inclusive };
                let (left, right) = (range.left()?, range.right()?);
                Kind::Range(self.boxed(&left), self.boxed(&right), ends)
            }
            _ => return None,
        })
    }

    fn pairs(&mut self, elements: &NodeList<'_>) -> Vec<(Expr, Expr)> {
        elements.iter().map(|element| self.pair(&element)).collect()
    }

    fn pair(&mut self, element: &Node<'_>) -> (Expr, Expr) {
        let span = self.span(&element.location());
        self.note_version(element, span);
        if let Some(pair) = element.as_assoc_node() {
            return (self.expr(&pair.key()), self.expr(&pair.value()));
        }
        let inner = element.as_assoc_splat_node().and_then(|splat| splat.value());
        let inner = self.optional(inner, span);
        (Expr { span, kind: Kind::DoubleSplat(Box::new(inner)) }, Expr { span, kind: Kind::Nil })
    }

    fn construct(&mut self, node: &Node<'_>) -> Kind {
        let known = self.definition(node).or_else(|| self.variable(node)).or_else(|| self.constant(node));
        known.or_else(|| self.update(node)).unwrap_or_else(|| {
            let mut gather = Gather { lower: self, out: Vec::new() };
            gather.visit(node);
            Kind::Other(gather.out)
        })
    }

    fn call(&mut self, call: &prism::CallNode<'_>) -> Kind {
        let near = self.span(&call.location());
        let receiver = call.receiver().map(|receiver| self.expr(&receiver));
        let (args, forwards) = self.arguments(call.arguments());
        let name_span = call.message_loc().map_or(near, |place| self.span(&place));
        let block = call.block().map(|block| self.block(&block, near));
        Kind::Call(Box::new(Call {
            receiver,
            name: text(call.name().as_slice()),
            name_span,
            args,
            safe: call.is_safe_navigation(),
            forwards,
            block,
        }))
    }

    fn arguments(&mut self, arguments: Option<prism::ArgumentsNode<'_>>) -> (Vec<Expr>, bool) {
        let Some(arguments) = arguments else { return (Vec::new(), false) };
        let nodes = arguments.arguments();
        let forwards = nodes.iter().any(|node| node.as_forwarding_arguments_node().is_some());
        (self.list(&nodes), forwards)
    }

    fn block(&mut self, node: &Node<'_>, near: Span) -> BlockArg {
        if let Some(block) = node.as_block_node() {
            let span = self.span(&block.location());
            block.parameters().iter().for_each(|params| self.note_version(params, span));
            let params = self.block_params(block.parameters());
            return BlockArg::Literal(Block { params, body: self.optional(block.body(), span), span });
        }
        self.note_version(node, near);
        let passed = node.as_block_argument_node().and_then(|block| block.expression());
        let unnamed = Expr { span: near, kind: Kind::Other(Vec::new()) };
        BlockArg::Passed(passed.map_or(unnamed, |expression| self.expr(&expression)))
    }
}

fn integer(node: &Node<'_>) -> Option<Kind> {
    let value: Result<i32, ()> = node.as_integer_node()?.value().try_into();
    value.ok().map(|value| Kind::Int(i64::from(value)))
}

fn valid(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
