//! `$convert` and its shorthands: one value to another type.

use mongolane_bson::{Decimal128, Value};

use super::arguments::{Arity, Parameters, describe, describe_double, is_nullish};
use super::operator::{Operator::Special, Rows};
use super::{Evaluate, Expression, Names, Node, Scope, date_text};
use crate::number::Number;
use crate::{Error, Result, decimal};

pub(super) const OPERATORS: Rows = &[
    ("$convert", Special(parse)),
    (
        "$toBool",
        Special(|_, operand, names| shorthand(Target::Bool, operand, names)),
    ),
    (
        "$toDate",
        Special(|_, operand, names| shorthand(Target::Date, operand, names)),
    ),
    (
        "$toDecimal",
        Special(|_, operand, names| shorthand(Target::Decimal, operand, names)),
    ),
    (
        "$toDouble",
        Special(|_, operand, names| shorthand(Target::Double, operand, names)),
    ),
    (
        "$toInt",
        Special(|_, operand, names| shorthand(Target::Int, operand, names)),
    ),
    (
        "$toLong",
        Special(|_, operand, names| shorthand(Target::Long, operand, names)),
    ),
    (
        "$toObjectId",
        Special(|_, operand, names| shorthand(Target::ObjectId, operand, names)),
    ),
    (
        "$toString",
        Special(|_, operand, names| shorthand(Target::String, operand, names)),
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Double,
    String,
    ObjectId,
    Bool,
    Date,
    Int,
    Long,
    Decimal,
}

/// Types by their names and numbers.
const TARGETS: &[(&str, i64, Target)] = &[
    ("double", 1, Target::Double),
    ("string", 2, Target::String),
    ("objectId", 7, Target::ObjectId),
    ("bool", 8, Target::Bool),
    ("date", 9, Target::Date),
    ("int", 16, Target::Int),
    ("long", 18, Target::Long),
    ("decimal", 19, Target::Decimal),
];

impl Target {
    fn name(self) -> &'static str {
        TARGETS
            .iter()
            .find(|(_, _, target)| *target == self)
            .map_or("", |(name, ..)| name)
    }

    fn of(value: &Value) -> Result<Self> {
        let number = Number::of(value).map(Number::to_i64_exact);
        let found = TARGETS
            .iter()
            .find(|(name, code, _)| match (value, number) {
                (Value::String(text), _) => text == name,
                (_, Some(number)) => number == Some(*code),
                _ => false,
            });
        match (found, value, number) {
            (Some((.., target)), ..) => Ok(*target),
            (None, Value::String(text), _) => {
                Err(Error::new(2, format!("Unknown type name: {text}")))
            }
            (None, _, Some(_)) => Err(Error::new(
                9,
                format!(
                    "In $convert, numeric value for 'to' does not correspond to a BSON type: {}",
                    describe(value)
                ),
            )),
            _ => Err(Error::new(
                9,
                "$convert's 'to' argument must be a string or number",
            )),
        }
    }
}

const PARAMETERS: Parameters = Parameters {
    names: &["input", "to", "onError", "onNull"],
    required: 2,
    not_an_object: 9,
    unknown: 9,
    missing: &[9],
};

#[derive(Debug)]
struct Convert {
    input: Expression,
    to: To,
    on_error: Option<Expression>,
    on_null: Option<Expression>,
}

#[derive(Debug)]
enum To {
    Always(Target),
    Computed(Expression),
}

fn parse(operator: &'static str, operand: &Value, names: &Names<'_>) -> Result<Node> {
    let mut parts = PARAMETERS.parse(operator, operand, names)?.into_iter();
    let mut next = || parts.next().flatten();
    let (Some(input), Some(to), on_error, on_null) = (next(), next(), next(), next()) else {
        return Err(PARAMETERS.missing(operator, "input"));
    };
    Ok(Node::Special(Box::new(Convert {
        input,
        to: To::Computed(to),
        on_error,
        on_null,
    })))
}

fn shorthand(target: Target, operand: &Value, names: &Names<'_>) -> Result<Node> {
    let single = match operand {
        Value::Array(items) => {
            Arity::Exactly(1).check("$convert", items.len())?;
            &items[0]
        }
        other => other,
    };
    let input = Expression::parse_in(single, names)?;
    Ok(Node::Special(Box::new(Convert {
        input,
        to: To::Always(target),
        on_error: None,
        on_null: None,
    })))
}

