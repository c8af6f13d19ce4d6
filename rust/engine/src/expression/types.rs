//! `$type`, `$isNumber`, `$rand`.

use super::arguments::Arity;
use super::arithmetic::give;
use super::operator::{Operator::Positional, Rows};
use crate::number::Number;

pub(super) const OPERATORS: Rows = &[
    (
        "$isNumber",
        Positional(Arity::Exactly(1), |a| {
            give(a.get(0).and_then(Number::of).is_some())
        }),
    ),
    ("$rand", Positional(Arity::Any, |_| give(fastrand::f64()))),
    (
        "$type",
        Positional(Arity::Exactly(1), |a| give(a.type_name(0))),
    ),
];
