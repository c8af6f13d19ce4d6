//! Arithmetic on Decimal128: 34 digits, ties to even, IEEE's ideal exponents.

use mongolane_bson::{Decimal128, DecimalError, Parts};
use num_bigint::BigUint;
use num_integer::Integer;

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

/// `a + b`.
#[must_use]
pub fn add(a: Decimal128, b: Decimal128) -> Decimal128 {
    let (Some(x), Some(y)) = (finite(a), finite(b)) else {
        return add_special(a, b);
    };
    let (high, low) = if x.exponent >= y.exponent {
        (x, y)
    } else {
        (y, x)
    };
    let gap = high.exponent - low.exponent;
    // Beyond this the lower number only decides a tie, so a token stands for it.
    if gap > 2 * DIGITS + 2 && high.coefficient != BigUint::ZERO {
        let coefficient = if low.coefficient == BigUint::ZERO {
            low.coefficient
        } else {
            1u8.into()
        };
        let token = Finite {
            coefficient,
            exponent: high.exponent - 2 * DIGITS - 2,
            ..low
        };
        return add_aligned(high, token);
    }
    add_aligned(high, low)
}

fn add_aligned(high: Finite, low: Finite) -> Decimal128 {
    let scaled = shift(&high.coefficient, high.exponent - low.exponent);
    let (negative, coefficient) = if high.negative == low.negative {
        (high.negative, scaled + low.coefficient)
    } else if scaled > low.coefficient {
        (high.negative, scaled - low.coefficient)
    } else if scaled == low.coefficient {
        (false, BigUint::ZERO)
    } else {
        (low.negative, low.coefficient - scaled)
    };
    finish(
        Finite {
            negative,
            coefficient,
            exponent: low.exponent,
        },
        false,
    )
}

fn add_special(a: Decimal128, b: Decimal128) -> Decimal128 {
    match (a.parts(), b.parts()) {
        (Parts::NaN { .. }, _) | (_, Parts::NaN { .. }) => nan(),
        (Parts::Infinity { negative: x }, Parts::Infinity { negative: y }) if x != y => nan(),
        (Parts::Infinity { .. }, _) => a,
        _ => b,
    }
}

/// `-a`.
#[must_use]
pub fn negate(a: Decimal128) -> Decimal128 {
    let mut bytes = a.to_bytes();
    bytes[15] ^= 0x80;
    Decimal128::from_bytes(bytes)
}

/// `|a|`.
#[must_use]
pub fn absolute(a: Decimal128) -> Decimal128 {
    if is_negative(a) { negate(a) } else { a }
}

/// `a - b`.
#[must_use]
pub fn subtract(a: Decimal128, b: Decimal128) -> Decimal128 {
    add(a, negate(b))
}

/// `a * b`.
#[must_use]
pub fn multiply(a: Decimal128, b: Decimal128) -> Decimal128 {
    let negative = is_negative(a) != is_negative(b);
    let (Some(x), Some(y)) = (finite(a), finite(b)) else {
        let undefined = is_nan(a) || is_nan(b) || is_zero(a) || is_zero(b);
        return if undefined { nan() } else { infinity(negative) };
    };
    let coefficient = x.coefficient * y.coefficient;
    finish(
        Finite {
            negative,
            coefficient,
            exponent: x.exponent + y.exponent,
        },
        false,
    )
}

/// `a / b`; by zero it is an infinity, or NaN where `a` is zero too.
#[must_use]
pub fn divide(a: Decimal128, b: Decimal128) -> Decimal128 {
    let negative = is_negative(a) != is_negative(b);
    let (Some(x), Some(y)) = (finite(a), finite(b)) else {
        return match (
            is_finite(a),
            is_nan(a) || is_nan(b) || !(is_finite(a) || is_finite(b)),
        ) {
            (_, true) => nan(),
            (false, _) => infinity(negative),
            (true, _) => finish(
                Finite {
                    negative,
                    coefficient: BigUint::ZERO,
                    exponent: MIN_EXPONENT,
                },
                false,
            ),
        };
    };
    if y.coefficient == BigUint::ZERO {
        return if is_zero(a) {
            nan()
        } else {
            infinity(negative)
        };
    }
    let ideal = x.exponent - y.exponent;
    let places = (DIGITS + 2 + digits(&y.coefficient) - digits(&x.coefficient)).max(0);
    let (quotient, rest) = shift(&x.coefficient, places).div_rem(&y.coefficient);
    let number = Finite {
        negative,
        coefficient: quotient,
        exponent: ideal - places,
    };
    if rest != BigUint::ZERO {
        return finish(number, true);
    }
    finish(strip_zeros(number, ideal), false)
}

