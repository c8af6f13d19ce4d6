//! `$addFields`/`$set`, `$unset`, `$replaceRoot`/`$replaceWith`.

use mongolane_bson::{Document, Value};

use super::projection::{Reshape, Tree};
use super::{Context, Documents, Run};
use crate::expression::{Expression, Names, Scope, describe};
use crate::{Error, Result};

pub(super) fn add(stage: &str, spec: &Value, names: &Names<'_>) -> Result<Reshape> {
    let Value::Document(spec) = spec else {
        let found = spec.type_name();
        return Err(Error::new(
            40272,
            format!("{stage} specification stage must be an object, got {found}"),
        ));
    };
    if spec.is_empty() {
        let message =
            format!("Invalid {stage} :: caused by :: specification must have at least one field");
        return Err(Error::new(40177, message));
    }
    let mut tree = Tree::new(false);
    for (path, value) in spec {
        tree.assign(path, value, names)?;
    }
    Ok(Reshape(tree))
}

pub(super) fn unset(spec: &Value) -> Result<Reshape> {
    let items = match spec {
        Value::String(_) => std::slice::from_ref(spec),
        Value::Array(items) if items.is_empty() => {
            return Err(Error::new(
                31119,
                "$unset specification must be a string or an array with at least one field",
            ));
        }
        Value::Array(items) => items,
        _ => {
            return Err(Error::new(
                31002,
                "$unset specification must be a string or an array",
            ));
        }
    };
    let mut tree = Tree::new(false);
    for item in items {
        let Value::String(path) = item else {
            return Err(Error::new(
                31120,
                "$unset specification must be a string or an array containing only string values",
            ));
        };
        tree.exclude(path)?;
    }
    Ok(Reshape(tree))
}

/// A stage that makes an expression's document the document.
#[derive(Debug)]
pub(super) struct ReplaceRoot(Expression);

pub(super) fn replace_root(spec: &Value, names: &Names<'_>) -> Result<ReplaceRoot> {
    let Value::Document(spec) = spec else {
        let found = spec.type_name();
        return Err(Error::new(
            40229,
            format!("expected an object as specification for $replaceRoot stage, got {found}"),
        ));
    };
    if let Some(key) = spec.keys().find(|key| *key != "newRoot") {
        let message = format!(
            "unrecognized option to $replaceRoot stage: {key}, only valid option is 'newRoot'."
        );
        return Err(Error::new(40230, message));
    }
    let root = spec
        .get("newRoot")
        .ok_or_else(|| Error::new(40231, "no newRoot specified for the $replaceRoot stage"))?;
    replace_with(root, names)
}

pub(super) fn replace_with(spec: &Value, names: &Names<'_>) -> Result<ReplaceRoot> {
    Expression::parse_in(spec, names).map(ReplaceRoot)
}

impl ReplaceRoot {
    fn replace(&self, document: &Document, context: Context<'_>) -> Result<Document> {
        match self
            .0
            .evaluate_in(&Scope::new(document, context.variables))?
        {
            Some(Value::Document(root)) => Ok(root),
            other => {
                let (shown, kind) = match &other {
                    Some(value) => (describe(value), value.type_name()),
                    None => ("MISSING".to_owned(), "missing"),
                };
                let input = describe(&Value::Document(document.clone()));
                let message = format!(
                    "'newRoot' expression  must evaluate to an object, but resulting value was: {shown}. Type of resulting value: '{kind}'. Input document: {input}"
                );
                Err(Error::new(40228, message))
            }
        }
    }
}

impl Run for ReplaceRoot {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        Box::new(input.map(move |document| self.replace(&document?, context)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    /// New fields are appended, known ones replaced in their place.
    #[test]
    fn added_fields_keep_places() {
        check(
            r#"[{"a": 1, "b": {"x": 1}, "c": 3}]"#,
            r#"[{"$set": {"b.y": "$c", "a": {"$add": ["$a", 1]}, "d": {"e": 5}, "c": "$$REMOVE"}}]"#,
            r#"[{"a": 2, "b": {"x": 1, "y": 3}, "d": {"e": 5}}]"#,
        );
    }

    /// All fields of one stage see the document as it came.
    #[test]
    fn added_fields_see_input() {
        check(
            r#"[{"a": 1}]"#,
            r#"[{"$addFields": {"a": 2, "b": "$a"}}]"#,
            r#"[{"a": 2, "b": 1}]"#,
        );
    }

    /// Unset fields go at any depth.
    #[test]
    fn unset_fields_go() {
        check(
            r#"[{"a": 1, "b": {"x": 1, "y": 2}}]"#,
            r#"[{"$unset": ["a", "b.x"]}]"#,
            r#"[{"b": {"y": 2}}]"#,
        );
        assert_eq!(31119, error(r#"[{"$unset": []}]"#));
    }

    /// A new root must be a document.
    #[test]
    fn roots_are_documents() {
        check(
            r#"[{"a": {"b": 1}}]"#,
            r#"[{"$replaceRoot": {"newRoot": "$a"}}]"#,
            r#"[{"b": 1}]"#,
        );
        assert_eq!(40228, error(r#"[{"$replaceWith": "$nowhere"}]"#));
    }
}
