//! Sums, products, quotients, remainders, roots, powers, fixed places.

use mongolane_bson::{Decimal128, Parts};
use num_bigint::BigUint;
use num_integer::Integer;

use super::{
    DIGITS, Finite, MIN_EXPONENT, Rounding, digits, drop_digits, exponential, finish, finite,
    from_double_shortest, from_i64, infinity, is_finite, is_nan, is_negative, is_zero, nan, shift,
    to_double, to_i64,
};

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

/// `a` to the power `b`, exact before rounding where `b` is a whole number.
#[must_use]
pub fn power(a: Decimal128, b: Decimal128) -> Decimal128 {
    let by_exponential = || {
        let exact = exponential::power(a, b);
        exact.unwrap_or_else(|| from_double_shortest(to_double(a).powf(to_double(b))))
    };
    let (Some(x), Some(n)) = (finite(a), to_i64(b)) else {
        return by_exponential();
    };
    let one = Finite {
        negative: false,
        coefficient: 1u8.into(),
        exponent: 0,
    };
    let Ok(mut left) = u32::try_from(n.unsigned_abs()) else {
        return by_exponential();
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
    fill(if n < 0 {
        divide(from_i64(1), result)
    } else {
        result
    })
}

/// All 34 digits, zeros at the end if need be: how the server writes powers.
fn fill(number: Decimal128) -> Decimal128 {
    match finite(number) {
        Some(Finite {
            coefficient,
            exponent,
            ..
        }) if coefficient != BigUint::ZERO => {
            let zeros = (DIGITS - digits(&coefficient)).min(exponent - MIN_EXPONENT);
            quantize(number, zeros - exponent, Rounding::HalfEven)
        }
        _ => number,
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
        crate::decimal::parse(text).expect(text)
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
                ("1.1", "2", "1.210000000000000000000000000000000"),
                ("2", "-2", "0.2500000000000000000000000000000000"),
                ("10", "6144", "1.000000000000000000000000000000000E+6144"),
                ("3", "100", "5.153775207320113310364611297656213E+47"),
                ("2", "0.5", "1.414213562373095048801688724209698"),
            ],
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
