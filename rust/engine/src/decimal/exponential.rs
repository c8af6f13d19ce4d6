//! `exp`, `ln` and powers of Decimal128, to all 34 digits.
//!
//! Numbers are integers scaled by `10^PLACES` here, twice as many places as a
//! result has, so that the errors of the steps stay far below its last digit.

use std::sync::LazyLock;

use mongolane_bson::{Decimal128, Parts};
use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;

use crate::decimal;

const PLACES: u32 = 72;
/// `exp` beyond this is infinite, or zero on the other side.
const LARGEST_POWER: i64 = 14_200;
/// Halvings before a series, undone after it.
const HALVINGS: usize = 8;
/// Square roots before a series.
const ROOTS: usize = 3;

static ONE: LazyLock<BigInt> = LazyLock::new(|| BigInt::from(10u8).pow(PLACES));
static LN_TEN: LazyLock<BigInt> = LazyLock::new(|| ln_scaled(&(&*ONE * 10)));

/// `e` to the power `number`.
#[must_use]
pub fn exp(number: Decimal128) -> Decimal128 {
    match number.parts() {
        Parts::NaN { .. } => number,
        Parts::Infinity { negative: true } => decimal::from_i64(0),
        Parts::Infinity { negative: false } => number,
        Parts::Finite { coefficient: 0, .. } => decimal::from_i64(1),
        Parts::Finite { .. } => scaled(number).map_or_else(|| beyond(number), |x| exp_scaled(&x)),
    }
}

/// The natural logarithm of a positive number.
#[must_use]
pub fn ln(number: Decimal128) -> Decimal128 {
    match positive(number) {
        Some((coefficient, exponent)) => unscaled(&ln_parts(&coefficient, exponent)),
        None => decimal::from_double_shortest(decimal::to_double(number).ln()),
    }
}

/// The logarithm of a positive number to the base ten.
#[must_use]
pub fn log10(number: Decimal128) -> Decimal128 {
    let Some((coefficient, exponent)) = positive(number) else {
        return decimal::from_double_shortest(decimal::to_double(number).log10());
    };
    let size = decimal::digits(&coefficient) - 1;
    if coefficient == decimal::shift(&BigUint::from(1u8), size) {
        return decimal::from_i64(size + exponent);
    }
    unscaled(&(ln_parts(&coefficient, exponent) * &*ONE / &*LN_TEN))
}

/// The logarithm of a positive number to a positive base that isn't one.
#[must_use]
pub fn log(number: Decimal128, base: Decimal128) -> Decimal128 {
    match (positive(number), positive(base)) {
        (Some((c, e)), Some((d, f))) => unscaled(&(ln_parts(&c, e) * &*ONE / ln_parts(&d, f))),
        _ => decimal::divide(ln(number), ln(base)),
    }
}

/// A positive number to any power; none where it isn't positive or infinite.
#[must_use]
pub fn power(base: Decimal128, exponent: Decimal128) -> Option<Decimal128> {
    let (coefficient, places) = positive(base)?;
    let x = scaled(exponent)? * ln_parts(&coefficient, places) / &*ONE;
    let limit = &*ONE * LARGEST_POWER;
    if x > limit {
        return Some(decimal::infinity(false));
    }
    Some(if x < -limit {
        decimal::from_i64(0)
    } else {
        exp_scaled(&x)
    })
}

fn positive(number: Decimal128) -> Option<(BigUint, i64)> {
    match number.parts() {
        Parts::Finite {
            negative: false,
            coefficient,
            exponent,
        } if coefficient != 0 => Some((coefficient.into(), exponent.into())),
        _ => None,
    }
}

/// A number that `exp` may get, scaled; none where it is too large for it.
fn scaled(number: Decimal128) -> Option<BigInt> {
    let Parts::Finite {
        negative,
        coefficient,
        exponent,
    } = number.parts()
    else {
        return None;
    };
    let coefficient = BigUint::from(coefficient);
    if coefficient != BigUint::ZERO && decimal::digits(&coefficient) + i64::from(exponent) > 40 {
        return None;
    }
    let places = i64::from(exponent) + i64::from(PLACES);
    let size = if places >= 0 {
        decimal::shift(&coefficient, places)
    } else {
        // Nothing but a few digits is left beyond the coefficient's own.
        coefficient / decimal::shift(&BigUint::from(1u8), (-places).min(80))
    };
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    let value = BigInt::from_biguint(sign, size);
    let limit = &*ONE * LARGEST_POWER;
    (value <= limit && value >= -limit).then_some(value)
}

