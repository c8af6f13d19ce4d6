//! Arrays: elements, parts, ranges, joining.

use mongolane_bson::Value;

use super::arguments::{Arguments, Arity, Parameters, is_nullish, truthy};
use super::arithmetic::{give, null};
use super::operator::{
    Operator::{Named, Positional},
    Rows,
};
use crate::number::Number;
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    ("$arrayElemAt", Positional(Arity::Exactly(2), element_at)),
    ("$concatArrays", Positional(Arity::Any, concat)),
    ("$first", Positional(Arity::Exactly(1), |a| end(a, 0))),
    ("$in", Positional(Arity::Exactly(2), is_in)),
    ("$indexOfArray", Positional(Arity::Between(2, 4), index_of)),
    (
        "$isArray",
        Positional(Arity::Exactly(1), |a| give(a.array(0).is_some())),
    ),
    ("$last", Positional(Arity::Exactly(1), |a| end(a, -1))),
    ("$range", Positional(Arity::Between(2, 3), range)),
    ("$reverseArray", Positional(Arity::Exactly(1), reverse)),
    ("$size", Positional(Arity::Exactly(1), size)),
    ("$slice", Positional(Arity::Between(2, 3), slice)),
    ("$zip", Named(&ZIP, zip)),
];

fn size(arguments: Arguments) -> Result<Option<Value>> {
    let items = arguments.array(0).ok_or_else(|| {
        let found = arguments.type_name(0);
        Error::new(
            17124,
            format!("The argument to $size must be an array, but was of type: {found}"),
        )
    })?;
    give(items.len() as i32)
}

/// Moves the element at a place, from the end where it is negative.
fn pick(arguments: &mut Arguments, place: i64) -> Option<Value> {
    let Some(Value::Array(mut items)) = arguments.take(0) else {
        return None;
    };
    let at = if place < 0 {
        place + items.len() as i64
    } else {
        place
    };
    let at = usize::try_from(at).ok().filter(|at| *at < items.len())?;
    Some(items.swap_remove(at))
}

fn element_at(mut arguments: Arguments) -> Result<Option<Value>> {
    if arguments.any_nullish() {
        return null();
    }
    if arguments.array(0).is_none() {
        let found = arguments.type_name(0);
        return Err(Error::new(
            28689,
            format!("$arrayElemAt's first argument must be an array, but is {found}"),
        ));
    }
    let number = arguments.number(1).ok_or_else(|| {
        let found = arguments.type_name(1);
        Error::new(
            28690,
            format!("$arrayElemAt's second argument must be a numeric value, but is {found}"),
        )
    })?;
    let place = number.to_i32_exact().ok_or_else(|| {
        Error::new(
            28691,
            "$arrayElemAt's second argument must be representable as a 32-bit integer",
        )
    })?;
    Ok(pick(&mut arguments, i64::from(place)))
}

fn end(mut arguments: Arguments, place: i64) -> Result<Option<Value>> {
    if arguments.is_nullish(0) {
        return null();
    }
    if arguments.array(0).is_none() {
        let (operator, found) = (arguments.operator, arguments.type_name(0));
        return Err(Error::new(
            28689,
            format!("{operator}'s argument must be an array, but is {found}"),
        ));
    }
    Ok(pick(&mut arguments, place))
}

fn concat(arguments: Arguments) -> Result<Option<Value>> {
    let mut out = Vec::new();
    for value in arguments.into_values() {
        match value {
            Some(Value::Array(items)) => out.extend(items),
            value if is_nullish(value.as_ref()) => return null(),
            Some(other) => {
                let message = format!(
                    "$concatArrays only supports arrays, not {}",
                    other.type_name()
                );
                return Err(Error::new(28664, message));
            }
            None => return null(),
        }
    }
    give(out)
}

fn is_in(arguments: Arguments) -> Result<Option<Value>> {
    let items = arguments.array(1).ok_or_else(|| {
        let found = arguments.type_name(1);
        Error::new(
            40081,
            format!("$in requires an array as a second argument, found: {found}"),
        )
    })?;
    let comparison = arguments.comparison();
    give(
        arguments
            .get(0)
            .is_some_and(|wanted| items.iter().any(|item| comparison.equal(item, wanted))),
    )
}

