//! Accumulators that keep a few: `$firstN`, `$lastN`, `$minN`, `$maxN`, and by
//! a sort order `$top`, `$topN`, `$bottom`, `$bottomN`.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::Arc;

use mongolane_bson::{Document, Value};

use super::accumulators::Accumulator;
use crate::collation::{self, Collation};
use crate::expression::{Expression, Names, Scope, count, is_nullish};
use crate::query::Sort;
use crate::{Error, Result};

/// What is kept, of how many, and by which order.
#[derive(Debug)]
pub(super) struct Ranked {
    operator: &'static str,
    keep: Keep,
    /// None for `$top` and `$bottom`, which give a single value.
    count: Option<Expression>,
    sort: Option<Arc<Sort>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    First,
    Last,
    Smallest,
    Largest,
    Top,
    Bottom,
}

const OPERATORS: &[(&str, Keep, &[&str])] = &[
    ("$bottom", Keep::Bottom, &["sortBy", "output"]),
    ("$bottomN", Keep::Bottom, &["sortBy", "output", "n"]),
    ("$firstN", Keep::First, &["input", "n"]),
    ("$lastN", Keep::Last, &["input", "n"]),
    ("$maxN", Keep::Largest, &["input", "n"]),
    ("$minN", Keep::Smallest, &["input", "n"]),
    ("$top", Keep::Top, &["sortBy", "output"]),
    ("$topN", Keep::Top, &["sortBy", "output", "n"]),
];

/// The document's value and how to keep it; `None` for another operator.
pub(super) fn parse(
    operator: &str,
    argument: &Value,
    names: &Names<'_>,
) -> Result<Option<(Expression, Ranked)>> {
    let found = OPERATORS.iter().find(|(known, ..)| *known == operator);
    let Some((operator, keep, parameters)) = found else {
        return Ok(None);
    };
    let Value::Document(spec) = argument else {
        return Err(Error::new(
            5787900,
            format!("specification must be an object; found {operator}"),
        ));
    };
    if let Some(key) = spec.keys().find(|key| !parameters.contains(key)) {
        return Err(Error::new(
            5787901,
            format!("Unknown argument to {operator} '{key}'"),
        ));
    }
    let given = |name: &str| {
        spec.get(name)
            .ok_or_else(|| Error::new(5787906, format!("Missing value for '{name}' in {operator}")))
    };
    let value = match parameters.contains(&"input") {
        true => given("input")?,
        false => given("output")?,
    };
    let input = Expression::parse_in(value, names)?;
    let count = match parameters.contains(&"n") {
        true => Some(Expression::parse_in(given("n")?, names)?),
        false => None,
    };
    let (input, sort) = match parameters.contains(&"sortBy") {
        // The sort key is taken from the whole document, so both are carried.
        true => (Expression::with_root(input), Some(order(operator, spec)?)),
        false => (input, None),
    };
    let ranked = Ranked {
        operator,
        keep: *keep,
        count,
        sort,
    };
    Ok(Some((input, ranked)))
}

fn order(operator: &str, spec: &Document) -> Result<Arc<Sort>> {
    let Some(Value::Document(pattern)) = spec.get("sortBy") else {
        let message = format!("expected 'sortBy' of {operator} to be an object");
        return Err(Error::new(5788604, message));
    };
    Ok(Arc::new(Sort::parse(pattern)?))
}

impl Ranked {
    /// How many may depend on the group: `$key` is a field of its `_id`.
    pub(super) fn begin(&self, id: &Value, scope: &Scope<'_>) -> Result<Box<dyn Accumulator>> {
        let root = match id {
            Value::Document(document) => document.clone(),
            _ => Document::new(),
        };
        let limit = match &self.count {
            Some(n) => count(self.operator, n.evaluate_in(&scope.about(&root))?.as_ref())?,
            None => 1,
        };
        let single = self.count.is_none();
        Ok(match (&self.sort, self.keep) {
            (Some(sort), keep) => {
                let (sort, reverse) = (sort.under(scope.collation()), keep == Keep::Bottom);
                Box::new(ByOrder {
                    sort,
                    reverse,
                    limit,
                    single,
                    kept: Vec::new(),
                })
            }
            (None, keep @ (Keep::First | Keep::Last)) => Box::new(ByPlace {
                last: keep == Keep::Last,
                limit,
                kept: VecDeque::new(),
            }),
            (None, keep) => Box::new(ByValue {
                largest: keep == Keep::Largest,
                limit,
                kept: Vec::new(),
                collation: scope.collation().cloned(),
            }),
        })
    }
}

struct ByPlace {
    last: bool,
    limit: usize,
    kept: VecDeque<Value>,
}

impl Accumulator for ByPlace {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        if self.kept.len() < self.limit || self.last {
            self.kept.push_back(value.unwrap_or(Value::Null));
        }
        if self.kept.len() > self.limit {
            self.kept.pop_front();
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Value {
        Value::Array(self.kept.into())
    }

    fn result(&self) -> Value {
        Value::Array(self.kept.iter().cloned().collect())
    }
}

struct ByValue {
    largest: bool,
    limit: usize,
    kept: Vec<Value>,
    collation: Option<Collation>,
}

impl Accumulator for ByValue {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        let Some(value) = value.filter(|value| !is_nullish(Some(value))) else {
            return Ok(());
        };
        let (largest, by) = (self.largest, self.collation.as_ref());
        let order = |a: &Value, b: &Value| {
            if largest {
                collation::order(by, b, a)
            } else {
                collation::order(by, a, b)
            }
        };
        insert(&mut self.kept, value, self.limit, order);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Value {
        Value::Array(self.kept)
    }

    fn result(&self) -> Value {
        Value::Array(self.kept.clone())
    }
}

/// Inserts after its equals, and drops what is beyond the limit.
fn insert<T>(kept: &mut Vec<T>, item: T, limit: usize, order: impl Fn(&T, &T) -> Ordering) {
    let at = kept.partition_point(|other| order(other, &item).is_le());
    if at < limit {
        kept.insert(at, item);
        kept.truncate(limit);
    }
}

struct ByOrder {
    sort: Sort,
    /// Whether the end of the order is kept and not its beginning.
    reverse: bool,
    limit: usize,
    single: bool,
    kept: Vec<(Vec<Value>, Value)>,
}

impl Accumulator for ByOrder {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        let Some(Value::Array(mut pair)) = value else {
            return Ok(());
        };
        let (output, root) = (pair.pop(), pair.pop());
        let (Some(output), Some(Value::Document(root))) = (output, root) else {
            return Ok(());
        };
        let item = (self.sort.key(&root), output);
        let (sort, reverse) = (&self.sort, self.reverse);
        insert(&mut self.kept, item, self.limit, |(a, _), (b, _)| {
            let order = sort.compare(a, b);
            if reverse { order.reverse() } else { order }
        });
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Value {
        if self.reverse {
            self.kept.reverse();
        }
        let mut values = self.kept.into_iter().map(|(_, value)| value);
        if self.single {
            return values.next().unwrap_or(Value::Null);
        }
        Value::Array(values.collect())
    }

    fn result(&self) -> Value {
        let mut values: Vec<_> = self.kept.iter().map(|(_, value)| value.clone()).collect();
        if self.reverse {
            values.reverse();
        }
        match self.single {
            true => values.into_iter().next().unwrap_or(Value::Null),
            false => Value::Array(values),
        }
    }
}
