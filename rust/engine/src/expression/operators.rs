//! The table of operators, gathered from the families.

use std::collections::HashMap;
use std::sync::LazyLock;

use mongolane_bson::Value;

use super::arguments::{Arguments, Arity, Parameters};
use super::{Names, Node};
use crate::Result;

/// Computes an operator from its evaluated arguments.
pub(super) type Function = fn(Arguments) -> Result<Option<Value>>;

/// Makes a node from an operand that isn't simply a list of arguments.
pub(super) type Parse = fn(&'static str, &Value, &Names<'_>) -> Result<Node>;

/// How an operator takes its arguments.
#[derive(Clone, Copy)]
pub(super) enum Operator {
    /// One, or a list.
    Positional(Arity, Function),
    /// A document with these names.
    Named(&'static Parameters, Function),
    /// In its own way.
    Special(Parse),
}

/// A family's part of the table.
pub(super) type Rows = &'static [(&'static str, Operator)];

const FAMILIES: &[Rows] = &[
    super::accumulate::OPERATORS,
    super::arithmetic::OPERATORS,
    super::array::OPERATORS,
    super::binding::OPERATORS,
    super::boolean::OPERATORS,
    super::comparison::OPERATORS,
    super::condition::OPERATORS,
    super::convert::OPERATORS,
    super::date::OPERATORS,
    super::date_arithmetic::OPERATORS,
    super::date_parts::OPERATORS,
    super::date_text::OPERATORS,
    super::elements::OPERATORS,
    super::meta::OPERATORS,
    super::object::OPERATORS,
    super::regex::OPERATORS,
    super::rounding::OPERATORS,
    super::set::OPERATORS,
    super::string::OPERATORS,
    super::substring::OPERATORS,
    super::trigonometry::OPERATORS,
    super::types::OPERATORS,
];

static TABLE: LazyLock<HashMap<&'static str, (&'static str, &'static Operator)>> =
    LazyLock::new(|| {
        let rows = FAMILIES.iter().flat_map(|family| family.iter());
        rows.map(|(name, operator)| (*name, (*name, operator)))
            .collect()
    });

/// The operator of that name, with the name as the table spells it.
pub(super) fn find(name: &str) -> Option<(&'static str, &'static Operator)> {
    TABLE.get(name).copied()
}
