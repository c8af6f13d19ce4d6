//! Expressions and values from JSON, for the tests of the families.

use mongolane_bson::{Decimal128, Document, Value};

use super::{Expression, Variables};
use crate::Result;

/// A JSON text as a value; `$numberDecimal`, `$numberLong`, `$date` (in
/// milliseconds) and `$oid` wrappers are understood.
pub(crate) fn json(text: &str) -> Value {
    convert(serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

/// The same as a document.
pub(crate) fn document(text: &str) -> Document {
    match json(text) {
        Value::Document(document) => document,
        other => panic!("not a document: {other:?}"),
    }
}

fn convert(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(flag),
        Json::String(text) => Value::String(text),
        Json::Array(items) => Value::Array(items.into_iter().map(convert).collect()),
        Json::Number(number) => match number.as_i64() {
            Some(n) => i32::try_from(n).map_or(Value::Int64(n), Value::Int32),
            None => Value::Double(number.as_f64().unwrap()),
        },
        Json::Object(fields) => wrapped(&fields).unwrap_or_else(|| {
            Value::Document(
                fields
                    .into_iter()
                    .map(|(key, value)| (key, convert(value)))
                    .collect(),
            )
        }),
    }
}

fn wrapped(fields: &serde_json::Map<String, serde_json::Value>) -> Option<Value> {
    let (key, value) = fields.iter().next()?;
    Some(match key.as_str() {
        "$numberDecimal" => {
            Value::Decimal128(value.as_str()?.parse::<Decimal128>().unwrap().to_bytes())
        }
        "$numberLong" => Value::Int64(value.as_str()?.parse().unwrap()),
        "$date" => Value::DateTime(value.as_i64()?),
        "$oid" => {
            let hex = value.as_str()?;
            let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
            Value::ObjectId(std::array::from_fn(byte))
        }
        _ => return None,
    })
}

fn evaluate(expression: &str, root: &str) -> Result<Option<Value>> {
    Expression::parse(&json(expression))?.evaluate(&document(root), &Variables::at(0))
}

/// What an expression gives for `root`.
pub(crate) fn value_for(root: &str, expression: &str) -> Value {
    let value = evaluate(expression, root);
    value
        .unwrap_or_else(|error| panic!("{error}: {expression}"))
        .expect("not missing")
}

/// What an expression gives for an empty document.
pub(crate) fn value(expression: &str) -> Value {
    value_for("{}", expression)
}

/// Whether it gives nothing.
pub(crate) fn missing(expression: &str) -> bool {
    evaluate(expression, "{}").expect(expression).is_none()
}

/// The code it fails with, while parsing or evaluating.
pub(crate) fn error(expression: &str) -> i32 {
    evaluate(expression, "{}").expect_err(expression).code
}
