//! Arithmetic over the four number types, with MongoDB's promotion.
//!
//! The wider type wins: int, long, double, decimal. What overflows an int
//! becomes a long; what overflows a long becomes a double in expressions, and
//! nothing at all for `$inc` and `$mul`, which refuse it.

use mongolane_bson::{Decimal128, Value};

use crate::decimal;

/// A number of any BSON type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// 32 bits.
    Int32(i32),
    /// 64 bits.
    Int64(i64),
    /// IEEE double.
    Double(f64),
    /// IEEE decimal128.
    Decimal(Decimal128),
}

use Number::{Decimal, Double, Int32, Int64};

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        match number {
            Int32(number) => Self::Int32(number),
            Int64(number) => Self::Int64(number),
            Double(number) => Self::Double(number),
            Decimal(number) => Self::Decimal128(number.to_bytes()),
        }
    }
}

impl Number {
    /// The number in `value`, if it is one.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Int32(number) => Int32(*number),
            Value::Int64(number) => Int64(*number),
            Value::Double(number) => Double(*number),
            Value::Decimal128(bytes) => Decimal(Decimal128::from_bytes(*bytes)),
            _ => return None,
        })
    }

    /// An int where it fits, else a long.
    #[must_use]
    pub fn narrow(number: i64) -> Self {
        i32::try_from(number).map_or(Int64(number), Int32)
    }

    /// The nearest double.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self {
            Int32(number) => f64::from(number),
            Int64(number) => number as f64,
            Double(number) => number,
            Decimal(number) => decimal::to_double(number),
        }
    }

    /// The decimal the server makes of it.
    #[must_use]
    pub fn to_decimal(self) -> Decimal128 {
        match self {
            Int32(number) => decimal::from_i64(i64::from(number)),
            Int64(number) => decimal::from_i64(number),
            Double(number) => decimal::from_double(number),
            Decimal(number) => number,
        }
    }

    /// The long equal to it; none where it has a fraction or is out of range.
    #[must_use]
    pub fn to_i64_exact(self) -> Option<i64> {
        match self {
            Int32(number) => Some(i64::from(number)),
            Int64(number) => Some(number),
            Double(number) => double_to_i64(number),
            Decimal(number) => decimal::to_i64(number),
        }
    }

    /// The int equal to it, likewise.
    #[must_use]
    pub fn to_i32_exact(self) -> Option<i32> {
        self.to_i64_exact()
            .and_then(|number| i32::try_from(number).ok())
    }

    /// The long nearest to it towards zero; out of range it is the limit, and
    /// NaN is zero.
    #[must_use]
    pub fn to_i64_saturating(self) -> i64 {
        match self {
            Int32(number) => i64::from(number),
            Int64(number) => number,
            Double(number) => number as i64,
            Decimal(number) => {
                let whole = decimal::quantize(number, 0, decimal::Rounding::Truncate);
                decimal::to_i64(whole).unwrap_or_else(|| decimal::to_double(number) as i64)
            }
        }
    }

    /// Whether it is zero of any type and sign.
    #[must_use]
    pub fn is_zero(self) -> bool {
        match self {
            Int32(number) => number == 0,
            Int64(number) => number == 0,
            Double(number) => number == 0.0,
            Decimal(number) => decimal::is_zero(number),
        }
    }

    /// Whether it is not a number.
    #[must_use]
    pub fn is_nan(self) -> bool {
        match self {
            Double(number) => number.is_nan(),
            Decimal(number) => decimal::is_nan(number),
            _ => false,
        }
    }

    fn integer(self) -> Option<i64> {
        match self {
            Int32(number) => Some(i64::from(number)),
            Int64(number) => Some(number),
            _ => None,
        }
    }
}

fn double_to_i64(number: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let fits = (-LIMIT..LIMIT).contains(&number) && number.trunc() == number;
    fits.then_some(number as i64)
}

/// One operation in each of the arithmetics it may run in.
struct Operation {
    integers: fn(i64, i64) -> Option<i64>,
    doubles: fn(f64, f64) -> f64,
    decimals: fn(Decimal128, Decimal128) -> Decimal128,
}

const ADD: Operation = Operation {
    integers: i64::checked_add,
    doubles: |a, b| a + b,
    decimals: decimal::add,
};
const SUBTRACT: Operation = Operation {
    integers: i64::checked_sub,
    doubles: |a, b| a - b,
    decimals: decimal::subtract,
};
const MULTIPLY: Operation = Operation {
    integers: i64::checked_mul,
    doubles: |a, b| a * b,
    decimals: decimal::multiply,
};

impl Operation {
    /// The result, or none where a long would overflow.
    fn checked(&self, a: Number, b: Number) -> Option<Number> {
        if let (Some(x), Some(y)) = (a.integer(), b.integer()) {
            let result = (self.integers)(x, y)?;
            let both_ints = matches!((a, b), (Int32(_), Int32(_)));
            return Some(if both_ints {
                Number::narrow(result)
            } else {
                Int64(result)
            });
        }
        if matches!(a, Decimal(_)) || matches!(b, Decimal(_)) {
            return Some(Decimal((self.decimals)(a.to_decimal(), b.to_decimal())));
        }
        Some(Double((self.doubles)(a.to_f64(), b.to_f64())))
    }

