//! Which fields of the stored documents a pipeline can possibly look at.
//!
//! Large documents are mostly parsed in vain when a pipeline begins with a
//! group or a projection. Every name that occurs anywhere in the stages up to
//! there is taken as needed, which may be too many, but never too few.

use std::collections::HashSet;

use mongolane_bson::{Document, Value, document};

use super::search::stored;
use crate::Result;

/// The fields that are needed; `None` where that may be any.
pub(crate) struct Needed(Option<HashSet<String>>);

/// Stages that let all fields through, and name those that they look at.
const TRANSPARENT: [&str; 6] = ["$match", "$sort", "$limit", "$skip", "$unwind", "$sample"];
/// Stages behind which nothing else of the stored document is left.
const NARROWING: [&str; 4] = ["$group", "$count", "$sortByCount", "$bucket"];
/// What may look at fields that no name in the pipeline tells.
const DYNAMIC: [&str; 5] = [
    "$getField",
    "$setField",
    "$unsetField",
    "$meta",
    "$function",
];

impl Needed {
    /// The fields that these stages may look at.
    pub(crate) fn by(stages: &[Value]) -> Self {
        let mut names = HashSet::from(["_id".to_owned()]);
        for stage in stages {
            let Value::Document(stage) = stage else {
                return Self(None);
            };
            let Some((name, value)) = stage.iter().next() else {
                return Self(None);
            };
            let narrowing =
                NARROWING.contains(&name.as_str()) || (name == "$project" && is_inclusive(value));
            let known = narrowing || TRANSPARENT.contains(&name.as_str());
            if !known || !collect(value, &mut names) {
                return Self(None);
            }
            if narrowing {
                return Self(Some(names));
            }
        }
        Self(None)
    }

    /// A stored document, as far as it is needed.
    pub(crate) fn read(&self, bytes: &[u8]) -> Result<Document> {
        match &self.0 {
            Some(names) => Ok(read_some(bytes, names).unwrap_or_default()),
            None => stored(bytes),
        }
    }
}

/// Whether a projection names what is kept, and not what goes.
fn is_inclusive(projection: &Value) -> bool {
    let Value::Document(projection) = projection else {
        return false;
    };
    projection.iter().any(|(key, value)| {
        key != "_id"
            && match value {
                Value::Document(inner) => {
                    inner.keys().next().is_some_and(|key| key.starts_with('$'))
                }
                other => crate::query::is_truthy(other),
            }
    })
}

/// Adds every name in `value`; false where fields may be named in other ways.
fn collect(value: &Value, names: &mut HashSet<String>) -> bool {
    match value {
        Value::String(text) if text.starts_with("$$") => {
            !(text.starts_with("$$ROOT") || text.starts_with("$$CURRENT"))
        }
        Value::String(text) => {
            names.insert(head(text));
            true
        }
        Value::Array(items) => items.iter().all(|item| collect(item, names)),
        Value::Document(inner) => inner.iter().all(|(key, value)| {
            names.insert(head(key));
            !DYNAMIC.contains(&key.as_str()) && collect(value, names)
        }),
        _ => true,
    }
}

fn head(name: &str) -> String {
    let name = name.strip_prefix('$').unwrap_or(name);
    name.split('.').next().unwrap_or_default().to_owned()
}

fn read_some(
    bytes: &[u8],
    names: &HashSet<String>,
) -> std::result::Result<Document, document::DocumentError> {
    let mut elements = document::Elements::new(bytes)?;
    let mut out = Document::new();
    while let Some((key, kind)) = elements.next_head()? {
        match std::str::from_utf8(key) {
            Ok(key) if names.contains(key) => out.push(key, elements.read(kind)?),
            _ => drop(elements.skip(kind)?),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(name: &str, value: impl Into<Value>) -> Value {
        Value::Document([(name.to_owned(), value.into())].into_iter().collect())
    }

    fn names(stages: &[Value]) -> Option<Vec<String>> {
        let mut names: Vec<_> = Needed::by(stages).0?.into_iter().collect();
        names.sort();
        Some(names)
    }

    #[test]
    fn a_group_needs_what_it_names() {
        let group: Document = [("_id".to_owned(), Value::from("$a.b"))]
            .into_iter()
            .collect();

        assert_eq!(
            Some(vec!["_id".to_owned(), "a".to_owned()]),
            names(&[stage("$limit", 5), stage("$group", group)])
        );
    }

    #[test]
    fn the_root_needs_everything() {
        let group: Document = [("_id".to_owned(), Value::from("$$ROOT"))]
            .into_iter()
            .collect();

        assert_eq!(None, names(&[stage("$group", group)]));
        assert_eq!(None, names(&[stage("$addFields", Document::new())]));
    }
}
