//! Documents: merging, single fields by name, and as arrays of pairs.

use mongolane_bson::{Document, Value};

use super::arguments::{Arguments, Arity, Parameters, is_nullish, type_name};
use super::arithmetic::{give, null};
use super::operator::{
    Function,
    Operator::{Positional, Special},
    Rows,
};
use super::{Call, Expression, Names, Node};
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    ("$arrayToObject", Positional(Arity::Exactly(1), from_pairs)),
    ("$getField", Special(parse_get)),
    ("$mergeObjects", Positional(Arity::Any, merge)),
    ("$objectToArray", Positional(Arity::Exactly(1), to_pairs)),
    (
        "$setField",
        Special(|operator, operand, names| by_name(operator, &SET, operand, names, set)),
    ),
    (
        "$unsetField",
        Special(|operator, operand, names| by_name(operator, &UNSET, operand, names, set)),
    ),
];

fn merge(arguments: Arguments) -> Result<Option<Value>> {
    let mut merged = Document::new();
    for value in arguments.into_values() {
        match value {
            Some(Value::Document(document)) => merge_into(&mut merged, document),
            value if is_nullish(value.as_ref()) => {}
            value => {
                let found = type_name(value.as_ref());
                return Err(Error::new(
                    40400,
                    format!("$mergeObjects requires object inputs, but input is of type {found}"),
                ));
            }
        }
    }
    give(merged)
}

/// Later fields replace earlier ones in their place.
pub(crate) fn merge_into(merged: &mut Document, document: Document) {
    for (key, value) in document {
        merged.insert(key, value);
    }
}

fn to_pairs(mut arguments: Arguments) -> Result<Option<Value>> {
    match arguments.take(0) {
        Some(Value::Document(document)) => {
            let pair = |(key, value): (String, Value)| {
                Value::Document(
                    [
                        ("k".to_owned(), Value::String(key)),
                        ("v".to_owned(), value),
                    ]
                    .into_iter()
                    .collect(),
                )
            };
            give(document.into_iter().map(pair).collect::<Vec<_>>())
        }
        value if is_nullish(value.as_ref()) => null(),
        value => {
            let found = type_name(value.as_ref());
            Err(Error::new(
                40390,
                format!("$objectToArray requires a document input, found: {found}"),
            ))
        }
    }
}

fn from_pairs(mut arguments: Arguments) -> Result<Option<Value>> {
    match arguments.take(0) {
        Some(Value::Array(items)) => {
            let mut document = Document::new();
            for item in items {
                let (key, value) = pair(item)?;
                document.insert(key, value);
            }
            give(document)
        }
        value if is_nullish(value.as_ref()) => null(),
        value => {
            let found = type_name(value.as_ref());
            Err(Error::new(
                40386,
                format!("$arrayToObject requires an array input, found: {found}"),
            ))
        }
    }
}

fn pair(item: Value) -> Result<(String, Value)> {
    let (key, value) = match item {
        Value::Array(items) => <[Value; 2]>::try_from(items)
            .map(<(Value, Value)>::from)
            .map_err(|items| {
                let size = items.len();
                let message = format!(
                    "$arrayToObject requires an array of size 2 arrays,found array of size: {size}"
                );
                Error::new(40397, message)
            })?,
        Value::Document(mut document) if document.len() == 2 => {
            match (document.remove("k"), document.remove("v")) {
                (Some(key), Some(value)) => (key, value),
                _ => {
                    return Err(Error::new(
                        40393,
                        "$arrayToObject requires an object with keys 'k' and 'v'.",
                    ));
                }
            }
        }
        Value::Document(document) => {
            let message = format!(
                "$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:{}",
                document.len()
            );
            return Err(Error::new(40392, message));
        }
        other => {
            let message = format!(
                "Unrecognised input type format for $arrayToObject: {}",
                other.type_name()
            );
            return Err(Error::new(40398, message));
        }
    };
    Ok((text_key(key)?, value))
}

fn text_key(key: Value) -> Result<String> {
    match key {
        Value::String(key) if key.contains('\0') => Err(Error::new(
            4940400,
            "Key field cannot contain an embedded null byte",
        )),
        Value::String(key) => Ok(key),
        other => {
            let message = format!(
                "$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: {}",
                other.type_name()
            );
            Err(Error::new(40395, message))
        }
    }
}

const GET: Parameters = Parameters {
    names: &["field", "input"],
    required: 1,
    not_an_object: 3041701,
    unknown: 3041701,
    missing: &[3041702],
};

const SET: Parameters = Parameters {
    names: &["field", "input", "value"],
    required: 3,
    not_an_object: 4161100,
    unknown: 4161101,
    missing: &[4161102],
};