/// Drops trailing zeros while the exponent is below `ideal`.
fn strip_zeros(mut number: Finite, ideal: i64) -> Finite {
    if number.coefficient == BigUint::ZERO {
        return Finite {
            exponent: ideal,
            ..number
        };
    }
    while number.exponent < ideal {
        let (quotient, rest) = number.coefficient.div_rem(&BigUint::from(10u8));
        if rest != BigUint::ZERO {
            break;
        }
        number = Finite {
            coefficient: quotient,
            exponent: number.exponent + 1,
            ..number
        };
    }
    number
}

/// `a` modulo `b` with the sign of `a`, as C's `fmod`.
#[must_use]
pub fn modulo(a: Decimal128, b: Decimal128) -> Decimal128 {
    let Some(x) = finite(a) else { return nan() };
    let Some(y) = finite(b) else {
        return if is_nan(b) { nan() } else { a };
    };
    if y.coefficient == BigUint::ZERO {
        return nan();
    }
    let low = x.exponent.min(y.exponent);
    let divisor = shift(&y.coefficient, y.exponent - low);
    let coefficient = shift(&x.coefficient, x.exponent - low) % divisor;
    finish(
        Finite {
            negative: x.negative,
            coefficient,
            exponent: low,
        },
        false,
    )
}

/// The square root; NaN below zero.
#[must_use]
pub fn square_root(a: Decimal128) -> Decimal128 {
    let Some(x) = finite(a) else {
        return if is_negative(a) { nan() } else { a };
    };
    if x.coefficient == BigUint::ZERO {
        return a;
    }
    if x.negative {
        return nan();
    }
    let ideal = x.exponent.div_euclid(2);
    let mut places = (2 * (DIGITS + 2) - digits(&x.coefficient)).max(0);
    places += (x.exponent - places).rem_euclid(2);
    let scaled = shift(&x.coefficient, places);
    let root = scaled.sqrt();
    let exact = &root * &root == scaled;
    let number = Finite {
        negative: false,
        coefficient: root,
        exponent: (x.exponent - places) / 2,
    };
    finish(
        if exact {
            strip_zeros(number, ideal)
        } else {
            number
        },
        !exact,
    )
}

/// `a` to the power `b`: exact before rounding where `b` is a whole number, by
/// way of doubles where it isn't.
#[must_use]
pub fn power(a: Decimal128, b: Decimal128) -> Decimal128 {
    let by_doubles = || from_double_shortest(to_double(a).powf(to_double(b)));
    let (Some(x), Some(n)) = (finite(a), to_i64(b)) else {
        return by_doubles();
    };
    let one = Finite {
        negative: false,
        coefficient: 1u8.into(),
        exponent: 0,
    };
    let Ok(mut left) = u32::try_from(n.unsigned_abs()) else {
        return by_doubles();
    };
    let (mut result, mut square) = (one, x);
    while left > 0 {
        if left & 1 == 1 {
            result = product(&result, &square);
        }
        left >>= 1;
        if left > 0 {
            square = product(&square, &square);
        }
    }
    let result = finish(result, false);
    if n < 0 {
        divide(from_i64(1), result)
    } else {
        result
    }
}

/// With more digits than the format has, fewer than would take long.
fn product(a: &Finite, b: &Finite) -> Finite {
    let coefficient = &a.coefficient * &b.coefficient;
    let exponent = (a.exponent + b.exponent).clamp(-1_000_000, 1_000_000);
    let excess = (digits(&coefficient) - 3 * DIGITS).max(0);
    let number = Finite {
        negative: a.negative != b.negative,
        coefficient,
        exponent,
    };
    drop_digits(number, excess, false, Rounding::HalfEven)
}

/// `a` without a fraction; what has none stays as it is written.
#[must_use]
pub fn to_integral(a: Decimal128, rounding: Rounding) -> Decimal128 {
    match a.parts() {
        Parts::Finite { exponent, .. } if exponent < 0 => quantize(a, 0, rounding),
        _ => a,
    }
}

