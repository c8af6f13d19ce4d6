//! Values as byte strings that sort as the values do.
//!
//! Equal values (1, 1.0 and Decimal128 1) have equal keys, which is what unique
//! indexes need. Order is exact too, but among decimals that share the nearest
//! double; ranges therefore look at a number's first bytes alone ([`bound`])
//! and the filter decides about each candidate.

use mongolane_bson::{Document, Value};

use crate::compare;
use crate::number::Number;

/// Appends the key of `value`.
pub fn append(out: &mut Vec<u8>, value: &Value) {
    out.push(rank(value));
    match value {
        Value::MinKey | Value::MaxKey | Value::Null | Value::Undefined => {}
        Value::Double(_) | Value::Int32(_) | Value::Int64(_) | Value::Decimal128(_) => {
            append_number(out, value);
        }
        Value::String(text) | Value::Symbol(text) | Value::Code(text) => {
            append_text(out, text.as_bytes())
        }
        Value::Document(inner) => append_document(out, inner),
        Value::Array(items) => append_array(out, items),
        Value::Binary(kind, bytes) => {
            out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
            out.push(*kind);
            out.extend_from_slice(bytes);
        }
        Value::ObjectId(id) => out.extend_from_slice(id),
        Value::Bool(flag) => out.push(u8::from(*flag)),
        Value::DateTime(millis) => out.extend_from_slice(&ordered_i64(*millis)),
        Value::Timestamp(seconds, increment) => {
            out.extend_from_slice(&seconds.to_be_bytes());
            out.extend_from_slice(&increment.to_be_bytes());
        }
        Value::Regex(pattern, options) => {
            append_text(out, pattern.as_bytes());
            append_text(out, options.as_bytes());
        }
        Value::DbPointer(name, id) => {
            append_text(out, name.as_bytes());
            out.extend_from_slice(id);
        }
        Value::CodeWithScope(code, scope) => {
            append_text(out, code.as_bytes());
            append_document(out, scope);
        }
    }
}

/// The key of one value.
#[must_use]
pub fn of(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(24);
    append(&mut out, value);
    out
}

/// The first bytes of a value's key, for ranges: no key of an equal value lies
/// before it.
#[must_use]
pub fn bound(value: &Value) -> Vec<u8> {
    let mut key = of(value);
    if Number::of(value).is_some() {
        key.truncate(9);
    }
    key
}

/// Whether a value's key may lie on the wrong side of that of a value close to
/// it.
#[must_use]
pub fn is_inexact(value: &Value) -> bool {
    match value {
        Value::Decimal128(_) => Number::of(value).is_some_and(|number| {
            let near = number.to_f64();
            let is_near = near.is_nan() || compare::equal(value, &Value::Double(near));
            number.to_i64_exact().is_none() && !is_near
        }),
        Value::Array(items) => items.iter().any(is_inexact),
        Value::Document(inner) => inner.iter().any(|(_, value)| is_inexact(value)),
        _ => false,
    }
}

/// The byte that all keys of the value's type start with.
#[must_use]
pub fn rank(value: &Value) -> u8 {
    // Zero ends documents and arrays, so no rank may be zero.
    compare::canonical_rank(value) + 1
}

fn append_number(out: &mut Vec<u8>, value: &Value) {
    let Some(number) = Number::of(value) else {
        return;
    };
    let near = number.to_f64();
    out.extend_from_slice(&ordered_f64(near));
    let rest = match number.to_i64_exact() {
        Some(exact) => (i128::from(exact) - near as i128) as i16,
        None => 0,
    };
    out.extend_from_slice(&((rest as u16) ^ 0x8000).to_be_bytes());
    let is_near = near.is_nan() || compare::equal(value, &Value::Double(near));
    if number.to_i64_exact().is_some() || is_near {
        return out.push(0);
    }
    out.push(1);
    append_text(out, format!("{:?}", compare::Key::of(value)).as_bytes());
}

fn ordered_f64(number: f64) -> [u8; 8] {
    if number.is_nan() {
        return [0; 8];
    }
    let bits = (number + 0.0).to_bits();
    let flipped = if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    };
    flipped.to_be_bytes()
}

fn ordered_i64(number: i64) -> [u8; 8] {
    ((number as u64) ^ (1 << 63)).to_be_bytes()
}

/// Text with an end that sorts before every longer text.
fn append_text(out: &mut Vec<u8>, text: &[u8]) {
    for part in text.split_inclusive(|b| *b == 0) {
        out.extend_from_slice(part);
        if part.last() == Some(&0) {
            out.push(0xFF);
        }
    }
    out.extend_from_slice(&[0, 0]);
}

fn append_document(out: &mut Vec<u8>, document: &Document) {
    for (key, value) in document {
        out.push(rank(value));
        append_text(out, key.as_bytes());
        append(out, value);
    }
    out.push(0);
}

fn append_array(out: &mut Vec<u8>, items: &[Value]) {
    for item in items {
        append(out, item);
    }
    out.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_key() {
        let keys = [Value::Int32(7), Value::Int64(7), Value::Double(7.0)].map(|v| of(&v));

        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn keys_sort_as_values() {
        let values = [
            Value::MinKey,
            Value::Null,
            Value::Double(f64::NAN),
            Value::Double(f64::NEG_INFINITY),
            Value::Int64(i64::MIN),
            Value::Double(-1.5),
            Value::Int32(0),
            Value::Int64(9_007_199_254_740_992),
            Value::Int64(9_007_199_254_740_993),
            Value::Int64(i64::MAX - 1),
            Value::Int64(i64::MAX),
            Value::Double(9.3e18),
            Value::from(""),
            Value::from("a"),
            Value::from("a\0b"),
            Value::from("ab"),
            Value::Bool(false),
            Value::Bool(true),
            Value::DateTime(-1),
            Value::DateTime(1),
            Value::MaxKey,
        ];
        for pair in values.windows(2) {
            assert!(of(&pair[0]) < of(&pair[1]), "{pair:?}");
        }
    }
}
