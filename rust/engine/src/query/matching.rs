//! A parsed filter, and the walk that asks it about a document.

use std::borrow::Cow;

use mongolane_bson::{Document, Value};

use super::parse;
use super::predicate::{self, Predicate};
use crate::collation::Collation;
use crate::expression::{Expression, Variables};
use crate::geo::{Geo, Near};
use crate::path::{self, Leaf, Path, Source};
use crate::{Error, Result};

/// A filter, parsed once and asked about many documents.
#[derive(Clone, Debug)]
pub struct Matcher {
    root: Node,
    variables: Variables,
}

/// One node of a filter.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Constant(bool),
    Expr(Box<Expression>),
    Field(Path, Predicate),
    /// `$elemMatch` with a filter: an element of the array that meets it.
    Element(Path, Box<Node>),
}

/// What a document's meeting a filter left behind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Match {
    /// Where in the first array the filter met its element: the `$` of
    /// positional updates and projections.
    pub position: Option<usize>,
}

impl Node {
    fn under(self, collation: &Collation) -> Self {
        let all = |nodes: Vec<Self>| nodes.into_iter().map(|n| n.under(collation)).collect();
        match self {
            Self::And(nodes) => Self::And(all(nodes)),
            Self::Or(nodes) => Self::Or(all(nodes)),
            Self::Not(inner) => Self::Not(Box::new(inner.under(collation))),
            Self::Element(path, inner) => Self::Element(path, Box::new(inner.under(collation))),
            Self::Field(path, predicate) => Self::Field(path, predicate.under(collation)),
            other => other,
        }
    }
}

struct Walk<'a> {
    source: &'a dyn Source,
    variables: &'a Variables,
    position: Option<usize>,
    failed: Option<Error>,
}

impl Matcher {
    /// Parses a filter; whatever it doesn't know is refused.
    pub fn parse(filter: &Document) -> Result<Self> {
        Self::parse_with(filter, Variables::default())
    }

    /// The same, with a command's `let` for `$expr`.
    pub fn parse_with(filter: &Document, variables: Variables) -> Result<Self> {
        let root = parse::filter(filter)?;
        if nears(&root) > usize::from(near(&root).is_some()) {
            return Err(Error::new(2, "geo $near must be top-level expr"));
        }
        let matcher = Self { root, variables };
        Ok(match matcher.variables.collation().cloned() {
            Some(collation) => matcher.folded(&collation),
            None => matcher,
        })
    }

    /// The same filter under a command's collation, if it has one; for filters
    /// that were parsed without.
    #[must_use]
    pub fn under(&self, collation: Option<&Collation>) -> Cow<'_, Self> {
        match collation {
            None => Cow::Borrowed(self),
            Some(collation) => Cow::Owned(self.clone().folded(collation)),
        }
    }

    fn folded(self, collation: &Collation) -> Self {
        Self {
            root: self.root.under(collation),
            variables: self.variables.under(Some(collation.clone())),
        }
    }

    /// Whether the document meets the filter.
    pub fn matches(&self, document: &Document) -> Result<bool> {
        Ok(self.find(document)?.is_some())
    }

    /// As `matches`, with variables other than the filter's own.
    pub fn matches_with(&self, source: &dyn Source, variables: &Variables) -> Result<bool> {
        Ok(self.run(source, variables)?.is_some())
    }

    /// As `matches`, for any source, and with what the positional operator
    /// needs to know.
    pub fn find(&self, source: &dyn Source) -> Result<Option<Match>> {
        self.run(source, &self.variables)
    }

    /// The filter's own variables.
    #[must_use]
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Whether every document meets it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.root, Node::And(nodes) if nodes.is_empty())
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// The `$near` that gives the result its order.
    pub(crate) fn near(&self) -> Option<(&Path, &Near)> {
        near(&self.root)
    }

    fn run(&self, source: &dyn Source, variables: &Variables) -> Result<Option<Match>> {
        let mut walk = Walk {
            source,
            variables,
            position: None,
            failed: None,
        };
        let met = walk.node(&self.root);
        match walk.failed {
            Some(error) => Err(error),
            None => Ok(met.then_some(Match {
                position: walk.position,
            })),
        }
    }
}

impl Walk<'_> {
    fn node(&mut self, node: &Node) -> bool {
        match node {
            Node::And(nodes) => nodes.iter().all(|n| self.node(n)),
            Node::Or(nodes) => nodes.iter().any(|n| self.node(n)),
            Node::Not(inner) => self.negated(inner),
            Node::Constant(answer) => *answer,
            Node::Expr(expression) => self.expression(expression),
            Node::Field(path, predicate) => self.field(path, predicate),
            Node::Element(path, inner) => self.element(path, inner),
        }
    }

    /// What a negated part met is nobody's position.
    fn negated(&mut self, inner: &Node) -> bool {
        let before = self.position;
        let met = self.node(inner);
        self.position = before;
        !met
    }

    fn expression(&mut self, expression: &Expression) -> bool {
        match expression.evaluate(&self.source.whole(), self.variables) {
            Ok(value) => value.as_ref().is_some_and(predicate::is_truthy),
            Err(error) => {
                self.failed.get_or_insert(error);
                false
            }
        }
    }

    fn field(&mut self, path: &Path, predicate: &Predicate) -> bool {
        let mut found = None;
        let met = path::visit(self.source, path, predicate.leaf(), &mut |value, at| {
            let met = predicate.meets(value);
            if met {
                found = at.or_else(|| predicate.element_met(value?));
            }
            met
        });
        if met && found.is_some() {
            self.position = found;
        }
        met
    }

    fn element(&mut self, path: &Path, inner: &Node) -> bool {
        let (mut found, mut failed) = (None, None);
        let variables = self.variables;
        let met = path::visit(self.source, path, Leaf::Whole, &mut |value, outer| {
            let Some(Value::Array(items)) = value else {
                return false;
            };
            for (at, item) in items.iter().enumerate() {
                let Some(source) = as_document(item) else {
                    continue;
                };
                let mut walk = Walk {
                    source: &*source,
                    variables,
                    position: None,
                    failed: None,
                };
                let met = walk.node(inner);
                failed = failed.take().or(walk.failed);
                if met {
                    found = outer.or(Some(at));
                    return true;
                }
            }
            false
        });
        self.failed = self.failed.take().or(failed);
        if met {
            self.position = found;
        }
        met
    }
}

/// The `$near` at the top of a filter.
fn near(root: &Node) -> Option<(&Path, &Near)> {
    match root {
        Node::Field(path, Predicate::Geo(geo)) => match &**geo {
            Geo::Near(near) => Some((path, near)),
            _ => None,
        },
        Node::And(nodes) => nodes.iter().find_map(near),
        _ => None,
    }
}

/// How many `$near` a filter has.
fn nears(node: &Node) -> usize {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().map(nears).sum(),
        Node::Not(inner) | Node::Element(_, inner) => nears(inner),
        Node::Field(..) => usize::from(near(node).is_some()),
        _ => 0,
    }
}

/// What an element is to a filter: an array is a document of its positions.
fn as_document(value: &Value) -> Option<Cow<'_, Document>> {
    match value {
        Value::Document(inner) => Some(Cow::Borrowed(inner)),
        Value::Array(items) => Some(Cow::Owned(by_position(items))),
        _ => None,
    }
}

fn by_position(items: &[Value]) -> Document {
    let mut document = Document::new();
    for (at, item) in items.iter().enumerate() {
        document.push(at.to_string(), item.clone());
    }
    document
}
