//! The table of operators, gathered from the families.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::operator::{Operator, Rows};

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