fn index_of(arguments: Arguments) -> Result<Option<Value>> {
    if arguments.is_nullish(0) {
        return null();
    }
    let items = arguments.array(0).ok_or_else(|| {
        let found = arguments.type_name(0);
        Error::new(
            40090,
            format!("$indexOfArray requires an array as a first argument, found: {found}"),
        )
    })?;
    let place = |at: usize, otherwise: usize, role: &str| {
        if arguments.len() <= at {
            return Ok(otherwise);
        }
        let number = arguments.number(at).and_then(Number::to_i32_exact).ok_or_else(|| {
            let found = arguments.type_name(at);
            Error::new(40096, format!("$indexOfArray requires an integral {role} index, found a value of type: {found}"))
        })?;
        usize::try_from(number).map_err(|_| {
            Error::new(
                40097,
                format!("$indexOfArray requires a nonnegative {role} index, found: {number}"),
            )
        })
    };
    let (start, end) = (
        place(2, 0, "starting")?,
        place(3, items.len(), "ending")?.min(items.len()),
    );
    let wanted = arguments.get(1).unwrap_or(&Value::Undefined);
    let comparison = arguments.comparison();
    let found = (start..end).find(|at| comparison.equal(&items[*at], wanted));
    give(found.map_or(-1, |at| at as i32))
}

/// What fits into the server's limit of 100 MB.
const LONGEST_RANGE: i64 = 104_857_600 / 16;

fn range(arguments: Arguments) -> Result<Option<Value>> {
    let whole = |at: usize, codes: [i32; 2], role: &str| {
        let number = arguments.number(at).ok_or_else(|| {
            let found = arguments.type_name(at);
            Error::new(
                codes[0],
                format!("$range requires a numeric {role} value, found value of type: {found}"),
            )
        })?;
        number.to_i32_exact().map(i64::from).ok_or_else(|| {
            Error::new(
                codes[1],
                format!(
                    "$range requires a {role} value that can be represented as a 32-bit integer"
                ),
            )
        })
    };
    let (start, end) = (
        whole(0, [34443, 34444], "starting")?,
        whole(1, [34445, 34446], "ending")?,
    );
    let step = if arguments.len() > 2 {
        whole(2, [34447, 34448], "step")?
    } else {
        1
    };
    if step == 0 {
        return Err(Error::new(34449, "$range requires a non-zero step value"));
    }
    let count = ((end - start) / step).max(0);
    if count > LONGEST_RANGE {
        let message = format!("$range would use too much memory for {count} numbers");
        return Err(Error::new(146, message));
    }
    let mut out = Vec::new();
    let mut at = start;
    while if step > 0 { at < end } else { at > end } {
        out.push(Value::Int32(at as i32));
        at += step;
    }
    give(out)
}

fn reverse(mut arguments: Arguments) -> Result<Option<Value>> {
    match arguments.take(0) {
        Some(Value::Array(mut items)) => {
            items.reverse();
            give(items)
        }
        value if is_nullish(value.as_ref()) => null(),
        value => {
            let found = super::arguments::type_name(value.as_ref());
            Err(Error::new(
                34435,
                format!("The argument to $reverseArray must be an array, but was of type: {found}"),
            ))
        }
    }
}

fn slice(arguments: Arguments) -> Result<Option<Value>> {
    if arguments.any_nullish() {
        return null();
    }
    let items = arguments.array(0).ok_or_else(|| {
        let found = arguments.type_name(0);
        Error::new(
            28724,
            format!("First argument to $slice must be an array, but is of type: {found}"),
        )
    })?;
    let length = items.len() as i64;
    let first = whole(&arguments, 1, [28725, 28726], "Second")?;
    let from_end = |place: i64| {
        if place < 0 {
            (place + length).max(0)
        } else {
            place.min(length)
        }
    };
    let (start, end) = if arguments.len() == 2 {
        if first < 0 {
            (from_end(first), length)
        } else {
            (0, first.min(length))
        }
    } else {
        let count = whole(&arguments, 2, [28727, 28728], "Third")?;
        if count <= 0 {
            return Err(Error::new(
                28729,
                format!("Third argument to $slice must be positive: {count}"),
            ));
        }
        (from_end(first), (from_end(first) + count).min(length))
    };
    give(items[start as usize..end as usize].to_vec())
}

/// A place or a count of `$slice`; the codes are for another type, and for a fraction.
fn whole(arguments: &Arguments, at: usize, codes: [i32; 2], which: &str) -> Result<i64> {
    let number = arguments.number(at).ok_or_else(|| {
        let found = arguments.type_name(at);
        let message =
            format!("{which} argument to $slice must be a numeric value, but is of type: {found}");
        Error::new(codes[0], message)
    })?;
    number.to_i32_exact().map(i64::from).ok_or_else(|| {
        let message =
            format!("{which} argument to $slice can't be represented as a 32-bit integer");
        Error::new(codes[1], message)
    })
}

