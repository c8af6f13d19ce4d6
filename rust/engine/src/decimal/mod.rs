//! Decimal128 to compute with: 34 digits, ties to even, IEEE's ideal exponents.
//!
//! Here are the numbers themselves, their conversions and their rounding; the
//! operations are in `arithmetic` and `exponential`.

use mongolane_bson::{Decimal128, DecimalError, Parts};
use num_bigint::BigUint;
use num_integer::Integer;

mod arithmetic;
mod exponential;

pub use arithmetic::{
    absolute, add, divide, modulo, multiply, negate, power, quantize, square_root, subtract,
    to_integral,
};
pub use exponential::{exp, ln, log, log10};

const DIGITS: i64 = 34;
const MIN_EXPONENT: i64 = -6176;
const MAX_EXPONENT: i64 = 6111;

/// How digits that don't fit are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, ties to the even neighbour.
    HalfEven,
    /// Towards zero.
    Truncate,
    /// Towards minus infinity.
    Floor,
    /// Towards plus infinity.
    Ceiling,
}

/// A finite number under way: any number of digits, any exponent.
#[derive(Clone, Debug)]
struct Finite {
    negative: bool,
    coefficient: BigUint,
    exponent: i64,
}

/// How many decimal digits a number has; one for zero.
#[must_use]
pub fn digits(number: &BigUint) -> i64 {
    match u128::try_from(number) {
        Ok(small) => i64::from(small.checked_ilog10().unwrap_or(0)) + 1,
        Err(_) => number.to_str_radix(10).len() as i64,
    }
}

/// `number * 10^places`, `places` not negative.
#[must_use]
pub fn shift(number: &BigUint, places: i64) -> BigUint {
    number * power_of_ten(places)
}

fn power_of_ten(places: i64) -> BigUint {
    BigUint::from(10u8).pow(u32::try_from(places).expect("not negative"))
}

/// A finite double as coefficient and exponent of ten, exactly, sign aside.
#[must_use]
pub fn expand_double(number: f64) -> (BigUint, i64) {
    let bits = number.abs().to_bits();
    let (fraction, biased) = (bits & ((1 << 52) - 1), (bits >> 52) as i64);
    let (mantissa, power) = if biased == 0 {
        (fraction, -1074)
    } else {
        (fraction | (1 << 52), biased - 1075)
    };
    if mantissa == 0 {
        return (BigUint::ZERO, 0);
    }
    let zeros = i64::from(mantissa.trailing_zeros());
    let (mantissa, power) = (BigUint::from(mantissa >> zeros), power + zeros);
    if power >= 0 {
        return (mantissa << power as u64, 0);
    }
    // m / 2^k = m * 5^k / 10^k
    (
        mantissa * BigUint::from(5u8).pow(power.unsigned_abs() as u32),
        power,
    )
}

/// A long as a decimal.
#[must_use]
pub fn from_i64(number: i64) -> Decimal128 {
    finish(
        Finite {
            negative: number < 0,
            coefficient: number.unsigned_abs().into(),
            exponent: 0,
        },
        false,
    )
}

/// A double as the server converts it: fifteen significant digits, kept even
/// where they are zeros.
#[must_use]
pub fn from_double(number: f64) -> Decimal128 {
    if number == 0.0 || !number.is_finite() {
        return from_double_exactly(number);
    }
    let text = format!("{number:.14e}");
    text.parse().unwrap_or_else(|_| from_double_exactly(number))
}

/// A double to all 34 digits.
#[must_use]
pub fn from_double_exactly(number: f64) -> Decimal128 {
    if number.is_nan() {
        return nan();
    }
    if number.is_infinite() {
        return infinity(number < 0.0);
    }
    let (coefficient, exponent) = expand_double(number);
    finish(
        Finite {
            negative: number.is_sign_negative(),
            coefficient,
            exponent,
        },
        false,
    )
}

/// A double by its shortest digits: what computing by way of doubles gives.
#[must_use]
pub fn from_double_shortest(number: f64) -> Decimal128 {
    if number == 0.0 || !number.is_finite() {
        return from_double_exactly(number);
    }
    format!("{number:e}")
        .parse()
        .unwrap_or_else(|_| from_double_exactly(number))
}