/// `a` with exactly `places` digits after the point (before it where
/// negative); `a` itself where the format can't hold so many digits.
#[must_use]
pub fn quantize(a: Decimal128, places: i64, rounding: Rounding) -> Decimal128 {
    let Some(x) = finite(a) else { return a };
    if x.exponent >= -places {
        let zeros = x.exponent + places;
        if digits(&x.coefficient) + zeros > DIGITS {
            return a;
        }
        let coefficient = shift(&x.coefficient, zeros);
        return finish(
            Finite {
                coefficient,
                exponent: -places,
                ..x
            },
            false,
        );
    }
    let count = -places - x.exponent;
    finish(drop_digits(x, count, false, rounding), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Decimal128 {
        super::parse(text).expect(text)
    }

    fn check(operation: fn(Decimal128, Decimal128) -> Decimal128, cases: &[(&str, &str, &str)]) {
        for (a, b, expected) in cases {
            assert_eq!(
                *expected,
                operation(parse(a), parse(b)).to_string(),
                "{a} {b}"
            );
        }
    }

    /// Sums keep the lower exponent and round ties to even.
    #[test]
    fn sums_are_rounded_once() {
        check(
            add,
            &[
                ("1.20", "2.3", "3.50"),
                ("1", "-1.00", "0.00"),
                (
                    "9999999999999999999999999999999999",
                    "1",
                    "1.000000000000000000000000000000000E+34",
                ),
                ("1E+6000", "1", "1.000000000000000000000000000000000E+6000"),
                ("1", "1E+6000", "1.000000000000000000000000000000000E+6000"),
                ("Infinity", "-Infinity", "NaN"),
                (
                    "9.999999999999999999999999999999999E+6144",
                    "1E+6144",
                    "Infinity",
                ),
            ],
        );
    }

    /// Products add exponents and round once.
    #[test]
    fn products_are_rounded_once() {
        check(
            multiply,
            &[
                ("1.20", "3", "3.60"),
                ("-0", "5", "-0"),
                ("Infinity", "0", "NaN"),
                (
                    "3333333333333333333333333333333333",
                    "3333333333333333333333333333333333",
                    "1.111111111111111111111111111111111E+67",
                ),
                ("1E-6000", "1E-6000", "0E-6176"),
            ],
        );
    }

    /// Quotients are exact where they can be and have 34 digits where not.
    #[test]
    fn quotients_are_rounded_once() {
        check(
            divide,
            &[
                ("1", "3", "0.3333333333333333333333333333333333"),
                ("2", "3", "0.6666666666666666666666666666666667"),
                ("10", "4", "2.5"),
                ("100", "5", "20"),
                ("1.00", "2", "0.50"),
                ("1", "0", "Infinity"),
                ("0", "0", "NaN"),
            ],
        );
    }

    /// Modulo keeps the sign of the dividend.
    #[test]
    fn modulo_follows_dividend() {
        check(
            modulo,
            &[("-7.5", "2", "-1.5"), ("7", "-2", "1"), ("1E+30", "7", "1")],
        );
    }

    /// A root of a square is exact, any other has 34 digits.
    #[test]
    fn roots_are_rounded_once() {
        assert_eq!("12", square_root(parse("144")).to_string());
        assert_eq!(
            "1.414213562373095048801688724209698",
            square_root(parse("2")).to_string()
        );
        assert_eq!("NaN", square_root(parse("-1")).to_string());
    }

    /// Whole powers are rounded once.
    #[test]
    fn powers_are_rounded_once() {
        check(
            power,
            &[
                ("1.1", "2", "1.21"),
                ("2", "-2", "0.25"),
                ("10", "6144", "1.000000000000000000000000000000000E+6144"),
                ("3", "100", "5.153775207320113310364611297656213E+47"),
                ("4", "0.5", "2"),
            ],
        );
    }

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

    /// Quantizing pads, rounds and leaves alone what can't be written.
    #[test]
    fn quantize_fixes_places() {
        assert_eq!(
            "1.00",
            quantize(parse("1"), 2, Rounding::HalfEven).to_string()
        );
        assert_eq!(
            "1.2",
            quantize(parse("1.25"), 1, Rounding::HalfEven).to_string()
        );
        assert_eq!(
            "-2",
            quantize(parse("-1.5"), 0, Rounding::Floor).to_string()
        );
        assert_eq!(
            "0",
            quantize(parse("0.0001"), 0, Rounding::HalfEven).to_string()
        );
        assert_eq!(
            "1",
            quantize(parse("0.0001"), 0, Rounding::Ceiling).to_string()
        );
        assert_eq!(
            "1E+40",
            quantize(parse("1E+40"), 2, Rounding::HalfEven).to_string()
        );
    }
}
