//! `$add`, `$subtract`, `$multiply`, `$divide`, `$mod`, roots, powers, logarithms.

use mongolane_bson::{Decimal128, Value};

use super::arguments::{Arguments, Arity, describe, describe_double, is_nullish, type_name};
use super::operator::{Operator::Positional, Rows};
use crate::number::{self, Number};
use crate::{Error, Result, decimal};

pub(super) const OPERATORS: Rows = &[
    ("$abs", Positional(Arity::Exactly(1), abs)),
    ("$add", Positional(Arity::Any, add)),
    ("$divide", Positional(Arity::Exactly(2), divide)),
    ("$exp", Positional(Arity::Exactly(1), exp)),
    ("$ln", Positional(Arity::Exactly(1), ln)),
    ("$log", Positional(Arity::Exactly(2), log)),
    ("$log10", Positional(Arity::Exactly(1), log10)),
    ("$mod", Positional(Arity::Exactly(2), modulo)),
    ("$multiply", Positional(Arity::Any, multiply)),
    ("$pow", Positional(Arity::Exactly(2), pow)),
    ("$sqrt", Positional(Arity::Exactly(1), sqrt)),
    ("$subtract", Positional(Arity::Exactly(2), subtract)),
    ("$bitAnd", Positional(Arity::Any, bit_and)),
    ("$bitOr", Positional(Arity::Any, bit_or)),
    ("$bitXor", Positional(Arity::Any, bit_xor)),
    ("$bitNot", Positional(Arity::Exactly(1), bit_not)),
];

/// The single argument as a number; `None` where it is null or missing.
pub(super) fn one_number(arguments: &Arguments) -> Result<Option<Number>> {
    if arguments.is_nullish(0) {
        return Ok(None);
    }
    arguments.number(0).map(Some).ok_or_else(|| {
        let (operator, found) = (arguments.operator, arguments.type_name(0));
        Error::new(
            28765,
            format!("{operator} only supports numeric types, not {found}"),
        )
    })
}

pub(super) fn null() -> Result<Option<Value>> {
    Ok(Some(Value::Null))
}

pub(super) fn give(value: impl Into<Value>) -> Result<Option<Value>> {
    Ok(Some(value.into()))
}

fn abs(arguments: Arguments) -> Result<Option<Value>> {
    let Some(number) = one_number(&arguments)? else {
        return null();
    };
    match number {
        Number::Int32(n) => give(Number::narrow(i64::from(n).abs())),
        Number::Int64(n) => match n.checked_abs() {
            Some(n) => give(n),
            None => Err(Error::new(28680, "can't take $abs of long long min")),
        },
        Number::Double(n) => give(n.abs()),
        Number::Decimal(n) => give(Number::Decimal(decimal::absolute(n))),
    }
}

fn add(arguments: Arguments) -> Result<Option<Value>> {
    let (mut sum, mut date) = (Number::Int32(0), false);
    let mut nothing = false;
    for value in arguments.iter() {
        match value {
            Some(Value::DateTime(_)) if date => {
                return Err(Error::new(
                    16612,
                    "only one date allowed in an $add expression",
                ));
            }
            Some(Value::DateTime(millis)) => {
                date = true;
                sum = number::add(sum, Number::Int64(*millis));
            }
            value if is_nullish(value) => nothing = true,
            value => sum = number::add(sum, operand(&arguments, value, "numeric or date")?),
        }
    }
    match (nothing, date) {
        (true, _) => null(),
        (false, true) => whole_date(sum).map(Some),
        (false, false) => give(sum),
    }
}

fn operand(arguments: &Arguments, value: Option<&Value>, kinds: &str) -> Result<Number> {
    value.and_then(Number::of).ok_or_else(|| {
        let (operator, found) = (arguments.operator, type_name(value));
        Error::new(
            14,
            format!("{operator} only supports {kinds} types, not {found}"),
        )
    })
}

fn whole_date(millis: Number) -> Result<Value> {
    let rounded = match millis {
        Number::Double(n) => Number::Double(n.round()),
        Number::Decimal(n) => Number::Decimal(decimal::quantize(n, 0, decimal::Rounding::HalfEven)),
        whole => whole,
    };
    let millis = rounded
        .to_i64_exact()
        .ok_or_else(|| Error::new(15, "date overflow in $add"))?;
    Ok(Value::DateTime(millis))
}

fn multiply(arguments: Arguments) -> Result<Option<Value>> {
    let mut product = Number::Int32(1);
    for value in arguments.iter() {
        if is_nullish(value) {
            return null();
        }
        product = number::multiply(product, operand(&arguments, value, "numeric")?);
    }
    give(product)
}