const UNSET: Parameters = Parameters {
    names: &["field", "input"],
    required: 2,
    ..SET
};

/// `{field, input}`, or the field alone, taken from the current document.
fn parse_get(operator: &'static str, operand: &Value, names: &Names<'_>) -> Result<Node> {
    let is_named =
        matches!(operand, Value::Document(d) if d.keys().any(|key| !key.starts_with('$')));
    let (field, input) = if is_named {
        let mut parts = GET.parse(operator, operand, names)?.into_iter();
        (parts.next().flatten(), parts.next().flatten())
    } else {
        (Some(Expression::parse_in(operand, names)?), None)
    };
    let current = || Expression::parse_in(&Value::from("$$CURRENT"), names);
    let input = input.map_or_else(current, Ok)?;
    Ok(Node::Call(Call {
        operator,
        function: get,
        arguments: vec![field, Some(input)],
        named: false,
    }))
}

fn get(mut arguments: Arguments) -> Result<Option<Value>> {
    let Some(name) = arguments.text(0).map(str::to_owned) else {
        let found = arguments.type_name(0);
        return Err(Error::new(
            3041704,
            format!("$getField requires 'field' to evaluate to type String, but got {found}"),
        ));
    };
    match arguments.take(1) {
        Some(Value::Document(mut document)) => Ok(document.remove(&name)),
        Some(Value::Null | Value::Undefined) => null(),
        _ => Ok(None),
    }
}

/// The field's name must be a constant that can't be taken for a path.
fn by_name(
    operator: &'static str,
    parameters: &Parameters,
    operand: &Value,
    names: &Names<'_>,
    function: Function,
) -> Result<Node> {
    let arguments = parameters.parse(operator, operand, names)?;
    let field = arguments[0].as_ref().and_then(Expression::as_constant);
    if !matches!(field, Some(Value::String(_))) {
        let message = format!("{operator} requires 'field' to evaluate to a constant string");
        return Err(Error::new(4161106, message));
    }
    Ok(Node::Call(Call {
        operator,
        function,
        arguments,
        named: false,
    }))
}

/// Without a value, or with a missing one, the field goes.
fn set(mut arguments: Arguments) -> Result<Option<Value>> {
    let name = arguments.text(0).unwrap_or_default().to_owned();
    let value = arguments.take(2);
    match (arguments.take(1), value) {
        (Some(Value::Document(mut document)), Some(value)) => {
            document.insert(name, value);
            give(document)
        }
        (Some(Value::Document(mut document)), None) => {
            document.remove(&name);
            give(document)
        }
        (input, _) if is_nullish(input.as_ref()) => null(),
        (input, _) => {
            let (operator, found) = (arguments.operator, type_name(input.as_ref()));
            Err(Error::new(
                4161105,
                format!("{operator} requires 'input' to evaluate to type Object, but got {found}"),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, missing, value};

    /// Later documents win, nulls are passed over.
    #[test]
    fn merging_prefers_later() {
        assert_eq!(
            value(r#"{"a": 3, "b": 2}"#),
            value(r#"{"$mergeObjects": [{"a": 1, "b": 2}, null, {"a": 3}]}"#)
        );
        assert_eq!(40400, error(r#"{"$mergeObjects": [{"a": 1}, 5]}"#));
    }

    /// Documents become pairs, and pairs of either form documents.
    #[test]
    fn documents_and_pairs() {
        assert_eq!(
            value(r#"[{"k": "a", "v": 1}]"#),
            value(r#"{"$objectToArray": {"a": 1}}"#)
        );
        assert_eq!(
            value(r#"{"a": 1}"#),
            value(r#"{"$arrayToObject": [[{"k": "a", "v": 1}]]}"#)
        );
        assert_eq!(
            value(r#"{"a": 2}"#),
            value(r#"{"$arrayToObject": [[["a", 1], ["a", 2]]]}"#)
        );
    }

    /// Names with dots and dollars are reachable one by one.
    #[test]
    fn fields_by_odd_names() {
        assert_eq!(
            value("1"),
            value(r#"{"$getField": {"field": "a.b", "input": {"$literal": {"a.b": 1}}}}"#)
        );
        assert!(missing(r#"{"$getField": "nowhere"}"#));
        assert_eq!(
            value(r#"{"a": 2}"#),
            value(r#"{"$setField": {"field": "a", "input": {"a": 1}, "value": 2}}"#)
        );
        assert_eq!(
            value("{}"),
            value(r#"{"$unsetField": {"field": "a", "input": {"a": 1}}}"#)
        );
    }
}
