//! Texts: joining, splitting, trimming, case, replacing.

use mongolane_bson::Value;

use super::arguments::{Arguments, Arity, Parameters, type_name};
use super::arithmetic::{give, null};
use super::convert::to_text;
use super::operator::{
    Operator::{Named, Positional},
    Rows,
};
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    ("$concat", Positional(Arity::Any, concat)),
    ("$ltrim", Named(&TRIM, |a| trim(&a, true, false))),
    ("$replaceAll", Named(&REPLACE, |a| replace(&a, usize::MAX))),
    ("$replaceOne", Named(&REPLACE, |a| replace(&a, 1))),
    ("$rtrim", Named(&TRIM, |a| trim(&a, false, true))),
    ("$split", Positional(Arity::Exactly(2), split)),
    (
        "$strcasecmp",
        Positional(Arity::Exactly(2), compare_ignoring_case),
    ),
    (
        "$toLower",
        Positional(Arity::Exactly(1), |a| {
            give(coerced(&a, 0)?.to_ascii_lowercase())
        }),
    ),
    (
        "$toUpper",
        Positional(Arity::Exactly(1), |a| {
            give(coerced(&a, 0)?.to_ascii_uppercase())
        }),
    ),
    ("$trim", Named(&TRIM, |a| trim(&a, true, true))),
];

const TRIM: Parameters = Parameters {
    names: &["input", "chars"],
    required: 1,
    not_an_object: 50696,
    unknown: 50694,
    missing: &[50695],
};

const REPLACE: Parameters = Parameters {
    names: &["input", "find", "replacement"],
    required: 3,
    not_an_object: 51751,
    unknown: 51750,
    missing: &[51749, 51748, 51747],
};

/// An argument as text the way old operators see it: null is empty, numbers
/// and dates are spelled.
pub(super) fn coerced(arguments: &Arguments, at: usize) -> Result<String> {
    if arguments.is_nullish(at) {
        return Ok(String::new());
    }
    let text = match arguments.get(at) {
        Some(Value::Bool(_) | Value::ObjectId(_) | Value::Binary(..)) | None => None,
        Some(Value::Timestamp(seconds, increment)) => {
            Some(format!("Timestamp({seconds}, {increment})"))
        }
        Some(value) => to_text(value),
    };
    text.ok_or_else(|| {
        let found = arguments.type_name(at);
        Error::new(
            16007,
            format!("can't convert from BSON type {found} to String"),
        )
    })
}

fn concat(arguments: Arguments) -> Result<Option<Value>> {
    let mut out = String::new();
    for at in 0..arguments.len() {
        if arguments.is_nullish(at) {
            return null();
        }
        let text = arguments.text(at).ok_or_else(|| {
            Error::new(
                16702,
                format!(
                    "$concat only supports strings, not {}",
                    arguments.type_name(at)
                ),
            )
        })?;
        out.push_str(text);
    }
    give(out)
}

fn split(arguments: Arguments) -> Result<Option<Value>> {
    if arguments.any_nullish() {
        return null();
    }
    let text = |at: usize, code: i32, which: &str| {
        arguments.text(at).ok_or_else(|| {
            let found = arguments.type_name(at);
            let message = format!("$split requires an expression that evaluates to a string as a {which} argument, found: {found}");
            Error::new(code, message)
        })
    };
    let (input, separator) = (text(0, 40085, "first")?, text(1, 40086, "second")?);
    if separator.is_empty() {
        return Err(Error::new(40087, "$split requires a non-empty separator"));
    }
    give(input.split(separator).map(Value::from).collect::<Vec<_>>())
}

fn compare_ignoring_case(arguments: Arguments) -> Result<Option<Value>> {
    let text = |at| coerced(&arguments, at).map(|text| text.to_ascii_uppercase());
    give(text(0)?.cmp(&text(1)?) as i32)
}

fn trim(arguments: &Arguments, left: bool, right: bool) -> Result<Option<Value>> {
    if arguments.is_nullish(0) || arguments.given_nullish(1) {
        return null();
    }
    let text = |at: usize, code: i32, role: &str| {
        arguments.text(at).ok_or_else(|| {
            let (operator, found) = (arguments.operator, type_name(arguments.get(at)));
            Error::new(
                code,
                format!("{operator} requires its {role} to be a string, got {found}"),
            )
        })
    };
    let mut out = text(0, 50699, "input")?;
    let characters = match arguments.get(1) {
        Some(_) => Some(text(1, 50700, "'chars'")?),
        None => None,
    };
    let unwanted = |c: char| characters.map_or_else(|| is_blank(c), |some| some.contains(c));
    if left {
        out = out.trim_start_matches(unwanted);
    }
    if right {
        out = out.trim_end_matches(unwanted);
    }
    give(out)
}

/// The blanks of the server's documentation.
fn is_blank(c: char) -> bool {
    matches!(c, '\0' | ' ' | '\t'..='\r' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}')
}

fn replace(arguments: &Arguments, count: usize) -> Result<Option<Value>> {
    let codes = [(51746, "input"), (51745, "find"), (51744, "replacement")];
    for (at, (code, role)) in codes.into_iter().enumerate() {
        if !arguments.is_nullish(at) && arguments.text(at).is_none() {
            let (operator, found) = (arguments.operator, arguments.type_name(at));
            let message = format!("{operator} requires that '{role}' be a string, found: {found}");
            return Err(Error::new(code, message));
        }
    }
    match (arguments.text(0), arguments.text(1), arguments.text(2)) {
        (Some(input), Some(find), Some(new)) => give(input.replacen(find, new, count)),
        _ => null(),
    }
}
