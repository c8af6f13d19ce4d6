//! Parts, lengths and positions in texts, by bytes and by code points.

use mongolane_bson::Value;

use super::arguments::{Arguments, Arity};
use super::arithmetic::{give, null};
use super::operator::{Operator::Positional, Rows};
use super::string::coerced;
use crate::number::Number;
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    (
        "$indexOfBytes",
        Positional(Arity::Between(2, 4), |a| index_of(&a, false)),
    ),
    (
        "$indexOfCP",
        Positional(Arity::Between(2, 4), |a| index_of(&a, true)),
    ),
    (
        "$strLenBytes",
        Positional(Arity::Exactly(1), |a| length(&a, 34473, str::len)),
    ),
    (
        "$strLenCP",
        Positional(Arity::Exactly(1), |a| {
            length(&a, 34471, |text| text.chars().count())
        }),
    ),
    ("$substr", Positional(Arity::Exactly(3), by_bytes)),
    ("$substrBytes", Positional(Arity::Exactly(3), by_bytes)),
    ("$substrCP", Positional(Arity::Exactly(3), by_characters)),
];

fn length(arguments: &Arguments, code: i32, measure: fn(&str) -> usize) -> Result<Option<Value>> {
    let text = arguments.text(0).ok_or_else(|| {
        let (operator, found) = (arguments.operator, arguments.type_name(0));
        Error::new(
            code,
            format!("{operator} requires a string argument, found: {found}"),
        )
    })?;
    give(measure(text) as i32)
}

/// A numeric argument as a whole number, fractions cut off.
fn whole(arguments: &Arguments, at: usize, code: i32, role: &str) -> Result<i64> {
    arguments
        .number(at)
        .map(Number::to_i64_saturating)
        .ok_or_else(|| {
            let (operator, found) = (arguments.operator, arguments.type_name(at));
            Error::new(
                code,
                format!("{operator}:  {role} must be a numeric type (is BSON type {found})"),
            )
        })
}

fn by_bytes(arguments: Arguments) -> Result<Option<Value>> {
    let text = coerced(&arguments, 0)?;
    let start = whole(&arguments, 1, 16034, "starting index")?;
    let count = whole(&arguments, 2, 16035, "length")?;
    let start = usize::try_from(start).map_err(|_| {
        Error::new(
            50752,
            format!("$substrBytes:  starting index must be non-negative (got: {start})"),
        )
    })?;
    let start = start.min(text.len());
    let rest = text.len() - start;
    let end = start + usize::try_from(count).unwrap_or(rest).min(rest);
    if !text.is_char_boundary(start) {
        return Err(Error::new(
            28656,
            "$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.",
        ));
    }
    if !text.is_char_boundary(end) {
        return Err(Error::new(
            28657,
            "$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.",
        ));
    }
    give(&text[start..end])
}

fn by_characters(arguments: Arguments) -> Result<Option<Value>> {
    let text = coerced(&arguments, 0)?;
    let place = |at: usize, role: &str, codes: [i32; 3]| {
        let number = arguments.number(at).ok_or_else(|| {
            let found = arguments.type_name(at);
            Error::new(
                codes[0],
                format!("$substrCP: {role} must be a numeric type (is BSON type {found})"),
            )
        })?;
        let whole = number.to_i32_exact().ok_or_else(|| {
            Error::new(
                codes[1],
                format!("$substrCP: {role} cannot be represented as a 32-bit integral value"),
            )
        })?;
        usize::try_from(whole).map_err(|_| {
            Error::new(
                codes[2],
                format!("$substrCP: {role} must be a nonnegative integer."),
            )
        })
    };
    let start = place(1, "starting index", [34450, 34451, 34455])?;
    let count = place(2, "length", [34452, 34453, 34454])?;
    give(text.chars().skip(start).take(count).collect::<String>())
}

/// Positions of a text: how many, and where the n-th is in bytes.
fn bounds(arguments: &Arguments, size: usize) -> Result<Option<(usize, usize)>> {
    let place = |at: usize, role: &str| -> Result<usize> {
        let operator = arguments.operator;
        let number = arguments.number(at).and_then(Number::to_i32_exact).ok_or_else(|| {
            let found = arguments.type_name(at);
            Error::new(40096, format!("{operator}requires an integral {role} index, found a value of type: {found}"))
        })?;
        usize::try_from(number).map_err(|_| {
            Error::new(
                40097,
                format!("{operator} requires a nonnegative {role} index, found: {number}"),
            )
        })
    };
    let start = if arguments.len() > 2 {
        place(2, "starting")?
    } else {
        0
    };
    let end = if arguments.len() > 3 {
        place(3, "ending")?
    } else {
        size
    };
    let end = end.min(size);
    Ok((start <= size && start <= end).then_some((start, end)))
}

fn index_of(arguments: &Arguments, characters: bool) -> Result<Option<Value>> {
    if arguments.is_nullish(0) {
        return null();
    }
    let codes = if characters {
        [40093, 40094]
    } else {
        [40091, 40092]
    };
    let text = |at: usize, which: &str| {
        arguments.text(at).ok_or_else(|| {
            let (operator, found) = (arguments.operator, arguments.type_name(at));
            Error::new(
                codes[at],
                format!("{operator} requires a string as the {which} argument, found: {found}"),
            )
        })
    };
    let (input, wanted) = (text(0, "first")?, text(1, "second")?);
    let found = if characters {
        let input: Vec<char> = input.chars().collect();
        let wanted: Vec<char> = wanted.chars().collect();
        bounds(arguments, input.len())?.and_then(|range| position(&input, &wanted, range))
    } else {
        let (input, wanted) = (input.as_bytes(), wanted.as_bytes());
        bounds(arguments, input.len())?.and_then(|range| position(input, wanted, range))
    };
    give(found.map_or(-1, |at| at as i32))
}

fn position<T: PartialEq>(
    input: &[T],
    wanted: &[T],
    (start, end): (usize, usize),
) -> Option<usize> {
    let last = end.checked_sub(wanted.len())?;
    (start..=last).find(|at| input[*at..].starts_with(wanted))
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, value};

    /// Bytes and code points count differently beyond ASCII.
    #[test]
    fn bytes_and_characters_differ() {
        assert_eq!(value("5"), value(r#"{"$strLenCP": "caféx"}"#));
        assert_eq!(value("6"), value(r#"{"$strLenBytes": "caféx"}"#));
        assert_eq!(value("\"éx\""), value(r#"{"$substrCP": ["caféx", 3, 9]}"#));
        assert_eq!(28657, error(r#"{"$substrBytes": ["café", 0, 4]}"#));
        assert_eq!(
            value("\"fé\""),
            value(r#"{"$substrBytes": ["café", 2, -1]}"#)
        );
    }

    /// A text is found between the bounds, or at -1.
    #[test]
    fn positions_respect_bounds() {
        assert_eq!(value("3"), value(r#"{"$indexOfCP": ["abcabc", "abc", 1]}"#));
        assert_eq!(
            value("-1"),
            value(r#"{"$indexOfCP": ["abcabc", "abc", 1, 5]}"#)
        );
        assert_eq!(value("null"), value(r#"{"$indexOfBytes": [null, "abc"]}"#));
    }
}