const ZIP: Parameters = Parameters {
    names: &["inputs", "defaults", "useLongestLength"],
    required: 1,
    not_an_object: 34460,
    unknown: 34464,
    missing: &[34465],
};

fn zip(arguments: Arguments) -> Result<Option<Value>> {
    let inputs = arguments
        .array(0)
        .ok_or_else(|| Error::new(34461, "inputs must be an array of expressions"))?;
    let longest = truthy(arguments.get(2));
    let defaults = arguments.array(1).unwrap_or(&[]);
    if !defaults.is_empty() && !longest {
        return Err(Error::new(
            34466,
            "cannot specify defaults unless useLongestLength is true",
        ));
    }
    if !defaults.is_empty() && defaults.len() != inputs.len() {
        return Err(Error::new(
            34467,
            "defaults and inputs must have the same length",
        ));
    }
    let Some(columns) = columns(inputs)? else {
        return null();
    };
    let lengths = columns.iter().map(|column| column.len());
    let rows = if longest {
        lengths.max()
    } else {
        lengths.min()
    }
    .unwrap_or(0);
    let cell = |(at, column): (usize, &&Vec<Value>), row: usize| {
        column
            .get(row)
            .or_else(|| defaults.get(at))
            .cloned()
            .unwrap_or(Value::Null)
    };
    let row = |row| {
        let cells = columns.iter().enumerate().map(|column| cell(column, row));
        Value::Array(cells.collect())
    };
    give((0..rows).map(row).collect::<Vec<_>>())
}

/// The arrays that are zipped; none if one of them is null.
fn columns(inputs: &[Value]) -> Result<Option<Vec<&Vec<Value>>>> {
    let mut columns = Vec::with_capacity(inputs.len());
    for input in inputs {
        match input {
            Value::Array(items) => columns.push(items),
            Value::Null | Value::Undefined => return Ok(None),
            other => {
                let found = other.type_name();
                let message = format!("$zip found a non-array expression in input: {found}");
                return Err(Error::new(34468, message));
            }
        }
    }
    Ok(Some(columns))
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, missing, value};

    /// Negative places count from the end, places outside give nothing.
    #[test]
    fn elements_from_either_end() {
        assert_eq!(value("3"), value(r#"{"$arrayElemAt": [[1, 2, 3], -1]}"#));
        assert!(missing(r#"{"$arrayElemAt": [[1], 5]}"#));
        assert!(missing(r#"{"$first": [[]]}"#));
        assert_eq!(28689, error(r#"{"$arrayElemAt": [5, 0]}"#));
    }

    /// Slices take two or three arguments as the server's do.
    #[test]
    fn slices_by_sign() {
        for (expected, source) in [
            ("[1, 2]", r#"{"$slice": [[1, 2, 3], 2]}"#),
            ("[2, 3]", r#"{"$slice": [[1, 2, 3], -2]}"#),
            ("[2]", r#"{"$slice": [[1, 2, 3], 1, 1]}"#),
            ("[1, 2, 3]", r#"{"$slice": [[1, 2, 3], -9, 9]}"#),
            ("[]", r#"{"$slice": [[1, 2, 3], 9, 9]}"#),
        ] {
            assert_eq!(value(expected), value(source), "{source}");
        }
    }

    /// Ranges exclude their end and may go down.
    #[test]
    fn ranges_exclude_end() {
        assert_eq!(value("[0, 2, 4]"), value(r#"{"$range": [0, 5, 2]}"#));
        assert_eq!(value("[3, 2, 1]"), value(r#"{"$range": [3, 0, -1]}"#));
        assert_eq!(34449, error(r#"{"$range": [0, 1, 0]}"#));
        assert_eq!(146, error(r#"{"$range": [0, 2147483647]}"#));
    }

    /// Zipping stops at the shortest, or fills up to the longest.
    #[test]
    fn zips_fill_with_defaults() {
        assert_eq!(
            value("[[1, 3]]"),
            value(r#"{"$zip": {"inputs": [[1, 2], [3]]}}"#)
        );
        assert_eq!(
            value("[[1, 3], [2, 9]]"),
            value(
                r#"{"$zip": {"inputs": [[1, 2], [3]], "useLongestLength": true, "defaults": [8, 9]}}"#
            )
        );
    }

    /// Membership and position know that 1 and 1.0 are one value.
    #[test]
    fn search_compares_by_value() {
        assert_eq!(value("true"), value(r#"{"$in": [1.0, [3, 1]]}"#));
        assert_eq!(value("1"), value(r#"{"$indexOfArray": [[3, 1], 1.0]}"#));
        assert_eq!(40081, error(r#"{"$in": [1, 2]}"#));
    }
}