fn beyond(number: Decimal128) -> Decimal128 {
    if decimal::is_negative(number) {
        decimal::from_i64(0)
    } else {
        decimal::infinity(false)
    }
}

fn unscaled(value: &BigInt) -> Decimal128 {
    let negative = value.sign() == Sign::Minus;
    decimal::round(negative, value.magnitude().clone(), -i64::from(PLACES))
}

/// `x = k ln 10 + r`: the power of ten is exact, the rest is small.
fn exp_scaled(x: &BigInt) -> Decimal128 {
    let (k, rest) = x.div_mod_floor(&LN_TEN);
    let small = rest >> HALVINGS;
    let mut sum = ONE.clone();
    let mut term = ONE.clone();
    for n in 1u32.. {
        term = term * &small / &*ONE / n;
        if term.sign() == Sign::NoSign {
            break;
        }
        sum += &term;
    }
    for _ in 0..HALVINGS {
        sum = &sum * &sum / &*ONE;
    }
    let k = i64::try_from(k).unwrap_or(LARGEST_POWER);
    decimal::round(false, sum.magnitude().clone(), k - i64::from(PLACES))
}

/// `ln(c * 10^e)`, by a number between one and ten.
fn ln_parts(coefficient: &BigUint, exponent: i64) -> BigInt {
    let size = decimal::digits(coefficient) - 1;
    let mantissa = decimal::shift(coefficient, i64::from(PLACES) - size);
    ln_scaled(&BigInt::from(mantissa)) + &*LN_TEN * (size + exponent)
}

/// `ln m = 2 artanh((m - 1) / (m + 1))`, after roots that make it converge.
fn ln_scaled(mantissa: &BigInt) -> BigInt {
    let mut root = mantissa.clone();
    for _ in 0..ROOTS {
        root = (root * &*ONE).sqrt();
    }
    let z = (&root - &*ONE) * &*ONE / (&root + &*ONE);
    let square = &z * &z / &*ONE;
    let (mut sum, mut power) = (z.clone(), z);
    for n in (3u32..).step_by(2) {
        power = power * &square / &*ONE;
        if power.sign() == Sign::NoSign {
            break;
        }
        sum += &power / n;
    }
    sum << (ROOTS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Decimal128 {
        text.parse().expect(text)
    }

    /// Exponentials have all their digits, and limits.
    #[test]
    fn exponentials_have_all_digits() {
        for (number, expected) in [
            ("0", "1"),
            ("0.5", "1.648721270700128146848650787814164"),
            ("2", "7.389056098930650227230427460575008"),
            ("-1E+3", "5.075958897549456765291809479574337E-435"),
            ("1E+9", "Infinity"),
            ("-Infinity", "0"),
        ] {
            assert_eq!(expected, exp(parse(number)).to_string(), "{number}");
        }
    }

    /// Logarithms have all their digits, and powers of ten are whole.
    #[test]
    fn logarithms_have_all_digits() {
        assert_eq!(
            "-0.6931471805599453094172321214581766",
            ln(parse("0.5")).to_string()
        );
        assert_eq!(
            "1.144729041185178381216412580436159",
            ln(parse("3.14159")).to_string()
        );
        assert_eq!("0", ln(parse("1")).to_string());
        assert_eq!("-3", log10(parse("0.001")).to_string());
        assert_eq!(
            "0.3010299956639811952137388947244930",
            log10(parse("2")).to_string()
        );
        assert_eq!(
            "1.651494910879434801051983323039912",
            log(parse("3.14159"), parse("2")).to_string()
        );
    }

    /// Powers that aren't whole have all their digits.
    #[test]
    fn powers_have_all_digits() {
        let result = power(parse("5"), parse("3.14159")).unwrap();

        assert_eq!("156.9918748284163401754033386985485", result.to_string());
    }
}
