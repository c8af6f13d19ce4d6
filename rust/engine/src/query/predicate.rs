//! What a filter asks of one value.

use std::cmp::Ordering;

use mongolane_bson::Value;

use super::bits::BitTest;
use super::regex::Pattern;
use crate::Result;
use crate::collation::Collation;
use crate::compare;
use crate::geo::Geo;
use crate::number::{Number, whole_number};
use crate::path::Leaf;

/// An order that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `$eq`
    Equal,
    /// `$lt`
    Less,
    /// `$lte`
    LessOrEqual,
    /// `$gt`
    Greater,
    /// `$gte`
    GreaterOrEqual,
}

/// A question about one value; negations are nodes of the filter, not here.
#[derive(Clone, Debug)]
pub(crate) enum Predicate {
    Compare(Comparison, Value),
    In(Vec<Value>, Vec<Pattern>),
    Regex(Pattern),
    Exists,
    Type(Vec<u8>),
    Size(i64),
    Mod(i64, i64),
    Bits(BitTest),
    Geo(Box<Geo>),
    /// `$elemMatch` with operators: one element that meets all of them.
    Element(Vec<ElementTest>),
    /// A comparison with folded values.
    Collated(Collation, Box<Predicate>),
}

/// A predicate inside `$elemMatch: {$gt: 1, $not: {...}}`.
#[derive(Clone, Debug)]
pub(crate) struct ElementTest {
    pub(crate) negated: bool,
    pub(crate) any: Vec<Predicate>,
}

impl Predicate {
    /// The same question, texts compared by `collation`.
    pub(crate) fn under(self, collation: &Collation) -> Self {
        let fold = |value: Value| collation.fold(&value).into_owned();
        let folded = match self {
            Self::Compare(comparison, value) => Self::Compare(comparison, fold(value)),
            Self::In(values, patterns) => {
                Self::In(values.into_iter().map(fold).collect(), patterns)
            }
            Self::Element(tests) => {
                let tests = tests.into_iter().map(|test| test.under(collation));
                return Self::Element(tests.collect());
            }
            other => return other,
        };
        Self::Collated(collation.clone(), Box::new(folded))
    }

    /// The question about a folded value; its patterns are asked about the
    /// value as it is.
    fn meets_folded(&self, collation: &Collation, value: Option<&Value>) -> Result<bool> {
        let folded = value.map(|value| collation.fold(value));
        let folded = folded.as_deref();
        match self {
            Self::In(values, patterns) => {
                let is_equal = values.iter().any(|v| Comparison::Equal.holds(folded, v));
                Ok(is_equal || matches_any(patterns, value)?)
            }
            other => other.meets(folded),
        }
    }

    /// How arrays at the path's end are shown to this predicate.
    pub(crate) fn leaf(&self) -> Leaf {
        match self {
            Self::Exists | Self::Size(_) | Self::Element(_) => Leaf::Whole,
            _ => Leaf::Both,
        }
    }

    /// Whether a value, or the lack of one, meets the predicate.
    ///
    /// # Errors
    /// Where a pattern takes too many steps.
    pub(crate) fn meets(&self, value: Option<&Value>) -> Result<bool> {
        Ok(match self {
            Self::Compare(comparison, right) => comparison.holds(value, right),
            Self::In(values, patterns) => {
                values.iter().any(|v| Comparison::Equal.holds(value, v))
                    || matches_any(patterns, value)?
            }
            Self::Regex(pattern) => return value.map_or(Ok(false), |v| pattern.matches(v)),
            Self::Exists => value.is_some(),
            Self::Type(kinds) => value.is_some_and(|v| kinds.contains(&type_of(v))),
            Self::Size(size) => {
                matches!(value, Some(Value::Array(items)) if items.len() as i64 == *size)
            }
            Self::Mod(divisor, rest) => value
                .and_then(whole_number)
                .is_some_and(|n| n.wrapping_rem(*divisor) == *rest),
            Self::Bits(test) => value.is_some_and(|v| test.meets(v)),
            Self::Geo(geo) => value.is_some_and(|v| geo.meets(v)),
            Self::Element(_) => match value {
                Some(value) => self.element_met(value)?.is_some(),
                None => false,
            },
            Self::Collated(collation, inner) => return inner.meets_folded(collation, value),
        })
    }

    /// Which element of an array meets `$elemMatch`.
    ///
    /// # Errors
    /// As [`Self::meets`].
    pub(crate) fn element_met(&self, value: &Value) -> Result<Option<usize>> {
        let (Self::Element(tests), Value::Array(items)) = (self, value) else {
            return Ok(None);
        };
        for (at, item) in items.iter().enumerate() {
            if meets_all(item, tests)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }
}

fn matches_any(patterns: &[Pattern], value: Option<&Value>) -> Result<bool> {
    let Some(value) = value else {
        return Ok(false);
    };
    for pattern in patterns {
        if pattern.matches(value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl ElementTest {
    fn under(self, collation: &Collation) -> Self {
        let any = self
            .any
            .into_iter()
            .map(|predicate| predicate.under(collation));
        Self {
            negated: self.negated,
            any: any.collect(),
        }
    }
}

/// An element stands for itself here: an array in the array isn't opened.
fn meets_all(item: &Value, tests: &[ElementTest]) -> Result<bool> {
    for test in tests {
        let mut all = true;
        for predicate in &test.any {
            all = all && predicate.meets(Some(item))?;
        }
        if all == test.negated {
            return Ok(false);
        }
    }
    Ok(true)
}

fn type_of(value: &Value) -> u8 {
    mongolane_bson::document::type_byte(value)
}

/// Whether a flag is set: any number but zero, true, and whatever is no number.
pub(crate) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Null | Value::Undefined => false,
        _ => Number::of(value).is_none_or(|number| !number.is_zero()),
    }
}

impl Comparison {
    /// Whether `left` stands to `right` as asked. Types are bracketed: a text
    /// is neither more nor less than a number.
    pub(crate) fn holds(self, left: Option<&Value>, right: &Value) -> bool {
        let left = left.unwrap_or(&Value::Undefined);
        if let Some(answer) = self.across_types(left, right) {
            return answer;
        }
        if is_nan(left) || is_nan(right) {
            return is_nan(left) && is_nan(right) && self.allows_equal();
        }
        self.accepts(compare::compare(left, right))
    }

    fn across_types(self, left: &Value, right: &Value) -> Option<bool> {
        if is_nothing(left) && is_nothing(right) {
            return Some(self.allows_equal());
        }
        if compare::canonical_rank(left) == compare::canonical_rank(right) {
            return None;
        }
        match right {
            Value::MinKey | Value::MaxKey => {
                Some(self != Self::Equal && self.accepts(compare::compare(left, right)))
            }
            _ => Some(false),
        }
    }

    fn allows_equal(self) -> bool {
        matches!(self, Self::Equal | Self::LessOrEqual | Self::GreaterOrEqual)
    }

    fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Undefined)
}

fn is_nan(value: &Value) -> bool {
    Number::of(value).is_some_and(Number::is_nan)
}
