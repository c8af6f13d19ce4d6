//! The order of BSON values, and keys for values that are equal by it.
//!
//! Types come first in MongoDB's canonical order; numbers compare by exact
//! value whatever their type, so 2^53 + 1 as a long is above 2^53 as a double.

use std::cmp::Ordering;

use mongolane_bson::{Decimal128, Document, Parts, Value};
use num_bigint::BigUint;

use crate::decimal;

/// Orders any two values as the server's sort and comparison operators do.
#[must_use]
pub fn compare(a: &Value, b: &Value) -> Ordering {
    canonical_rank(a)
        .cmp(&canonical_rank(b))
        .then_with(|| compare_same_rank(a, b))
}

/// The same where either side may be missing; missing is below null and equal
/// to undefined.
#[must_use]
pub fn compare_optional(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    compare(
        a.unwrap_or(&Value::Undefined),
        b.unwrap_or(&Value::Undefined),
    )
}

/// Whether two values are equal in MongoDB's sense: `1`, `1.0` and
/// `Decimal128("1")` are.
#[must_use]
pub fn equal(a: &Value, b: &Value) -> bool {
    compare(a, b) == Ordering::Equal
}

/// Where a value's type stands among the types; numbers share one rank, and so
/// do strings and symbols.
#[must_use]
pub fn canonical_rank(value: &Value) -> u8 {
    match value {
        Value::MinKey => 0,
        Value::Undefined => 1,
        Value::Null => 5,
        Value::Double(_) | Value::Int32(_) | Value::Int64(_) | Value::Decimal128(_) => 10,
        Value::String(_) | Value::Symbol(_) => 15,
        Value::Document(_) => 20,
        Value::Array(_) => 25,
        Value::Binary(..) => 30,
        Value::ObjectId(_) => 35,
        Value::Bool(_) => 40,
        Value::DateTime(_) => 45,
        Value::Timestamp(..) => 47,
        Value::Regex(..) => 50,
        Value::DbPointer(..) => 55,
        Value::Code(_) => 60,
        Value::CodeWithScope(..) => 65,
        Value::MaxKey => 127,
    }
}

fn compare_same_rank(a: &Value, b: &Value) -> Ordering {
    use Value as V;
    match (a, b) {
        (V::String(a) | V::Symbol(a), V::String(b) | V::Symbol(b)) => a.cmp(b),
        (V::Document(a), V::Document(b)) => compare_documents(a, b),
        (V::Array(a), V::Array(b)) => compare_arrays(a, b),
        (V::Binary(s, a), V::Binary(t, b)) => {
            (a.len(), s, a.as_slice()).cmp(&(b.len(), t, b.as_slice()))
        }
        (V::ObjectId(a), V::ObjectId(b)) => a.cmp(b),
        (V::Bool(a), V::Bool(b)) => a.cmp(b),
        (V::DateTime(a), V::DateTime(b)) => a.cmp(b),
        (V::Timestamp(a, i), V::Timestamp(b, j)) => (a, i).cmp(&(b, j)),
        (V::Regex(a, s), V::Regex(b, t)) => (a, s).cmp(&(b, t)),
        (V::DbPointer(a, i), V::DbPointer(b, j)) => (a.len(), a, i).cmp(&(b.len(), b, j)),
        (V::Code(a), V::Code(b)) => a.cmp(b),
        (V::CodeWithScope(a, s), V::CodeWithScope(b, t)) => {
            a.cmp(b).then_with(|| compare_documents(s, t))
        }
        _ => compare_numbers(a, b),
    }
}

/// Element by element: the type's rank, then the key, then the value.
#[must_use]
pub fn compare_documents(a: &Document, b: &Document) -> Ordering {
    let elements = a.iter().zip(b).map(|((k, v), (l, w))| {
        let ranks = canonical_rank(v).cmp(&canonical_rank(w));
        ranks
            .then_with(|| k.cmp(l))
            .then_with(|| compare_same_rank(v, w))
    });
    first_difference(elements).then_with(|| a.len().cmp(&b.len()))
}

