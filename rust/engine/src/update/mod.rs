//! Updates: replacement, operators, pipelines.
//!
//! An update is parsed once and applied to many documents. Operators are
//! applied in the order of their paths, as the server does, not in the order
//! of writing.

mod action;
mod arrays;
mod filters;
mod modifier;
mod paths;
mod stages;
mod upsert;

use mongolane_bson::{Document, Value};

use crate::expression::Variables;
use crate::query::Match;
use crate::{Error, Result, compare};
use filters::ArrayFilters;
use modifier::Modifier;
use stages::Stages;

pub use upsert::seed;

/// An update of `update` or `findAndModify`.
#[derive(Debug)]
pub struct Update {
    kind: Kind,
    filters: ArrayFilters,
}

#[derive(Debug)]
enum Kind {
    Replace(Document),
    Modify(Vec<Modifier>),
    Pipeline(Box<Stages>),
}

/// What an update knows of the document's state.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// How the document met the filter.
    pub matched: Match,
    /// Whether the document is about to be inserted.
    pub is_insert: bool,
}

impl Update {
    /// Parses an update and its array filters.
    pub fn parse(update: &Value, array_filters: &[Value], variables: &Variables) -> Result<Self> {
        let filters = ArrayFilters::parse(array_filters, variables)?;
        let kind = match update {
            Value::Document(document) if is_operators(document) => {
                Kind::Modify(modifier::parse(document, &filters, variables)?)
            }
            Value::Document(document) => replacement(document)?,
            Value::Array(stages) => Kind::Pipeline(Box::new(Stages::parse(stages, variables)?)),
            other => {
                return Err(Error::new(
                    9,
                    format!(
                        "Update argument must be either an object or an array, got {}",
                        other.type_name()
                    ),
                ));
            }
        };
        if !matches!(kind, Kind::Modify(_)) && !array_filters.is_empty() {
            return Err(Error::new(
                9,
                "arrayFilters may not be specified for replacements and pipelines",
            ));
        }
        Ok(Self { kind, filters })
    }

    /// Whether the whole document is replaced.
    #[must_use]
    pub fn is_replacement(&self) -> bool {
        matches!(self.kind, Kind::Replace(_))
    }

    /// The document after the update; its `_id` stays.
    pub fn apply(&self, old: &Document, situation: Situation) -> Result<Document> {
        let new = match &self.kind {
            Kind::Replace(document) => replace(old, document),
            Kind::Modify(modifiers) => {
                let mut new = old.clone();
                for modifier in modifiers {
                    modifier.apply(&mut new, situation, &self.filters)?;
                }
                new
            }
            Kind::Pipeline(stages) => stages.apply(old)?,
        };
        check_id(old, new, situation, !matches!(self.kind, Kind::Modify(_)))
    }
}

fn is_operators(document: &Document) -> bool {
    document
        .keys()
        .next()
        .is_some_and(|key| key.starts_with('$'))
}

fn replacement(document: &Document) -> Result<Kind> {
    if let Some(key) = document.keys().find(|key| key.starts_with('$')) {
        return Err(Error::new(
            52,
            format!(
                "The dollar ($) prefixed field '{key}' in '{key}' is not allowed in the context of \
                 an update's replacement document. Consider using an aggregation pipeline with \
                 $replaceWith."
            ),
        ));
    }
    Ok(Kind::Replace(document.clone()))
}

fn replace(old: &Document, document: &Document) -> Document {
    let mut new = Document::new();
    if let Some(id) = document.get("_id").or_else(|| old.get("_id")) {
        new.push("_id", id.clone());
    }
    for (key, value) in document.iter().filter(|(key, _)| key != "_id") {
        new.push(key.clone(), value.clone());
    }
    new
}

/// Keeps `_id` what it was. A document made anew, and without one, gets it back.
fn check_id(
    old: &Document,
    mut new: Document,
    situation: Situation,
    is_made: bool,
) -> Result<Document> {
    let Some(before) = old.get("_id") else {
        return Ok(new);
    };
    match new.get("_id") {
        Some(after) if compare::equal(before, after) => {
            new.insert("_id", before.clone());
            Ok(new)
        }
        None if is_made => Ok(replace(old, &new)),
        Some(after) if is_made && !situation.is_insert => Err(Error::new(
            66,
            format!(
                "After applying the update, the (immutable) field '_id' was found to have been \
                 altered to _id: {}",
                crate::error::Shown(after)
            ),
        )),
        _ => Err(Error::new(
            66,
            "Performing an update on the path '_id' would modify the immutable field '_id'",
        )),
    }
}
