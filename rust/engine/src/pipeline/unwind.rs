//! `$unwind`: one document for each element of an array.

use mongolane_bson::{Document, Value};

use super::{Context, Documents, Run};
use crate::expression::FieldPath;
use crate::{Error, Result};

#[derive(Debug)]
pub(super) struct Unwind {
    path: FieldPath,
    index: Option<FieldPath>,
    keep_empty: bool,
}

pub(super) fn parse(spec: &Value) -> Result<Unwind> {
    match spec {
        Value::String(path) => Ok(Unwind {
            path: parse_path(path)?,
            index: None,
            keep_empty: false,
        }),
        Value::Document(spec) => parse_options(spec),
        other => {
            let message = format!(
                "expected either a string or an object as specification for $unwind stage, got {}",
                other.type_name()
            );
            Err(Error::new(15981, message))
        }
    }
}

fn parse_path(path: &str) -> Result<FieldPath> {
    if path.is_empty() {
        return Err(Error::new(28812, "no path specified to $unwind stage"));
    }
    let name = path.strip_prefix('$').ok_or_else(|| {
        Error::new(
            28818,
            format!("path option to $unwind stage should be prefixed with a '$': {path}"),
        )
    })?;
    FieldPath::parse(name)
}

fn parse_options(spec: &Document) -> Result<Unwind> {
    let (mut path, mut index, mut keep_empty) = (None, None, false);
    for (key, value) in spec {
        match (key.as_str(), value) {
            ("path", Value::String(text)) => path = Some(parse_path(text)?),
            ("path", other) => {
                let message = format!(
                    "expected a string as the path for $unwind stage, got {}",
                    other.type_name()
                );
                return Err(Error::new(28808, message));
            }
            ("preserveNullAndEmptyArrays", Value::Bool(flag)) => keep_empty = *flag,
            ("preserveNullAndEmptyArrays", other) => {
                let message = format!(
                    "expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage, got {}",
                    other.type_name()
                );
                return Err(Error::new(28809, message));
            }
            ("includeArrayIndex", Value::String(text)) if text.starts_with('$') => {
                let message = format!(
                    "includeArrayIndex option to $unwind stage should not be prefixed with a '$': {text}"
                );
                return Err(Error::new(28822, message));
            }
            ("includeArrayIndex", Value::String(text)) if !text.is_empty() => {
                index = Some(FieldPath::parse(text)?)
            }
            ("includeArrayIndex", other) => {
                let message = format!(
                    "expected a non-empty string for the includeArrayIndex  option to $unwind stage, got {}",
                    other.type_name()
                );
                return Err(Error::new(28810, message));
            }
            _ => {
                return Err(Error::new(
                    28811,
                    format!("unrecognized option to $unwind stage: {key}"),
                ));
            }
        }
    }
    let path = path.ok_or_else(|| Error::new(28812, "no path specified to $unwind stage"))?;
    Ok(Unwind {
        path,
        index,
        keep_empty,
    })
}

impl Unwind {
    fn unwind(&self, document: Document) -> Vec<Document> {
        match self.path.lookup(&document) {
            Some(Value::Array(items)) if items.is_empty() => self.kept(document, true),
            Some(Value::Array(items)) => {
                let items = items.clone();
                let mut frame = document;
                self.path.set(&mut frame, Value::Null);
                let one = |(at, item)| {
                    let mut document = frame.clone();
                    self.path.set(&mut document, item);
                    self.number(document, Value::Int64(at as i64))
                };
                items.into_iter().enumerate().map(one).collect()
            }
            None | Some(Value::Null | Value::Undefined) => self.kept(document, false),
            Some(_) => vec![self.number(document, Value::Null)],
        }
    }

    fn kept(&self, mut document: Document, empty: bool) -> Vec<Document> {
        if !self.keep_empty {
            return Vec::new();
        }
        if empty {
            self.path.remove(&mut document);
        }
        vec![self.number(document, Value::Null)]
    }

    fn number(&self, mut document: Document, index: Value) -> Document {
        if let Some(path) = &self.index {
            path.set(&mut document, index);
        }
        document
    }
}

impl Run for Unwind {
    fn run<'a>(&'a self, input: Documents<'a>, _: Context<'a>) -> Documents<'a> {
        Box::new(input.flat_map(move |document| {
            match document {
                Ok(document) => self
                    .unwind(document)
                    .into_iter()
                    .map(Ok)
                    .collect::<Vec<_>>(),
                Err(error) => vec![Err(error)],
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    /// Elements take the array's place; what is no array stays.
    #[test]
    fn elements_take_place() {
        check(
            r#"[{"a": {"b": [1, 2]}, "c": 0}, {"a": {"b": []}}, {"a": {"b": 7}}, {}]"#,
            r#"[{"$unwind": "$a.b"}]"#,
            r#"[{"a": {"b": 1}, "c": 0}, {"a": {"b": 2}, "c": 0}, {"a": {"b": 7}}]"#,
        );
    }

    /// Empty ones are kept on demand, and places told.
    #[test]
    fn empty_arrays_are_kept() {
        check(
            r#"[{"i": 1, "a": ["x"]}, {"i": 2, "a": []}, {"i": 3, "a": null}, {"i": 4}]"#,
            r#"[{"$unwind": {"path": "$a", "preserveNullAndEmptyArrays": true, "includeArrayIndex": "at"}}]"#,
            r#"[{"i": 1, "a": "x", "at": {"$numberLong": "0"}}, {"i": 2, "at": null}, {"i": 3, "a": null, "at": null}, {"i": 4, "at": null}]"#,
        );
        assert_eq!(28818, error(r#"[{"$unwind": "a"}]"#));
        assert_eq!(28811, error(r#"[{"$unwind": {"path": "$a", "other": 1}}]"#));
    }
}
