//! Field paths: `$a.b`, `$$ROOT.a`, `$$name.a.b`, through arrays.

use mongolane_bson::{Document, Value};

use super::variables::{self, Names, Scope};
use crate::{Error, Result, text};

/// The dotted names of a path, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath(Vec<String>);

impl FieldPath {
    /// Splits `text` at its dots.
    ///
    /// # Errors
    /// Where a name is empty, begins with `$` or holds a null byte.
    pub fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::new(
                40352,
                "FieldPath cannot be constructed with empty string",
            ));
        }
        if text.ends_with('.') {
            return Err(Error::new(40353, "FieldPath must not end with a '.'."));
        }
        text.split('.')
            .map(|name| check(name).map(|()| name.to_owned()))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// The names from the outside in.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The value it leads to without going through arrays.
    pub fn lookup<'d>(&self, document: &'d Document) -> Option<&'d Value> {
        let (first, rest) = self.0.split_first()?;
        rest.iter()
            .try_fold(document.get(first)?, |value, name| match value {
                Value::Document(inner) => inner.get(name),
                _ => None,
            })
    }

    /// Puts a value there; what is on the way and no document becomes one.
    pub fn set(&self, document: &mut Document, value: Value) {
        set(document, &self.0, value);
    }

    /// Takes the value away, where every step is a document.
    pub fn remove(&self, document: &mut Document) {
        let Some((last, way)) = self.0.split_last() else {
            return;
        };
        let parent = way
            .iter()
            .try_fold(document, |document, name| match document.get_mut(name) {
                Some(Value::Document(inner)) => Some(inner),
                _ => None,
            });
        if let Some(parent) = parent {
            parent.remove(last);
        }
    }
}

fn set(document: &mut Document, names: &[String], value: Value) {
    match names {
        [] => {}
        [last] => document.insert(last.as_str(), value),
        [first, rest @ ..] => {
            if !matches!(document.get(first), Some(Value::Document(_))) {
                document.insert(first.as_str(), Document::new());
            }
            if let Some(Value::Document(inner)) = document.get_mut(first) {
                set(inner, rest, value);
            }
        }
    }
}

fn check(name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::new(
            15998,
            "FieldPath field names may not be empty strings.",
        ));
    }
    if name.starts_with('$') {
        let message = format!(
            "FieldPath field names may not start with '$'. Consider using $getField or $setField. (found '{name}')"
        );
        return Err(Error::new(16410, message));
    }
    if name.contains('\0') {
        return Err(Error::new(
            16411,
            "FieldPath field names may not contain '\0'.",
        ));
    }
    Ok(())
}

fn descend(document: &Document, names: &[String]) -> Option<Value> {
    let (first, rest) = names.split_first()?;
    descend_value(document.get(first)?, rest)
}

fn descend_value(value: &Value, names: &[String]) -> Option<Value> {
    match value {
        _ if names.is_empty() => Some(value.clone()),
        Value::Document(document) => descend(document, names),
        Value::Array(items) => Some(Value::Array(
            items.iter().filter_map(|i| inner(i, names)).collect(),
        )),
        _ => None,
    }
}

/// Arrays directly within arrays are not searched.
fn inner(item: &Value, names: &[String]) -> Option<Value> {
    match item {
        Value::Document(document) => descend(document, names),
        _ => None,
    }
}

/// A path with the variable it begins at.
#[derive(Clone, Debug)]
pub(super) struct Path {
    start: Start,
    rest: Option<FieldPath>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Start {
    Root,
    Now,
    Remove,
    User(String),
}

impl Path {
    /// Parses what begins with `$` or `$$`.
    pub(super) fn parse(text: &str, names: &Names<'_>) -> Result<Self> {
        if let Some(variable) = text.strip_prefix("$$") {
            return Self::parse_variable(variable, names);
        }
        let path = &text[1..];
        if path.is_empty() {
            return Err(Error::new(16872, "'$' by itself is not a valid FieldPath"));
        }
        // CURRENT may be bound anew by $let.
        let start = if names.contains("CURRENT") {
            Start::User("CURRENT".into())
        } else {
            Start::Root
        };
        Ok(Self {
            start,
            rest: Some(FieldPath::parse(path)?),
        })
    }

    fn parse_variable(text: &str, names: &Names<'_>) -> Result<Self> {
        let (name, rest) = match text.split_once('.') {
            Some((name, rest)) => (name, Some(FieldPath::parse(rest)?)),
            None => (text, None),
        };
        if name.is_empty() {
            return Err(Error::new(9, "empty variable names are not allowed"));
        }
        let start = match name {
            known if names.contains(known) => Start::User(known.to_owned()),
            "ROOT" | "CURRENT" => Start::Root,
            "NOW" => Start::Now,
            "REMOVE" => Start::Remove,
            other if names.allows_any() => Start::User(other.to_owned()),
            other => return Err(variables::undefined(other)),
        };
        Ok(Self { start, rest })
    }

    /// The document itself.
    pub(super) fn root() -> Self {
        Self {
            start: Start::Root,
            rest: None,
        }
    }

    pub(super) fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        let names = self.rest.as_ref().map_or(&[][..], FieldPath::names);
        Ok(match &self.start {
            Start::Root if names.is_empty() => {
                let mut root = scope.root().clone();
                root.remove(text::SCORE);
                Some(Value::Document(root))
            }
            Start::Root => descend(scope.root(), names),
            Start::Now => descend_value(&Value::DateTime(scope.now()), names),
            Start::Remove => None,
            Start::User(name) => scope
                .get(name)?
                .and_then(|value| descend_value(value, names)),
        })
    }
}