fn compare_arrays(a: &[Value], b: &[Value]) -> Ordering {
    let elements = a.iter().zip(b).map(|(v, w)| compare(v, w));
    first_difference(elements).then_with(|| a.len().cmp(&b.len()))
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn compare_numbers(a: &Value, b: &Value) -> Ordering {
    use Value as V;
    match (a, b) {
        (V::Decimal128(_), _) | (_, V::Decimal128(_)) => compare_exactly(a, b),
        (V::Double(a), V::Double(b)) => compare_doubles(*a, *b),
        (V::Double(a), b) => integer(b).map_or(Ordering::Equal, |b| compare_double(*a, b)),
        (a, V::Double(b)) => {
            integer(a).map_or(Ordering::Equal, |a| compare_double(*b, a).reverse())
        }
        _ => integer(a).cmp(&integer(b)),
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int32(number) => Some(i64::from(*number)),
        Value::Int64(number) => Some(*number),
        _ => None,
    }
}

/// NaN equals itself and is below every other number.
fn compare_doubles(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

/// A double against a long without rounding either.
fn compare_double(a: f64, b: i64) -> Ordering {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if a.is_nan() || a < -LIMIT {
        return Ordering::Less;
    }
    if a >= LIMIT {
        return Ordering::Greater;
    }
    let whole = a.trunc();
    (whole as i64)
        .cmp(&b)
        .then_with(|| compare_doubles(a, whole))
}

/// A number as `(-1)^negative * coefficient * 10^exponent`, or beyond that.
#[derive(PartialEq)]
enum Exact {
    NaN,
    Infinity(bool),
    Finite(bool, BigUint, i64),
}

fn exact(value: &Value) -> Exact {
    match value {
        Value::Double(number) => exact_double(*number),
        Value::Decimal128(bytes) => match Decimal128::from_bytes(*bytes).parts() {
            Parts::NaN { .. } => Exact::NaN,
            Parts::Infinity { negative } => Exact::Infinity(negative),
            Parts::Finite {
                negative,
                coefficient,
                exponent,
            } => Exact::Finite(negative, coefficient.into(), i64::from(exponent)),
        },
        other => {
            let number = integer(other).unwrap_or(0);
            Exact::Finite(number < 0, number.unsigned_abs().into(), 0)
        }
    }
}

fn exact_double(number: f64) -> Exact {
    if number.is_nan() {
        return Exact::NaN;
    }
    if number.is_infinite() {
        return Exact::Infinity(number < 0.0);
    }
    let (coefficient, exponent) = decimal::expand_double(number);
    Exact::Finite(number < 0.0, coefficient, exponent)
}

fn compare_exactly(a: &Value, b: &Value) -> Ordering {
    let side = |exact: &Exact| match exact {
        Exact::NaN => -3,
        Exact::Infinity(negative) => {
            if *negative {
                -2
            } else {
                2
            }
        }
        Exact::Finite(_, coefficient, _) if *coefficient == BigUint::ZERO => 0,
        Exact::Finite(negative, ..) => {
            if *negative {
                -1
            } else {
                1
            }
        }
    };
    let (a, b) = (exact(a), exact(b));
    let sides = side(&a).cmp(&side(&b));
    let (Exact::Finite(negative, c, e), Exact::Finite(_, d, f)) = (&a, &b) else {
        return sides;
    };
    sides.then_with(|| {
        let sizes = compare_sizes(c, *e, d, *f);
        if *negative { sizes.reverse() } else { sizes }
    })
}

/// Two positive numbers, first by their count of digits so that far exponents
/// cost nothing.
fn compare_sizes(c: &BigUint, e: i64, d: &BigUint, f: i64) -> Ordering {
    if *c == BigUint::ZERO && *d == BigUint::ZERO {
        return Ordering::Equal;
    }
    let magnitude = |number: &BigUint, exponent| decimal::digits(number) + exponent;
    magnitude(c, e).cmp(&magnitude(d, f)).then_with(|| {
        let low = e.min(f);
        decimal::shift(c, e - low).cmp(&decimal::shift(d, f - low))
    })
}

/// A value's identity for sets and groups: two keys are equal exactly when
/// [`compare`] says the values are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key of one value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        let mut out = Vec::with_capacity(16);
        append_key(&mut out, value);
        Self(out)
    }

    /// The key of a value that may be missing.
    #[must_use]
    pub fn of_optional(value: Option<&Value>) -> Self {
        Self::of(value.unwrap_or(&Value::Undefined))
    }
}

fn append_key(out: &mut Vec<u8>, value: &Value) {
    out.push(canonical_rank(value));
    match value {
        Value::String(text) | Value::Symbol(text) | Value::Code(text) => append_text(out, text),
        Value::Document(document) => append_document(out, document),
        Value::Array(items) => {
            append_length(out, items.len());
            items.iter().for_each(|item| append_key(out, item));
        }
        Value::Binary(subtype, bytes) => {
            append_length(out, bytes.len());
            out.push(*subtype);
            out.extend_from_slice(bytes);
        }
        Value::ObjectId(id) => out.extend_from_slice(id),
        Value::Bool(flag) => out.push(u8::from(*flag)),
        Value::DateTime(millis) => out.extend_from_slice(&millis.to_be_bytes()),
        Value::Timestamp(seconds, increment) => {
            out.extend_from_slice(&seconds.to_be_bytes());
            out.extend_from_slice(&increment.to_be_bytes());
        }
        Value::Regex(pattern, options) => {
            append_text(out, pattern);
            append_text(out, options);
        }
        Value::DbPointer(namespace, id) => {
            append_text(out, namespace);
            out.extend_from_slice(id);
        }
        Value::CodeWithScope(code, scope) => {
            append_text(out, code);
            append_document(out, scope);
        }
        Value::Undefined | Value::Null | Value::MinKey | Value::MaxKey => {}
        number => append_number(out, number),
    }
}

fn append_length(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&(length as u64).to_be_bytes());
}

