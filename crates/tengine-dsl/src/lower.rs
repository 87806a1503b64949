//! From the parser's tree to ours.
//!
//! Descent stops at the depth limit; what lies deeper becomes an opaque expression and the file is marked.

mod gather;
mod params;
mod updates;
mod variables;
mod versions;

pub use versions::Newer;

use super::limits;
use super::source::{Span, offset};
use super::syntax::{Block, BlockArg, Call, Def, Ends, Expr, Kind, Module};
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

    fn flow(&mut self, node: &Node<'_>) -> Option<Kind> {
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

    fn begin(&mut self, node: &prism::BeginNode<'_>, near: Span) -> Kind {
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

    fn construct(&mut self, node: &Node<'_>) -> Kind {
        self.definition(node).or_else(|| self.variable(node)).or_else(|| self.update(node)).unwrap_or_else(|| {
            let mut gather = Gather { lower: self, out: Vec::new() };
            gather.visit(node);
            Kind::Other(gather.out)
        })
    }

    fn definition(&mut self, node: &Node<'_>) -> Option<Kind> {
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
            Node::LambdaNode { .. } => {
                let lambda = node.as_lambda_node()?;
                let params = self.block_params(lambda.parameters());
                Kind::Lambda(Box::new(Block { params, body: self.optional(lambda.body(), near), span: near }))
            }
            _ => return None,
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

/// A keyword that is a method under another name.
fn keyword_call(name: &str, near: Span, args: Vec<Expr>) -> Kind {
    let (safe, forwards, block) = (false, false, None);
    Kind::Call(Box::new(Call { receiver: None, name: name.to_owned(), name_span: near, args, safe, forwards, block }))
}

/// Code that runs out of sight, as a call of something that is not known.
fn hidden(name: &str, near: Span, args: Vec<Expr>, forwards: bool, block: Option<BlockArg>) -> Kind {
    let receiver = Some(Expr { span: near, kind: Kind::Other(Vec::new()) });
    Kind::Call(Box::new(Call { receiver, name: name.to_owned(), name_span: near, args, safe: false, forwards, block }))
}

fn integer(node: &Node<'_>) -> Option<Kind> {
    let value: Result<i32, ()> = node.as_integer_node()?.value().try_into();
    value.ok().map(|value| Kind::Int(i64::from(value)))
}

/// `A::B` for a path of plain constants; never recurses.
fn constant_path(node: &Node<'_>) -> Option<String> {
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

fn valid(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
