//! What an index was asked to be, and how it is listed.

use std::sync::Arc;

use mongolane_bson::{Document, Value};

use super::definition;
use crate::collation::Collation;
use crate::geo::Shape;
use crate::path::{self, Leaf, Path, Source};
use crate::query::{Matcher, Node, Predicate, is_truthy};
use crate::text::TextIndex;
use crate::{Error, Result};

/// An index as `createIndexes` describes it and `listIndexes` shows it.
#[derive(Clone, Debug)]
pub struct IndexSpec {
    /// Its name, unique in the collection.
    pub name: String,
    /// The key pattern.
    pub keys: Document,
    /// Whether two documents may not share a key.
    pub unique: bool,
    /// Whether documents without any of the fields are left out.
    pub sparse: bool,
    /// Only documents that meet this are in the index.
    pub partial: Option<Document>,
    /// Seconds after the indexed date at which a document goes away.
    pub expire_after: Option<i64>,
    /// Whether queries may not use it.
    pub hidden: bool,
    /// How its texts are compared, if not byte by byte.
    pub collation: Option<Collation>,
    /// What its keys are made of.
    pub(crate) kind: Kind,
    /// All of it, as it is listed.
    pub listed: Document,
}

/// What the keys of an index are made of.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// The values of its fields.
    Ordered,
    /// The words of its fields.
    Text(Arc<TextIndex>),
    /// Nothing: it is kept as a definition, and queries do without it.
    Wildcard,
}

impl IndexSpec {
    /// The index every collection has.
    #[must_use]
    pub fn id() -> Self {
        let mut keys = Document::new();
        keys.push("_id", 1);
        let mut listed = Document::new();
        listed.push("v", 2);
        listed.push("key", keys.clone());
        listed.push("name", "_id_");
        Self {
            name: "_id_".into(),
            keys,
            unique: true,
            sparse: false,
            partial: None,
            expire_after: None,
            hidden: false,
            collation: None,
            kind: Kind::Ordered,
            listed,
        }
    }

    /// Reads one index of a `createIndexes` command.
    ///
    /// # Errors
    /// With MongoDB's code for what is wrong with it.
    pub fn parse(given: &Document) -> Result<Self> {
        let (name, keys) = definition::check(given)?;
        let collation = match given.get("collation") {
            Some(Value::Document(collation)) => Collation::parse(collation)?,
            _ => None,
        };
        let mut spec = Self {
            name: name.to_owned(),
            keys: keys.clone(),
            collation,
            listed: Document::new(),
            ..Self::id()
        };
        let text = TextIndex::parse(given)?;
        let further = match text {
            Some((index, keys, options)) => {
                spec.keys = keys;
                spec.kind = Kind::Text(Arc::new(index));
                options
            }
            None => definition::defaults(keys, given),
        };
        if definition::is_wildcard(keys) {
            spec.kind = Kind::Wildcard;
        }
        spec.options(given)?;
        spec.list(given, &further);
        Ok(spec)
    }

    fn options(&mut self, given: &Document) -> Result<()> {
        let flag = |key: &str| given.get(key).is_some_and(is_truthy);
        (self.unique, self.sparse, self.hidden) = (flag("unique"), flag("sparse"), flag("hidden"));
        self.partial = match given.get("partialFilterExpression") {
            None => None,
            Some(Value::Document(filter)) => {
                check_partial(&Matcher::parse(filter)?)?;
                Some(filter.clone())
            }
            Some(_) => return Err(Error::new(14, "partialFilterExpression must be an object")),
        };
        if self.partial.is_some() && self.sparse {
            return Err(Error::new(
                67,
                "cannot mix \"partialFilterExpression\" and \"sparse\" options",
            ));
        }
        self.expire_after = definition::expire_after(given)?;
        Ok(())
    }

    fn list(&mut self, given: &Document, further: &Document) {
        self.listed.push("v", 2);
        self.listed.push("key", self.keys.clone());
        self.listed.push("name", self.name.as_str());
        for (key, value) in given {
            let shown = match key.as_str() {
                "unique" | "sparse" | "hidden" if is_truthy(value) => Value::Bool(true),
                "partialFilterExpression" | "wildcardProjection" => value.clone(),
                "expireAfterSeconds" => match self.expire_after.map(i32::try_from) {
                    Some(Ok(seconds)) => Value::Int32(seconds),
                    _ => continue,
                },
                "min" | "max" => value.clone(),
                _ => continue,
            };
            self.listed.push(key.as_str(), shown);
        }
        for (key, value) in further {
            self.listed.push(key.as_str(), value.clone());
        }
        if let Some(collation) = &self.collation {
            self.listed.push("collation", collation.listed().clone());
        }
    }

    /// The same index under a collection's own collation.
    #[must_use]
    pub fn under(mut self, collation: Option<&Collation>) -> Self {
        if let Some(collation) = collation {
            self.listed.push("collation", collation.listed().clone());
            self.collation = Some(collation.clone());
        }
        self
    }