    fn widening(&self, a: Number, b: Number) -> Number {
        self.checked(a, b)
            .unwrap_or_else(|| Double((self.doubles)(a.to_f64(), b.to_f64())))
    }
}

/// A number without what follows its point; nothing for other types, NaN and
/// infinities.
pub(crate) fn whole_number(value: &Value) -> Option<i64> {
    let number = Number::of(value)?;
    number
        .to_f64()
        .is_finite()
        .then(|| number.to_i64_saturating())
}

/// `a + b` as `$add` has it.
#[must_use]
pub fn add(a: Number, b: Number) -> Number {
    ADD.widening(a, b)
}

/// `a - b` as `$subtract` has it.
#[must_use]
pub fn subtract(a: Number, b: Number) -> Number {
    SUBTRACT.widening(a, b)
}

/// `a * b` as `$multiply` has it.
#[must_use]
pub fn multiply(a: Number, b: Number) -> Number {
    MULTIPLY.widening(a, b)
}

/// `a + b` as `$inc` has it: none where a long overflows.
#[must_use]
pub fn add_checked(a: Number, b: Number) -> Option<Number> {
    ADD.checked(a, b)
}

/// `a * b` as `$mul` has it: none where a long overflows.
#[must_use]
pub fn multiply_checked(a: Number, b: Number) -> Option<Number> {
    MULTIPLY.checked(a, b)
}

/// `a / b`, a double or a decimal; none where `b` is zero.
#[must_use]
pub fn divide(a: Number, b: Number) -> Option<Number> {
    if b.is_zero() {
        return None;
    }
    if matches!(a, Decimal(_)) || matches!(b, Decimal(_)) {
        return Some(Decimal(decimal::divide(a.to_decimal(), b.to_decimal())));
    }
    Some(Double(a.to_f64() / b.to_f64()))
}

/// `a` modulo `b` with the sign of `a`; none where `b` is zero.
#[must_use]
pub fn modulo(a: Number, b: Number) -> Option<Number> {
    if b.is_zero() {
        return None;
    }
    if matches!(a, Decimal(_)) || matches!(b, Decimal(_)) {
        return Some(Decimal(decimal::modulo(a.to_decimal(), b.to_decimal())));
    }
    // A double that holds an int counts as one on the right side.
    let whole = if let Double(_) = b {
        b.to_i32_exact().map(Int32)
    } else {
        Some(b)
    };
    match (a.integer(), whole.and_then(Number::integer)) {
        (Some(x), Some(y)) => {
            let long = matches!(a, Int64(_)) || matches!(b, Int64(_));
            let rest = x.checked_rem(y).unwrap_or(0);
            Some(if long {
                Int64(rest)
            } else {
                Number::narrow(rest)
            })
        }
        _ => Some(Double(a.to_f64() % b.to_f64())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ints stay ints until they overflow, longs stay longs until they do.
    #[test]
    fn integers_widen_on_overflow() {
        assert_eq!(Int32(3), add(Int32(1), Int32(2)));
        assert_eq!(Int64(2_147_483_648), add(Int32(i32::MAX), Int32(1)));
        assert_eq!(Int64(3), add(Int32(1), Int64(2)));
        assert_eq!(
            Double(9_223_372_036_854_775_808.0),
            add(Int64(i64::MAX), Int32(1))
        );
        assert_eq!(None, add_checked(Int64(i64::MAX), Int32(1)));
        assert_eq!(None, multiply_checked(Int64(i64::MAX), Int32(2)));
    }

    /// A double or decimal operand decides the result's type.
    #[test]
    fn wider_type_wins() {
        assert_eq!(Double(3.0), add(Int32(1), Double(2.0)));
        assert_eq!(
            Decimal("3".parse().unwrap()),
            add(Int32(1), Decimal("2".parse().unwrap()))
        );
        assert_eq!(
            Decimal("3.50000000000000".parse().unwrap()),
            add(Double(1.5), Decimal("2".parse().unwrap()))
        );
    }

    /// Division gives a double even of ints, modulo keeps ints.
    #[test]
    fn division_and_modulo_types() {
        assert_eq!(Some(Double(2.5)), divide(Int32(5), Int32(2)));
        assert_eq!(None, divide(Int32(5), Int64(0)));
        assert_eq!(Some(Int32(-1)), modulo(Int32(-7), Int32(2)));
        assert_eq!(Some(Int32(1)), modulo(Int32(7), Double(2.0)));
        assert_eq!(Some(Int64(0)), modulo(Int64(i64::MIN), Int32(-1)));
        assert_eq!(Some(Double(1.5)), modulo(Double(7.5), Int32(2)));
    }
}
