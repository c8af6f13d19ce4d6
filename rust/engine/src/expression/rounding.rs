//! `$ceil`, `$floor`, `$round`, `$trunc`.

use mongolane_bson::Value;

use super::arguments::{Arguments, Arity, describe};
use super::arithmetic::{give, null, one_number};
use super::operator::{Operator::Positional, Rows};
use crate::decimal::{self, Rounding};
use crate::number::Number;
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    ("$ceil", Positional(Arity::Exactly(1), ceil)),
    ("$floor", Positional(Arity::Exactly(1), floor)),
    ("$round", Positional(Arity::Between(1, 2), round)),
    ("$trunc", Positional(Arity::Between(1, 2), trunc)),
];

fn ceil(arguments: Arguments) -> Result<Option<Value>> {
    to_whole(&arguments, Rounding::Ceiling, f64::ceil)
}

fn floor(arguments: Arguments) -> Result<Option<Value>> {
    to_whole(&arguments, Rounding::Floor, f64::floor)
}

fn round(arguments: Arguments) -> Result<Option<Value>> {
    to_place(&arguments, Rounding::HalfEven, f64::round_ties_even)
}

fn trunc(arguments: Arguments) -> Result<Option<Value>> {
    to_place(&arguments, Rounding::Truncate, f64::trunc)
}

fn to_whole(
    arguments: &Arguments,
    rounding: Rounding,
    doubles: fn(f64) -> f64,
) -> Result<Option<Value>> {
    match one_number(arguments)? {
        None => null(),
        Some(number) => give(whole(number, rounding, doubles)),
    }
}

fn whole(number: Number, rounding: Rounding, doubles: fn(f64) -> f64) -> Number {
    match number {
        Number::Double(n) => Number::Double(doubles(n)),
        Number::Decimal(n) => Number::Decimal(decimal::to_integral(n, rounding)),
        integer => integer,
    }
}

/// The number to round, or to cut off; `None` where it is null or missing.
fn rounded_number(arguments: &Arguments) -> Result<Option<Number>> {
    one_number(arguments).map_err(|_| {
        let (operator, found) = (arguments.operator, arguments.type_name(0));
        Error::new(
            51081,
            format!("{operator} only supports numeric types, not {found}"),
        )
    })
}

fn to_place(
    arguments: &Arguments,
    rounding: Rounding,
    doubles: fn(f64) -> f64,
) -> Result<Option<Value>> {
    let Some(number) = rounded_number(arguments)? else {
        return null();
    };
    if arguments.len() == 1 {
        return give(whole(number, rounding, doubles));
    }
    if arguments.is_nullish(1) {
        return null();
    }
    let place = place(arguments)?;
    give(match number {
        Number::Double(n) if place == 0 => Number::Double(doubles(n)),
        Number::Double(n) => Number::Double(round_double(n, place, rounding)),
        Number::Decimal(n) if place == 0 => Number::Decimal(decimal::to_integral(n, rounding)),
        Number::Decimal(n) => Number::Decimal(decimal::quantize(n, place, rounding)),
        integer => round_integer(integer, place, rounding)?,
    })
}

fn place(arguments: &Arguments) -> Result<i64> {
    let operator = arguments.operator;
    let number = arguments
        .number(1)
        .and_then(Number::to_i64_exact)
        .ok_or_else(|| {
            Error::new(
                51082,
                format!("precision argument to  {operator} must be a integral value"),
            )
        })?;
    if (-20..=100).contains(&number) {
        return Ok(number);
    }
    let message = format!(
        "cannot apply {operator} with precision value {number} value must be in [-20, 100]"
    );
    Err(Error::new(51083, message))
}

/// By way of the double's exact decimal value, as the server does.
fn round_double(number: f64, place: i64, rounding: Rounding) -> f64 {
    if !number.is_finite() {
        return number;
    }
    let exact = decimal::from_double_exactly(number);
    decimal::to_double(decimal::quantize(exact, place, rounding))
}

fn round_integer(number: Number, place: i64, rounding: Rounding) -> Result<Number> {
    if place >= 0 {
        return Ok(number);
    }
    let rounded = decimal::quantize(number.to_decimal(), place, rounding);
    let result = decimal::to_i64(rounded).ok_or_else(|| {
        let shown = describe(&number.into());
        Error::new(51080, format!("invalid conversion from Decimal128 result in $round resulting from arguments: [{shown}, {place}]"))
    })?;
    Ok(match number {
        Number::Int32(_) => Number::narrow(result),
        _ => Number::Int64(result),
    })
}