impl Evaluate for Convert {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        let input = self.input.evaluate_in(scope)?;
        let target = match &self.to {
            To::Always(target) => Some(*target),
            To::Computed(to) => match to.evaluate_in(scope)? {
                value if is_nullish(value.as_ref()) => None,
                value => Some(Target::of(&value.unwrap_or(Value::Null))?),
            },
        };
        let Some(value) = input.filter(|value| !is_nullish(Some(value))) else {
            return match &self.on_null {
                Some(on_null) => on_null.evaluate_in(scope),
                None => Ok(Some(Value::Null)),
            };
        };
        let Some(target) = target else {
            return Ok(Some(Value::Null));
        };
        match (convert(&value, target), &self.on_error) {
            (Err(error), Some(on_error)) if error.code == 241 => on_error.evaluate_in(scope),
            (result, _) => result.map(Some),
        }
    }
}

fn failure(message: impl std::fmt::Display) -> Error {
    Error::new(241, format!("{message} in $convert with no onError value"))
}

fn convert(value: &Value, target: Target) -> Result<Value> {
    let converted = match target {
        Target::Bool => Some(Value::Bool(super::truthy(Some(value)))),
        Target::String => to_text(value).map(Value::String),
        Target::ObjectId => return to_object_id(value),
        Target::Date => return to_date(value),
        _ => return to_number(value, target).map(Value::from),
    };
    converted.ok_or_else(|| unsupported(value, target))
}

fn unsupported(value: &Value, target: Target) -> Error {
    failure(format!(
        "Unsupported conversion from {} to {}",
        value.type_name(),
        target.name()
    ))
}

/// A value's text as `$toString` gives it.
pub(super) fn to_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) | Value::Symbol(text) | Value::Code(text) => text.clone(),
        Value::Int32(number) => number.to_string(),
        Value::Int64(number) => number.to_string(),
        Value::Double(number) => describe_double(*number),
        Value::Decimal128(bytes) => Decimal128::from_bytes(*bytes).to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::ObjectId(id) => id.iter().map(|byte| format!("{byte:02x}")).collect(),
        Value::DateTime(millis) => date_text::iso(*millis),
        _ => return None,
    })
}

fn to_object_id(value: &Value) -> Result<Value> {
    match value {
        Value::ObjectId(_) => Ok(value.clone()),
        Value::String(text) => object_id(text).map(Value::ObjectId).ok_or_else(|| {
            let reason = if text.len() == 24 {
                "Invalid character found in hex string"
            } else {
                "Invalid string length for parsing to OID, expected 24 but found"
            };
            let count = if text.len() == 24 {
                String::new()
            } else {
                format!(" {}", text.len())
            };
            failure(format!(
                "Failed to parse objectId '{text}' : {reason}{count}"
            ))
        }),
        _ => Err(unsupported(value, Target::ObjectId)),
    }
}

fn object_id(text: &str) -> Option<[u8; 12]> {
    if text.len() != 24 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut id = [0; 12];
    for (at, byte) in id.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(id)
}

fn to_date(value: &Value) -> Result<Value> {
    let millis = match value {
        Value::DateTime(millis) => *millis,
        Value::Timestamp(seconds, _) => i64::from(*seconds) * 1000,
        Value::ObjectId(id) => i64::from(u32::from_be_bytes([id[0], id[1], id[2], id[3]])) * 1000,
        Value::String(text) => return date_text::parse(text).map(Value::DateTime),
        Value::Int64(_) | Value::Double(_) | Value::Decimal128(_) => {
            match to_number(value, Target::Long)? {
                Number::Int64(millis) => millis,
                _ => return Err(unsupported(value, Target::Date)),
            }
        }
        _ => return Err(unsupported(value, Target::Date)),
    };
    Ok(Value::DateTime(millis))
}

fn to_number(value: &Value, target: Target) -> Result<Number> {
    let number = match value {
        Value::Bool(flag) => Number::Int32(i32::from(*flag)),
        Value::String(text) => return parse_number(text, target),
        Value::DateTime(millis) if target != Target::Int => Number::Int64(*millis),
        other => Number::of(other).ok_or_else(|| unsupported(value, target))?,
    };
    match target {
        Target::Double => to_double(number),
        Target::Decimal => Ok(Number::Decimal(number.to_decimal())),
        Target::Int => {
            let whole = to_whole(number)?;
            i32::try_from(whole)
                .map(Number::Int32)
                .map_err(|_| overflow(number))
        }
        _ => to_whole(number).map(Number::Int64),
    }
}

fn overflow(number: Number) -> Error {
    let shown = describe(&number.into());
    Error::new(
        241,
        format!("Conversion would overflow target type in $convert with no onError value: {shown}"),
    )
}

fn to_double(number: Number) -> Result<Number> {
    let double = number.to_f64();
    let was_finite = matches!(number, Number::Decimal(n) if decimal::is_finite(n));
    if was_finite && double.is_infinite() {
        return Err(overflow(number));
    }
    Ok(Number::Double(double))
}

