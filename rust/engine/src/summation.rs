//! Sums, means and deviations over values of mixed number types.
//!
//! Integers are summed exactly, doubles in two halves (the rounding error is
//! carried along), decimals apart; the result has the widest type that came.

use mongolane_bson::{Decimal128, Value};

use crate::decimal;
use crate::number::{self, Number};

/// A running sum.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    integers: i128,
    doubles: Option<TwoPart>,
    decimals: Option<Decimal128>,
    long: bool,
    count: i64,
}

/// A double and the error of its rounding.
#[derive(Clone, Copy, Debug, Default)]
struct TwoPart {
    sum: f64,
    rest: f64,
    /// Infinities and NaN, which would spoil the error term.
    special: f64,
}

impl TwoPart {
    fn add(&mut self, number: f64) {
        if !number.is_finite() {
            self.special += number;
            return;
        }
        let (sum, error) = two_sum(self.sum, number);
        (self.sum, self.rest) = two_sum(sum, error + self.rest);
    }

    fn total(self) -> f64 {
        if self.special == 0.0 {
            self.sum + self.rest
        } else {
            self.special
        }
    }
}

/// Knuth's: the rounded sum and exactly what was lost.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

impl Sum {
    /// Adds a number; whatever isn't one is passed over.
    pub(crate) fn add(&mut self, value: &Value) {
        let Some(number) = Number::of(value) else {
            return;
        };
        self.count += 1;
        match number {
            Number::Int32(n) => self.integers += i128::from(n),
            Number::Int64(n) => {
                self.integers += i128::from(n);
                self.long = true;
            }
            Number::Double(n) => self.doubles.get_or_insert_default().add(n),
            Number::Decimal(n) => {
                self.decimals = Some(self.decimals.map_or(n, |sum| decimal::add(sum, n)));
            }
        }
    }

    /// The sum so far, an int zero at the beginning.
    pub(crate) fn total(&self) -> Number {
        if let Some(sum) = self.decimals {
            return Number::Decimal(decimal::add(sum, self.rest_as_decimal()));
        }
        if self.doubles.is_some() {
            return Number::Double(self.two_part().total());
        }
        match i64::try_from(self.integers) {
            Ok(sum) if self.long => Number::Int64(sum),
            Ok(sum) => Number::narrow(sum),
            Err(_) => Number::Double(self.integers as f64),
        }
    }

    fn two_part(&self) -> TwoPart {
        let mut total = self.doubles.unwrap_or_default();
        let high = self.integers as f64;
        total.add(high);
        total.add((self.integers - high as i128) as f64);
        total
    }

    fn rest_as_decimal(&self) -> Decimal128 {
        let integers = match i64::try_from(self.integers) {
            Ok(sum) => decimal::from_i64(sum),
            Err(_) => decimal::from_double_exactly(self.integers as f64),
        };
        match self.doubles {
            None => integers,
            Some(doubles) if doubles.special != 0.0 => {
                decimal::from_double_exactly(doubles.special)
            }
            Some(TwoPart { sum, rest, .. }) => {
                let (sum, rest) = (
                    decimal::from_double_exactly(sum),
                    decimal::from_double_exactly(rest),
                );
                decimal::add(integers, decimal::add(sum, rest))
            }
        }
    }

    /// The mean, null where there was no number.
    pub(crate) fn mean(&self) -> Value {
        if self.count == 0 {
            return Value::Null;
        }
        let total = match self.total() {
            decimal @ Number::Decimal(_) => decimal,
            _ => {
                let TwoPart { sum, rest, special } = self.two_part();
                if special != 0.0 {
                    return Value::Double(special);
                }
                let count = self.count as f64;
                return Value::Double(sum / count + rest / count);
            }
        };
        number::divide(total, Number::Int64(self.count)).map_or(Value::Null, Value::from)
    }
}

/// A running variance, by Welford's method.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deviation {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Deviation {
    /// Adds a number; whatever isn't one is passed over.
    pub(crate) fn add(&mut self, value: &Value) {
        let Some(number) = Number::of(value).map(Number::to_f64) else {
            return;
        };
        self.count += 1.0;
        let delta = number - self.mean;
        self.mean += delta / self.count;
        self.squares += delta * (number - self.mean);
    }

    /// The deviation of a whole population.
    pub(crate) fn population(&self) -> Value {
        self.root(self.count)
    }

    /// The deviation estimated from a sample.
    pub(crate) fn sample(&self) -> Value {
        self.root(self.count - 1.0)
    }

    fn root(&self, divisor: f64) -> Value {
        if divisor <= 0.0 {
            return Value::Null;
        }
        Value::Double((self.squares / divisor).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[Value]) -> Sum {
        let mut sum = Sum::default();
        values.iter().for_each(|value| sum.add(value));
        sum
    }

    /// The sum's type is the widest that came, and errors don't pile up.
    #[test]
    fn sums_keep_widest_type() {
        assert_eq!(Number::Int32(0), sum(&[]).total());
        assert_eq!(
            Number::Int32(3),
            sum(&[1.into(), 2.into(), "x".into()]).total()
        );
        assert_eq!(Number::Int64(3), sum(&[1.into(), 2i64.into()]).total());
        assert_eq!(
            Number::Int64(4_294_967_294),
            sum(&[i32::MAX.into(), i32::MAX.into()]).total()
        );
        assert_eq!(
            Number::Double(1.0),
            sum(&vec![Value::Double(0.1); 10]).total()
        );
        assert_eq!(
            Number::Double(18_446_744_073_709_551_614.0),
            sum(&[i64::MAX.into(), i64::MAX.into()]).total()
        );
    }

    /// Means are doubles, decimals where a decimal came, null of nothing.
    #[test]
    fn means_are_doubles() {
        let three = "3".parse::<Decimal128>().unwrap().to_bytes();
        assert_eq!(Value::Double(1.5), sum(&[1.into(), 2.into()]).mean());
        assert_eq!(Value::Null, sum(&["x".into()]).mean());
        assert_eq!(
            Value::Decimal128("2".parse::<Decimal128>().unwrap().to_bytes()),
            sum(&[1.into(), Value::Decimal128(three)]).mean()
        );
    }

    /// Deviations of a population and of a sample.
    #[test]
    fn deviations_by_divisor() {
        let mut deviation = Deviation::default();
        [2, 4, 4, 4, 5, 5, 7, 9]
            .iter()
            .for_each(|n| deviation.add(&Value::Int32(*n)));

        assert_eq!(Value::Double(2.0), deviation.population());
        assert_eq!(Value::Null, Deviation::default().sample());
    }
}
