//! Sines and their kin. Decimals are computed by way of doubles.

use mongolane_bson::Value;

use super::arguments::{Arguments, Arity, describe_double};
use super::arithmetic::{give, null, one_number, real};
use super::operator::{Operator::Positional, Rows};
use crate::number::Number;
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    (
        "$acos",
        Positional(Arity::Exactly(1), |a| within(&a, -1.0, 1.0, f64::acos)),
    ),
    (
        "$acosh",
        Positional(Arity::Exactly(1), |a| {
            within(&a, 1.0, f64::INFINITY, f64::acosh)
        }),
    ),
    (
        "$asin",
        Positional(Arity::Exactly(1), |a| within(&a, -1.0, 1.0, f64::asin)),
    ),
    (
        "$asinh",
        Positional(Arity::Exactly(1), |a| anywhere(&a, f64::asinh)),
    ),
    (
        "$atan",
        Positional(Arity::Exactly(1), |a| anywhere(&a, f64::atan)),
    ),
    ("$atan2", Positional(Arity::Exactly(2), arc_tangent)),
    (
        "$atanh",
        Positional(Arity::Exactly(1), |a| within(&a, -1.0, 1.0, f64::atanh)),
    ),
    (
        "$cos",
        Positional(Arity::Exactly(1), |a| finite(&a, f64::cos)),
    ),
    (
        "$cosh",
        Positional(Arity::Exactly(1), |a| anywhere(&a, f64::cosh)),
    ),
    (
        "$degreesToRadians",
        Positional(Arity::Exactly(1), |a| anywhere(&a, f64::to_radians)),
    ),
    (
        "$radiansToDegrees",
        Positional(Arity::Exactly(1), |a| anywhere(&a, f64::to_degrees)),
    ),
    (
        "$sin",
        Positional(Arity::Exactly(1), |a| finite(&a, f64::sin)),
    ),
    (
        "$sinh",
        Positional(Arity::Exactly(1), |a| anywhere(&a, f64::sinh)),
    ),
    (
        "$tan",
        Positional(Arity::Exactly(1), |a| finite(&a, f64::tan)),
    ),
    (
        "$tanh",
        Positional(Arity::Exactly(1), |a| anywhere(&a, f64::tanh)),
    ),
];

fn anywhere(arguments: &Arguments, function: fn(f64) -> f64) -> Result<Option<Value>> {
    match one_number(arguments)? {
        None => null(),
        Some(number) => give(real(number, function)),
    }
}

fn finite(arguments: &Arguments, function: fn(f64) -> f64) -> Result<Option<Value>> {
    check(arguments, |n| !n.is_infinite(), "(-inf,inf)")?;
    anywhere(arguments, function)
}

fn within(
    arguments: &Arguments,
    low: f64,
    high: f64,
    function: fn(f64) -> f64,
) -> Result<Option<Value>> {
    let bounds = format!("[{},{}]", bound(low), bound(high));
    check(
        arguments,
        |n| n.is_nan() || (low..=high).contains(&n),
        &bounds,
    )?;
    anywhere(arguments, function)
}

fn bound(number: f64) -> String {
    if number.is_infinite() {
        "inf".to_owned()
    } else {
        number.to_string()
    }
}

fn check(arguments: &Arguments, allowed: impl Fn(f64) -> bool, bounds: &str) -> Result<()> {
    match one_number(arguments)?.map(Number::to_f64) {
        Some(number) if !allowed(number) => {
            let (operator, shown) = (arguments.operator, describe_double(number));
            let message = format!("cannot apply {operator} to {shown}, value must be in {bounds}");
            Err(Error::new(50989, message))
        }
        _ => Ok(()),
    }
}

fn arc_tangent(arguments: Arguments) -> Result<Option<Value>> {
    if arguments.any_nullish() {
        return null();
    }
    let (Some(y), Some(x)) = (arguments.number(0), arguments.number(1)) else {
        let (y, x) = (arguments.type_name(0), arguments.type_name(1));
        return Err(Error::new(
            51044,
            format!("$atan2 only supports numeric types, not {y} and {x}"),
        ));
    };
    let decimal = matches!(x, Number::Decimal(_));
    let y = if decimal {
        Number::Decimal(y.to_decimal())
    } else {
        y
    };
    give(real(y, |y| y.atan2(x.to_f64())))
}