fn subtract(arguments: Arguments) -> Result<Option<Value>> {
    if arguments.any_nullish() {
        return null();
    }
    match (arguments.get(0), arguments.get(1)) {
        (Some(Value::DateTime(a)), Some(Value::DateTime(b))) => give(a.wrapping_sub(*b)),
        (Some(Value::DateTime(a)), Some(b)) => match Number::of(b) {
            Some(b) => whole_date(number::subtract(Number::Int64(*a), b)).map(Some),
            None => Err(cannot_subtract(&arguments)),
        },
        _ => match (arguments.number(0), arguments.number(1)) {
            (Some(a), Some(b)) => give(number::subtract(a, b)),
            _ => Err(cannot_subtract(&arguments)),
        },
    }
}

fn cannot_subtract(arguments: &Arguments) -> Error {
    let (a, b) = (arguments.type_name(0), arguments.type_name(1));
    Error::new(14, format!("can't $subtract {b} from {a}"))
}

fn divide(arguments: Arguments) -> Result<Option<Value>> {
    two_numbers(&arguments, 14, |a, b| {
        number::divide(a, b).ok_or_else(|| Error::new(2, "can't $divide by zero"))
    })
}

fn modulo(arguments: Arguments) -> Result<Option<Value>> {
    two_numbers(&arguments, 16611, |a, b| {
        number::modulo(a, b).ok_or_else(|| Error::new(16610, "can't $mod by zero"))
    })
}

fn two_numbers(
    arguments: &Arguments,
    code: i32,
    compute: impl Fn(Number, Number) -> Result<Number>,
) -> Result<Option<Value>> {
    if arguments.any_nullish() {
        return null();
    }
    match (arguments.number(0), arguments.number(1)) {
        (Some(a), Some(b)) => give(compute(a, b)?),
        _ => {
            let (a, b) = (arguments.type_name(0), arguments.type_name(1));
            let operator = arguments.operator;
            Err(Error::new(
                code,
                format!("{operator} only supports numeric types, not {a} and {b}"),
            ))
        }
    }
}

/// A function of doubles, carried over to decimals by way of one.
pub(super) fn real(number: Number, function: impl Fn(f64) -> f64) -> Number {
    match number {
        Number::Decimal(n) => Number::Decimal(decimal::from_double_shortest(function(
            decimal::to_double(n),
        ))),
        other => Number::Double(function(other.to_f64())),
    }
}

fn exp(arguments: Arguments) -> Result<Option<Value>> {
    let Some(number) = one_number(&arguments)? else {
        return null();
    };
    give(by_type(number, f64::exp, decimal::exp))
}

fn ln(arguments: Arguments) -> Result<Option<Value>> {
    logarithm(&arguments, 28766, f64::ln, decimal::ln)
}

fn log10(arguments: Arguments) -> Result<Option<Value>> {
    logarithm(&arguments, 28761, f64::log10, decimal::log10)
}

fn by_type(
    number: Number,
    doubles: fn(f64) -> f64,
    decimals: fn(Decimal128) -> Decimal128,
) -> Number {
    match number {
        Number::Decimal(number) => Number::Decimal(decimals(number)),
        other => Number::Double(doubles(other.to_f64())),
    }
}

/// Whether a logarithm refuses a number; NaN it takes.
fn is_too_small(number: Number) -> bool {
    match number {
        Number::Decimal(n) => {
            decimal::is_zero(n) || (decimal::is_negative(n) && !decimal::is_nan(n))
        }
        other => other.to_f64() <= 0.0,
    }
}

fn logarithm(
    arguments: &Arguments,
    code: i32,
    doubles: fn(f64) -> f64,
    decimals: fn(Decimal128) -> Decimal128,
) -> Result<Option<Value>> {
    let Some(number) = one_number(arguments)? else {
        return null();
    };
    if is_too_small(number) {
        let (operator, found) = (arguments.operator, describe(&number.into()));
        let message = format!("{operator}'s argument must be a positive number, but is {found}");
        return Err(Error::new(code, message));
    }
    give(by_type(number, doubles, decimals))
}

