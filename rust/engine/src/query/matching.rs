//! A parsed filter, and the walk that asks it about a document.

use std::borrow::Cow;
use std::sync::Arc;

use mongolane_bson::{Document, Value};

use super::parse;
use super::predicate::{self, Comparison, Predicate};
use crate::collation::Collation;
use crate::expression::{Expression, Variables};
use crate::geo::{Geo, Near};
use crate::path::{self, Leaf, Path, Source};
use crate::schema::Schema;
use crate::text::{Bound, Search, TextIndex};
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
    /// `$text`, and the same with the index that answers it.
    Text(Box<Search>),
    Words(Box<Bound>),
    /// `$jsonSchema`.
    Schema(Box<Schema>),
    /// `$sampleRate`: the share of the documents that meet it, by chance.
    Sample(f64),
    /// `$elemMatch` with a filter: an element of the array that meets it.
    Element(Path, Box<Node>),
}

/// What a document's meeting a filter left behind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Match {
    /// Where in the first array the filter met its element: the `$` of
    /// positional updates and projections.
    pub position: Option<usize>,
    /// How well the document's words fit, after a `$text`.
    pub score: Option<f64>,
}

/// What a `$text` is answered with where nothing can answer it.
fn no_text_index() -> Error {
    Error::new(27, "text index required for $text query")
}

/// The fields that every match has a certain value in.
fn equalities<'n>(node: &'n Node, out: &mut Vec<&'n str>) {
    match node {
        Node::And(nodes) => nodes.iter().for_each(|node| equalities(node, out)),
        Node::Field(path, Predicate::Compare(Comparison::Equal, _)) => out.push(path.as_str()),
        Node::Field(path, Predicate::Collated(_, inner))
            if matches!(**inner, Predicate::Compare(Comparison::Equal, _)) =>
        {
            out.push(path.as_str());
        }
        _ => {}
    }
}

impl Node {
    fn bind(self, index: &Arc<TextIndex>) -> Self {
        let all = |nodes: Vec<Self>| nodes.into_iter().map(|n| n.bind(index)).collect();
        match self {
            Self::And(nodes) => Self::And(all(nodes)),
            Self::Or(nodes) => Self::Or(all(nodes)),
            Self::Text(search) => Self::Words(Box::new(search.bind(index))),
            other => other,
        }
    }

    /// How many `$text` there are where one may be.
    fn texts(&self) -> usize {
        match self {
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().map(Self::texts).sum(),
            Self::Not(inner) | Self::Element(_, inner) => inner.texts(),
            Self::Text(_) => 1,
            _ => 0,
        }
    }

    /// Whether a `$text` stands where it can't be answered.
    fn has_buried_text(&self) -> bool {
        match self {
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().any(Self::has_buried_text),
            Self::Not(inner) | Self::Element(_, inner) => inner.texts() > 0,
            _ => false,
        }
    }

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
    score: Option<f64>,
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
        if root.texts() > 1 || root.has_buried_text() {
            let message = "$text may stand once, and not within $nor, $not or $elemMatch";
            return Err(Error::new(2, message));
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

    /// Whether it has a `$text`, so that it needs a collection's index.
    #[must_use]
    pub fn needs_text_index(&self) -> bool {
        self.root.texts() > 0
    }

    /// The filter with its `$text` bound to the index that answers it.
    ///
    /// # Errors
    /// 27 where there is no such index.
    pub(crate) fn bind(&self, index: Option<&Arc<TextIndex>>) -> Result<Cow<'_, Self>> {
        if !self.needs_text_index() {
            return Ok(Cow::Borrowed(self));
        }
        let index = index.ok_or_else(no_text_index)?;
        let mut equal = Vec::new();
        equalities(&self.root, &mut equal);
        if !index
            .before
            .iter()
            .all(|field| equal.contains(&field.as_str()))
        {
            return Err(Error::new(
                291,
                "error processing query: failed to use text index to satisfy $text query (if text \
                 index is compound, are equality predicates given for all prefix fields?)",
            ));
        }
        Ok(Cow::Owned(Self {
            root: self.root.clone().bind(index),
            variables: self.variables.clone(),
        }))
    }

    /// The bound `$text` that every match meets.
    pub(crate) fn text(&self) -> Option<&Bound> {
        match &self.root {
            Node::Words(search) => Some(search),
            Node::And(nodes) => nodes.iter().find_map(|node| match node {
                Node::Words(search) => Some(&**search),
                _ => None,
            }),
            _ => None,
        }
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
            score: None,
            failed: None,
        };
        let met = walk.node(&self.root);
        match walk.failed {
            Some(error) => Err(error),
            None => Ok(met.then_some(Match {
                position: walk.position,
                score: walk.score,
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
            Node::Words(search) => self.words(search),
            Node::Schema(schema) => self.schema(schema),
            Node::Sample(rate) => fastrand::f64() < *rate,
            Node::Text(_) => {
                self.failed.get_or_insert_with(no_text_index);
                false
            }
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

    fn schema(&mut self, schema: &Schema) -> bool {
        let whole = Value::Document(self.source.whole().into_owned());
        schema.holds(&whole).unwrap_or_else(|error| {
            self.failed.get_or_insert(error);
            false
        })
    }

    fn words(&mut self, search: &Bound) -> bool {
        match search.score(&self.source.whole()) {
            Ok(score) => {
                self.score = score;
                score.is_some()
            }
            Err(error) => {
                self.failed.get_or_insert(error);
                false
            }
        }
    }

    fn field(&mut self, path: &Path, predicate: &Predicate) -> bool {
        let (mut found, mut failed) = (None, None);
        let met = path::visit(
            self.source,
            path,
            predicate.leaf(),
            &mut |value, at| match predicate.meets(value) {
                Ok(met) => {
                    if met {
                        let within = || predicate.element_met(value?).ok().flatten();
                        found = at.or_else(within);
                    }
                    met
                }
                Err(error) => {
                    failed = Some(error);
                    true
                }
            },
        );
        if let Some(error) = failed {
            self.failed.get_or_insert(error);
            return false;
        }
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
                    score: None,
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