    /// The same for an index whose definition names no collation.
    ///
    /// # Errors
    /// Where an index of this kind can have none.
    pub fn under_default(self, collation: Option<&Collation>) -> Result<Self> {
        let is_flat = |value: &Value| matches!(value, Value::String(kind) if kind == "2d");
        let kind = match self.kind {
            Kind::Text(_) => "text",
            _ if self.keys.iter().any(|(_, value)| is_flat(value)) => "2d",
            _ => return Ok(self.under(collation)),
        };
        match collation {
            None => Ok(self),
            Some(_) => Err(Error::new(
                67,
                format!(
                    "Index type '{kind}' does not support collation; give {{locale: \"simple\"}}"
                ),
            )),
        }
    }

    /// Whether it is a text index.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text(_))
    }

    /// The fields that hold places.
    pub fn geo_fields(&self) -> impl Iterator<Item = &str> {
        let is_place = |value: &Value| matches!(value, Value::String(kind) if is_geo(kind));
        let fields = self.keys.iter().filter(move |(_, value)| is_place(value));
        fields.map(|(field, _)| field.as_str())
    }

    /// Whether two specifications ask for the same index, names aside.
    #[must_use]
    pub fn is_identical(&self, other: &Self) -> bool {
        // What can be changed later, and what follows from the rest.
        const ASIDE: [&str; 6] = [
            "v",
            "name",
            "key",
            "hidden",
            "textIndexVersion",
            "2dsphereIndexVersion",
        ];
        let options = |spec: &Self| {
            let mut options: Vec<_> = spec.listed.iter().cloned().collect();
            options.retain(|(key, _)| !ASIDE.contains(&key.as_str()));
            options.sort_by(|(l, _), (r, _)| l.cmp(r));
            options.into_iter().collect::<Document>()
        };
        self.is_equivalent(other)
            && crate::compare::compare_documents(&options(self), &options(other)).is_eq()
    }

    /// Whether only one of the two can be there at a time.
    #[must_use]
    pub fn is_equivalent(&self, other: &Self) -> bool {
        crate::compare::compare_documents(&self.keys, &other.keys).is_eq()
            && self.partial == other.partial
            && self.collation == other.collation
            && self.unique == other.unique
            && self.sparse == other.sparse
    }

    /// Refuses a document with a value that an index of this kind can't hold.
    pub(super) fn check_values(&self, source: &dyn Source) -> Result<()> {
        for (field, value) in &self.keys {
            match value {
                Value::String(kind) if kind == "hashed" => check_hashed(field, source)?,
                Value::String(kind) if is_geo(kind) => check_place(field, source)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Refuses an array where a hash is to be made.
fn check_hashed(field: &str, source: &dyn Source) -> Result<()> {
    let is_array = |value: Option<&Value>| matches!(value, Some(Value::Array(_)));
    let path = Path::new(field);
    if path::visit(source, &path, Leaf::Whole, &mut |value, at| {
        is_array(value) || at.is_some()
    }) {
        let message = format!("hashed indexes do not currently support array values: {field}");
        return Err(Error::new(16766, message));
    }
    Ok(())
}

pub(super) fn is_geo(kind: &str) -> bool {
    matches!(kind, "2dsphere" | "2d")
}

/// Refuses a document whose place is none.
fn check_place(field: &str, source: &dyn Source) -> Result<()> {
    let Some(value) = source.field(field.split('.').next().unwrap_or_default()) else {
        return Ok(());
    };
    let inner = match field.split_once('.') {
        None => Some(&*value),
        Some((_, rest)) => match &*value {
            Value::Document(inner) => path::get(inner, rest),
            _ => None,
        },
    };
    let is_place = match inner {
        None | Some(Value::Null) => true,
        Some(Value::Array(items)) if items.iter().all(|i| Shape::stored(i).is_some()) => true,
        Some(value) => Shape::stored(value).is_some(),
    };
    if is_place {
        return Ok(());
    }
    Err(Error::new(
        16755,
        format!("Can't extract geo keys: '{field}' is no GeoJSON and no [x, y]"),
    ))
}

/// Refuses what a partial index's filter may not ask.
fn check_partial(filter: &Matcher) -> Result<()> {
    if is_simple(filter.root()) {
        return Ok(());
    }
    Err(Error::new(
        67,
        "unsupported expression in partial index: it knows equality, $exists: true, $gt, $gte, \
         $lt, $lte, $type, $in, $and and $or",
    ))
}

fn is_simple(node: &Node) -> bool {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().all(is_simple),
        Node::Field(_, Predicate::In(_, patterns)) => patterns.is_empty(),
        Node::Field(_, Predicate::Compare(..) | Predicate::Exists | Predicate::Type(_)) => true,
        _ => false,
    }
}
