//! What an upsert starts from: the fields that the filter says equal something.

use mongolane_bson::{Document, Value};

use super::paths;
use crate::query::is_operators;
use crate::{Error, Result};

/// The document that a filter describes by equality. A replacement takes only
/// the `_id` of it.
pub fn seed(filter: &Document, only_id: bool) -> Result<Document> {
    let mut equalities = Vec::new();
    collect(filter, &mut equalities)?;
    let mut document = Document::new();
    if let Some((_, id)) = equalities.iter().find(|(key, _)| key == "_id") {
        document.push("_id", id.clone());
    }
    if only_id {
        return Ok(document);
    }
    for (key, value) in equalities.into_iter().filter(|(key, _)| key != "_id") {
        let place: Vec<String> = key.split('.').map(str::to_owned).collect();
        if paths::get(&document, &place).is_some() {
            return Err(ambiguous(&key));
        }
        paths::check_viable(&document, &place)?;
        *paths::slot(&mut document, &place)? = value;
    }
    Ok(document)
}

fn ambiguous(key: &str) -> Error {
    Error::new(
        54,
        format!("cannot infer query fields to set, path '{key}' is matched twice"),
    )
}

fn collect(filter: &Document, out: &mut Vec<(String, Value)>) -> Result<()> {
    for (key, value) in filter {
        match (key.as_str(), value) {
            ("$and", Value::Array(items)) => {
                for item in items {
                    if let Value::Document(inner) = item {
                        collect(inner, out)?;
                    }
                }
            }
            ("$or", Value::Array(items)) => {
                if let [Value::Document(only)] = items.as_slice() {
                    collect(only, out)?;
                }
            }
            ("$expr", _) => {
                return Err(Error::new(
                    224,
                    "$expr is not allowed in the query predicate for an upsert",
                ));
            }
            (key, _) if key.starts_with('$') => {}
            (_, Value::Document(inner)) if is_operators(inner) => {
                if let Some(value) = single(inner) {
                    add(key, value, out)?;
                }
            }
            (_, Value::Regex(..)) => {}
            _ => add(key, value, out)?,
        }
    }
    Ok(())
}

/// The one value that operators leave possible.
fn single(operators: &Document) -> Option<&Value> {
    operators
        .iter()
        .find_map(|(name, value)| match (name.as_str(), value) {
            ("$eq", value) => Some(value),
            ("$all" | "$in", Value::Array(items)) => match items.as_slice() {
                [Value::Regex(..)] => None,
                [Value::Document(inner)] if is_operators(inner) => None,
                [only] => Some(only),
                _ => None,
            },
            _ => None,
        })
}

/// Whether a path lies behind another.
fn is_within(outer: &str, inner: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.starts_with('.'))
}

fn add(key: &str, value: &Value, out: &mut Vec<(String, Value)>) -> Result<()> {
    for (known, _) in out.iter() {
        if known == key {
            return Err(ambiguous(key));
        }
        if is_within(known, key) || is_within(key, known) {
            let message = format!(
                "cannot infer query fields to set, both paths '{known}' and '{key}' are matched"
            );
            return Err(Error::new(54, message));
        }
    }
    out.push((key.to_owned(), value.clone()));
    Ok(())
}