fn append_text(out: &mut Vec<u8>, text: &str) {
    append_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn append_document(out: &mut Vec<u8>, document: &Document) {
    append_length(out, document.len());
    for (key, value) in document {
        append_text(out, key);
        append_key(out, value);
    }
}

/// Integers in a long's range, then what a double holds exactly, then decimals
/// without trailing zeros: every number has one spelling.
fn append_number(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Double(number) => append_double(out, *number),
        Value::Decimal128(bytes) => append_decimal(out, Decimal128::from_bytes(*bytes)),
        other => append_integer(out, integer(other).unwrap_or(0)),
    }
}

fn append_integer(out: &mut Vec<u8>, number: i64) {
    out.push(b'i');
    out.extend_from_slice(&number.to_be_bytes());
}

fn append_double(out: &mut Vec<u8>, number: f64) {
    let whole = number as i64;
    if compare_double(number, whole).is_eq() {
        return append_integer(out, whole);
    }
    out.push(b'd');
    let number = if number.is_nan() { f64::NAN } else { number };
    out.extend_from_slice(&number.to_bits().to_be_bytes());
}

fn append_decimal(out: &mut Vec<u8>, number: Decimal128) {
    let double = decimal::to_double(number);
    let (value, twin) = (Value::Decimal128(number.to_bytes()), Value::Double(double));
    if let Some(whole) = decimal::to_i64(number) {
        return append_integer(out, whole);
    }
    if compare_exactly(&value, &twin).is_eq() {
        return append_double(out, double);
    }
    if let Parts::Finite {
        negative,
        mut coefficient,
        mut exponent,
    } = number.parts()
    {
        while coefficient % 10 == 0 {
            (coefficient, exponent) = (coefficient / 10, exponent + 1);
        }
        out.push(if negative { b'-' } else { b'+' });
        out.extend_from_slice(&coefficient.to_be_bytes());
        out.extend_from_slice(&exponent.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Value {
        Value::Decimal128(text.parse::<Decimal128>().unwrap().to_bytes())
    }

    /// Types follow MongoDB's order from MinKey to MaxKey.
    #[test]
    fn types_are_ordered() {
        let ascending = [
            Value::MinKey,
            Value::Undefined,
            Value::Null,
            Value::Double(f64::NAN),
            Value::Int32(1),
            Value::String("a".into()),
            Value::Document(Document::new()),
            Value::Array(vec![]),
            Value::Binary(0, vec![]),
            Value::ObjectId([0; 12]),
            Value::Bool(false),
            Value::DateTime(0),
            Value::Timestamp(0, 0),
            Value::Regex("a".into(), String::new()),
            Value::DbPointer("a".into(), [0; 12]),
            Value::Code("a".into()),
            Value::CodeWithScope("a".into(), Document::new()),
            Value::MaxKey,
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(i.cmp(&j), compare(a, b), "{a:?} {b:?}");
                assert_eq!(i == j, Key::of(a) == Key::of(b), "{a:?} {b:?}");
            }
        }
    }

    /// Numbers of every type compare by exact value, keys agree.
    #[test]
    fn numbers_compare_exactly() {
        let ascending = [
            Value::Double(f64::NAN),
            Value::Double(f64::NEG_INFINITY),
            decimal("-1E+6144"),
            Value::Int64(i64::MIN),
            Value::Int32(-1),
            decimal("-0.5"),
            Value::Int32(0),
            decimal("1E-6176"),
            decimal("0.1"),
            Value::Double(0.1),
            Value::Double(0.5),
            Value::Int64(1 << 53),
            Value::Int64((1 << 53) + 1),
            Value::Double((1u64 << 53) as f64 + 2.0),
            Value::Int64(i64::MAX),
            Value::Double(9_223_372_036_854_775_808.0),
            Value::Double(1e300),
            decimal("1E+400"),
            Value::Double(f64::INFINITY),
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(i.cmp(&j), compare(a, b), "{a:?} {b:?}");
                assert_eq!(i == j, Key::of(a) == Key::of(b), "{a:?} {b:?}");
            }
        }
    }

    /// One number in different types is one key.
    #[test]
    fn equal_numbers_share_keys() {
        let same = [
            Value::Int32(1),
            Value::Int64(1),
            Value::Double(1.0),
            decimal("1"),
            decimal("1.00"),
        ];
        for value in &same {
            assert!(equal(&same[0], value));
            assert_eq!(Key::of(&same[0]), Key::of(value));
        }
        assert_eq!(Key::of(&Value::Double(-0.0)), Key::of(&Value::Int32(0)));
        assert_eq!(Key::of(&decimal("0.50")), Key::of(&Value::Double(0.5)));
        assert_eq!(Key::of(&decimal("NaN")), Key::of(&Value::Double(f64::NAN)));
        assert_eq!(
            Key::of(&decimal("9223372036854775808")),
            Key::of(&Value::Double(2f64.powi(63)))
        );
    }

    /// A document's element compares by type before key, and by key before value.
    #[test]
    fn documents_compare_types_first() {
        let one = |key: &str, value: Value| Document::from_iter([(key.to_owned(), value)]);

        assert!(compare_documents(&one("b", 1.into()), &one("a", "x".into())).is_lt());
        assert!(compare_documents(&one("b", 1.into()), &one("a", 2.into())).is_gt());
    }
}
