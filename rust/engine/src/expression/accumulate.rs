//! `$sum`, `$avg`, `$min`, `$max`, `$stdDevPop`, `$stdDevSamp` outside `$group`:
//! over the arguments, or over the elements of a single array.

use std::cmp::Ordering;

use mongolane_bson::Value;

use super::arguments::{Arguments, Arity, is_nullish};
use super::arithmetic::give;
use super::operator::{Operator::Positional, Rows};
use crate::Result;
use crate::summation::{Deviation, Sum};

pub(super) const OPERATORS: Rows = &[
    ("$avg", Positional(Arity::Any, |a| give(sum(a).mean()))),
    (
        "$max",
        Positional(Arity::Any, |a| extreme(a, Ordering::is_gt)),
    ),
    (
        "$min",
        Positional(Arity::Any, |a| extreme(a, Ordering::is_lt)),
    ),
    (
        "$stdDevPop",
        Positional(Arity::Any, |a| give(deviation(a).population())),
    ),
    (
        "$stdDevSamp",
        Positional(Arity::Any, |a| give(deviation(a).sample())),
    ),
    ("$sum", Positional(Arity::Any, |a| give(sum(a).total()))),
];

fn operands(mut arguments: Arguments) -> Vec<Value> {
    if arguments.len() == 1 {
        return match arguments.take(0) {
            Some(Value::Array(items)) => items,
            single => single.into_iter().collect(),
        };
    }
    arguments.into_values().into_iter().flatten().collect()
}

fn sum(arguments: Arguments) -> Sum {
    let mut sum = Sum::default();
    operands(arguments).iter().for_each(|value| sum.add(value));
    sum
}

fn deviation(arguments: Arguments) -> Deviation {
    let mut deviation = Deviation::default();
    operands(arguments)
        .iter()
        .for_each(|value| deviation.add(value));
    deviation
}

fn extreme(arguments: Arguments, better: fn(Ordering) -> bool) -> Result<Option<Value>> {
    let comparison = arguments.comparison();
    let values = operands(arguments)
        .into_iter()
        .filter(|value| !is_nullish(Some(value)));
    let best = values.reduce(|best, value| {
        if better(comparison.order(&value, &best)) {
            value
        } else {
            best
        }
    });
    Ok(Some(best.unwrap_or(Value::Null)))
}