/// A text to 34 digits, rounding what is beyond; `None` if it isn't a number.
#[must_use]
pub fn parse(text: &str) -> Option<Decimal128> {
    match text.parse() {
        Err(DecimalError::Inexact | DecimalError::Underflow) => {}
        Err(DecimalError::Syntax) => return None,
        Err(DecimalError::Overflow) => return Some(infinity(text.starts_with('-'))),
        Ok(number) => return Some(number),
    }
    let lower = text.to_ascii_lowercase();
    let (digits, power) = lower.split_once('e').unwrap_or((&lower, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let exponent = power.parse::<i64>().ok()? - fraction.len() as i64;
    let digits = [whole.trim_start_matches(['-', '+']), fraction].concat();
    let coefficient = BigUint::parse_bytes(digits.as_bytes(), 10)?;
    Some(finish(
        Finite {
            negative: text.starts_with('-'),
            coefficient,
            exponent,
        },
        false,
    ))
}

/// The nearest double.
#[must_use]
pub fn to_double(number: Decimal128) -> f64 {
    match number.parts() {
        Parts::NaN { .. } => f64::NAN,
        Parts::Infinity { negative } => {
            if negative {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            }
        }
        Parts::Finite { .. } => number.to_string().parse().unwrap_or(f64::NAN),
    }
}

/// The long it is equal to, if there is one.
#[must_use]
pub fn to_i64(number: Decimal128) -> Option<i64> {
    let Parts::Finite {
        negative,
        mut coefficient,
        mut exponent,
    } = number.parts()
    else {
        return None;
    };
    while exponent < 0 && coefficient != 0 {
        if coefficient % 10 != 0 {
            return None;
        }
        (coefficient, exponent) = (coefficient / 10, exponent + 1);
    }
    if coefficient == 0 {
        return Some(0);
    }
    let scale = 10i128.checked_pow(u32::try_from(exponent).ok()?)?;
    let size = i128::try_from(coefficient).ok()?.checked_mul(scale)?;
    i64::try_from(if negative { -size } else { size }).ok()
}

/// `coefficient * 10^exponent`, of which something below the last digit was
/// cut off already, rounded into the format; zero is exact.
#[must_use]
pub fn round(negative: bool, coefficient: BigUint, exponent: i64) -> Decimal128 {
    if coefficient == BigUint::ZERO {
        return from_i64(0);
    }
    finish(
        Finite {
            negative,
            coefficient,
            exponent,
        },
        true,
    )
}

/// Not a number.
#[must_use]
pub fn nan() -> Decimal128 {
    from_parts(Parts::NaN { negative: false })
}

/// An infinity.
#[must_use]
pub fn infinity(negative: bool) -> Decimal128 {
    from_parts(Parts::Infinity { negative })
}

/// Whether it is a zero of either sign.
#[must_use]
pub fn is_zero(number: Decimal128) -> bool {
    matches!(number.parts(), Parts::Finite { coefficient: 0, .. })
}

/// Whether it is not a number.
#[must_use]
pub fn is_nan(number: Decimal128) -> bool {
    matches!(number.parts(), Parts::NaN { .. })
}

/// Whether it is neither infinite nor NaN.
#[must_use]
pub fn is_finite(number: Decimal128) -> bool {
    matches!(number.parts(), Parts::Finite { .. })
}

/// Whether the sign bit is set.
#[must_use]
pub fn is_negative(number: Decimal128) -> bool {
    match number.parts() {
        Parts::Finite { negative, .. } | Parts::Infinity { negative } | Parts::NaN { negative } => {
            negative
        }
    }
}

fn from_parts(parts: Parts) -> Decimal128 {
    Decimal128::from_parts(parts).expect("within the format's limits")
}

fn finite(number: Decimal128) -> Option<Finite> {
    match number.parts() {
        Parts::Finite {
            negative,
            coefficient,
            exponent,
        } => Some(Finite {
            negative,
            coefficient: coefficient.into(),
            exponent: exponent.into(),
        }),
        _ => None,
    }
}

/// Rounds into the format. `inexact` says that something more than nothing was
/// already cut off below the last digit.
fn finish(number: Finite, inexact: bool) -> Decimal128 {
    let drop = (digits(&number.coefficient) - DIGITS)
        .max(MIN_EXPONENT - number.exponent)
        .max(0);
    let mut number = drop_digits(number, drop, inexact, Rounding::HalfEven);
    if digits(&number.coefficient) > DIGITS {
        number = drop_digits(number, 1, false, Rounding::HalfEven);
    }
    let coefficient = u128::try_from(&number.coefficient).expect("at most 34 digits");
    let excess = number.exponent - MAX_EXPONENT;
    if coefficient != 0 && excess > DIGITS - digits(&number.coefficient) {
        return infinity(number.negative);
    }
    let exponent = number.exponent.clamp(MIN_EXPONENT, MAX_EXPONENT + DIGITS) as i32;
    from_parts(Parts::Finite {
        negative: number.negative,
        coefficient,
        exponent,
    })
}

fn drop_digits(number: Finite, count: i64, inexact: bool, rounding: Rounding) -> Finite {
    if count == 0 && !inexact {
        return number;
    }
    let Finite {
        negative,
        coefficient,
        exponent,
    } = number;
    // Everything would go: one digit more than there is decides the same.
    let kept = count.min(digits(&coefficient) + 1);
    let unit = power_of_ten(kept);
    let (mut quotient, rest) = coefficient.div_rem(&unit);
    let something = inexact || rest != BigUint::ZERO;
    let up = match rounding {
        Rounding::Truncate => false,
        Rounding::Floor => negative && something,
        Rounding::Ceiling => !negative && something,
        Rounding::HalfEven => match (rest * 2u8).cmp(&unit) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => kept > 0 && (inexact || quotient.is_odd()),
            std::cmp::Ordering::Greater => true,
        },
    };
    if up {
        quotient += 1u8;
    }
    Finite {
        negative,
        coefficient: quotient,
        exponent: exponent + count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Doubles become decimals of fifteen digits.
    #[test]
    fn doubles_keep_fifteen_digits() {
        assert_eq!("2.50000000000000", from_double(2.5).to_string());
        assert_eq!("0.100000000000000", from_double(0.1).to_string());
        assert_eq!("0", from_double(0.0).to_string());
        assert_eq!(
            "0.1000000000000000055511151231257827",
            from_double_exactly(0.1).to_string()
        );
    }
}