/// The whole part; infinities, NaN and what a long can't hold are refused.
fn to_whole(number: Number) -> Result<i64> {
    if number.is_nan() {
        return Err(failure("Attempt to convert NaN value to integer type"));
    }
    if number.to_f64().is_infinite()
        && !matches!(number, Number::Decimal(n) if decimal::is_finite(n))
    {
        return Err(failure("Attempt to convert infinity value to integer type"));
    }
    let whole = match number {
        Number::Double(n) => Number::Double(n.trunc()),
        Number::Decimal(n) => Number::Decimal(decimal::quantize(n, 0, decimal::Rounding::Truncate)),
        whole => whole,
    };
    whole.to_i64_exact().ok_or_else(|| overflow(number))
}

fn parse_number(text: &str, target: Target) -> Result<Number> {
    let parsed = match target {
        Target::Int => text.parse().ok().map(Number::Int32),
        Target::Long => text.parse().ok().map(Number::Int64),
        Target::Double => parse_double(text).map(Number::Double),
        _ => decimal::parse(text).map(Number::Decimal),
    };
    parsed.ok_or_else(|| {
        Error::new(
            241,
            format!(
                "Failed to parse number '{text}' in $convert with no onError value: {}",
                reason(text)
            ),
        )
    })
}

fn reason(text: &str) -> &'static str {
    let begins = text
        .trim_start_matches(['+', '-'])
        .starts_with(|c: char| c.is_ascii_digit());
    match text {
        "" => "No digits",
        _ if text.starts_with(char::is_whitespace) => "Leading whitespace",
        _ if begins => "Did not consume whole string.",
        _ => "Did not consume any digits",
    }
}

fn parse_double(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    // An overflow isn't an infinity that was asked for.
    let spelled = text
        .trim_start_matches(['+', '-'])
        .to_ascii_lowercase()
        .starts_with("inf");
    (number.is_finite() || number.is_nan() || spelled).then_some(number)
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, value};

    /// Numbers change type by value, and are refused where they don't fit.
    #[test]
    fn numbers_change_type() {
        for (expected, source) in [
            ("-5", r#"{"$toInt": -5.9}"#),
            ("1", r#"{"$toInt": true}"#),
            ("12", r#"{"$toInt": "12"}"#),
            (r#"{"$numberLong": "7"}"#, r#"{"$toLong": "7"}"#),
            ("1.5", r#"{"$toDouble": "1.5"}"#),
            (
                r#"{"$numberDecimal": "2.50000000000000"}"#,
                r#"{"$toDecimal": 2.5}"#,
            ),
            (r#"{"$numberDecimal": "0.1"}"#, r#"{"$toDecimal": "0.1"}"#),
        ] {
            assert_eq!(
                crate::expression::testing::json(expected),
                value(source),
                "{source}"
            );
        }
        for source in [
            r#"{"$toInt": "1.5"}"#,
            r#"{"$toInt": 3000000000}"#,
            r#"{"$toLong": "x"}"#,
            r#"{"$toInt": {"$date": 5}}"#,
        ] {
            assert_eq!(241, error(source), "{source}");
        }
    }

    /// Texts of numbers have no point where there is no fraction.
    #[test]
    fn texts_of_values() {
        for (expected, source) in [
            ("\"1\"", r#"{"$toString": 1.0}"#),
            ("\"0.1\"", r#"{"$toString": 0.1}"#),
            ("\"1e+20\"", r#"{"$toString": 1e20}"#),
            ("\"true\"", r#"{"$toString": true}"#),
            (
                "\"1970-01-01T00:00:00.005Z\"",
                r#"{"$toString": {"$toDate": {"$numberLong": "5"}}}"#,
            ),
            (
                "\"650000000000000000000001\"",
                r#"{"$toString": {"$toObjectId": "650000000000000000000001"}}"#,
            ),
        ] {
            assert_eq!(value(expected), value(source), "{source}");
        }
    }

    /// onError and onNull stand in, and nothing else hides an error.
    #[test]
    fn fallbacks_stand_in() {
        assert_eq!(
            value("0"),
            value(r#"{"$convert": {"input": "x", "to": "int", "onError": 0}}"#)
        );
        assert_eq!(
            value("9"),
            value(r#"{"$convert": {"input": null, "to": 16, "onNull": 9}}"#)
        );
        assert_eq!(value("null"), value(r#"{"$toInt": null}"#));
        assert_eq!(
            2,
            error(r#"{"$convert": {"input": 1, "to": "nothing", "onError": 0}}"#)
        );
    }
}
