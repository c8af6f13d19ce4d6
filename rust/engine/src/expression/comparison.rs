//! `$cmp`, `$eq`, `$ne`, `$gt`, `$gte`, `$lt`, `$lte`.

use std::cmp::Ordering;

use mongolane_bson::Value;

use super::arguments::{Arguments, Arity};
use super::operator::{Operator::Positional, Rows};
use crate::Result;

pub(super) const OPERATORS: Rows = &[
    (
        "$cmp",
        Positional(Arity::Exactly(2), |a| {
            Ok(Some(Value::Int32(order(&a) as i32)))
        }),
    ),
    (
        "$eq",
        Positional(Arity::Exactly(2), |a| holds(&a, Ordering::is_eq)),
    ),
    (
        "$ne",
        Positional(Arity::Exactly(2), |a| holds(&a, Ordering::is_ne)),
    ),
    (
        "$gt",
        Positional(Arity::Exactly(2), |a| holds(&a, Ordering::is_gt)),
    ),
    (
        "$gte",
        Positional(Arity::Exactly(2), |a| holds(&a, Ordering::is_ge)),
    ),
    (
        "$lt",
        Positional(Arity::Exactly(2), |a| holds(&a, Ordering::is_lt)),
    ),
    (
        "$lte",
        Positional(Arity::Exactly(2), |a| holds(&a, Ordering::is_le)),
    ),
];

fn order(arguments: &Arguments) -> Ordering {
    let value = |at| arguments.get(at).unwrap_or(&Value::Undefined);
    arguments.comparison().order(value(0), value(1))
}

fn holds(arguments: &Arguments, test: fn(Ordering) -> bool) -> Result<Option<Value>> {
    Ok(Some(Value::Bool(test(order(arguments)))))
}