fn log(arguments: Arguments) -> Result<Option<Value>> {
    if arguments.any_nullish() {
        return null();
    }
    let (number, base) = (
        numeric(&arguments, 0, 28756, "argument")?,
        numeric(&arguments, 1, 28757, "base")?,
    );
    let (n, b) = (number.to_f64(), base.to_f64());
    if is_too_small(number) {
        let message = format!(
            "$log's argument must be a positive number, but is {}",
            describe_double(n)
        );
        return Err(Error::new(28758, message));
    }
    if is_too_small(base) || b == 1.0 {
        let message = format!(
            "$log's base must be a positive number not equal to 1, but is {}",
            describe_double(b)
        );
        return Err(Error::new(28759, message));
    }
    let decimal = matches!(number, Number::Decimal(_)) || matches!(base, Number::Decimal(_));
    give(if decimal {
        Number::Decimal(decimal::log(number.to_decimal(), base.to_decimal()))
    } else {
        Number::Double(n.ln() / b.ln())
    })
}

fn numeric(arguments: &Arguments, at: usize, code: i32, role: &str) -> Result<Number> {
    arguments.number(at).ok_or_else(|| {
        let (operator, found) = (arguments.operator, arguments.type_name(at));
        Error::new(
            code,
            format!("{operator}'s {role} must be numeric, not {found}"),
        )
    })
}

fn sqrt(arguments: Arguments) -> Result<Option<Value>> {
    let Some(number) = one_number(&arguments)? else {
        return null();
    };
    if number.to_f64() < 0.0 {
        return Err(Error::new(
            28714,
            "$sqrt's argument must be greater than or equal to 0",
        ));
    }
    match number {
        Number::Decimal(n) => give(Number::Decimal(decimal::square_root(n))),
        other => give(other.to_f64().sqrt()),
    }
}

fn pow(arguments: Arguments) -> Result<Option<Value>> {
    if arguments.any_nullish() {
        return null();
    }
    let base = numeric(&arguments, 0, 28762, "base")?;
    let exponent = numeric(&arguments, 1, 28763, "exponent")?;
    if base.is_zero() && exponent.to_f64() < 0.0 {
        return Err(Error::new(
            28764,
            "$pow cannot take a base of 0 and a negative exponent",
        ));
    }
    give(power(base, exponent))
}

fn power(base: Number, exponent: Number) -> Number {
    use Number::{Decimal, Double, Int32, Int64};
    match (base, exponent) {
        (Decimal(_), _) | (_, Decimal(_)) => {
            let (base, exponent) = (base.to_decimal(), exponent.to_decimal());
            Decimal(decimal::power(base, exponent))
        }
        (Double(_), _) | (_, Double(_)) => Double(base.to_f64().powf(exponent.to_f64())),
        _ => {
            let (n, e) = (base.to_i64_saturating(), exponent.to_i64_saturating());
            let long = matches!(base, Int64(_)) || matches!(exponent, Int64(_));
            match whole_power(n, e) {
                Some(result) if long => Int64(result),
                Some(result) => match Number::narrow(result) {
                    Int32(result) => Int32(result),
                    other => other,
                },
                None => Double(base.to_f64().powf(exponent.to_f64())),
            }
        }
    }
}

fn whole_power(base: i64, exponent: i64) -> Option<i64> {
    match base {
        1 => Some(1),
        -1 => Some(if exponent % 2 == 0 { 1 } else { -1 }),
        _ => base.checked_pow(u32::try_from(exponent).ok()?),
    }
}

fn bit_and(arguments: Arguments) -> Result<Option<Value>> {
    bits(&arguments, -1, |a, b| a & b)
}

fn bit_or(arguments: Arguments) -> Result<Option<Value>> {
    bits(&arguments, 0, |a, b| a | b)
}

fn bit_xor(arguments: Arguments) -> Result<Option<Value>> {
    bits(&arguments, 0, |a, b| a ^ b)
}

fn bits(arguments: &Arguments, start: i64, combine: fn(i64, i64) -> i64) -> Result<Option<Value>> {
    let (mut result, mut long) = (start, false);
    for value in arguments.iter() {
        match value {
            Some(Value::Int32(n)) => result = combine(result, i64::from(*n)),
            Some(Value::Int64(n)) => (result, long) = (combine(result, *n), true),
            value if is_nullish(value) => return null(),
            value => return Err(not_bits(arguments.operator, value)),
        }
    }
    give(if long {
        Number::Int64(result)
    } else {
        Number::narrow(result)
    })
}

fn bit_not(arguments: Arguments) -> Result<Option<Value>> {
    match arguments.get(0) {
        Some(Value::Int32(n)) => give(!n),
        Some(Value::Int64(n)) => give(!n),
        value if is_nullish(value) => null(),
        value => Err(not_bits(arguments.operator, value)),
    }
}

fn not_bits(operator: &str, value: Option<&Value>) -> Error {
    let found = type_name(value);
    Error::new(
        14,
        format!("{operator} only supports int and long operands, not {found}"),
    )
}
