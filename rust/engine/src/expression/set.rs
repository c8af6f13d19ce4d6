//! Arrays as sets, elements told apart by value.

use std::collections::HashSet;

use mongolane_bson::Value;

use super::arguments::{Arguments, Arity, Comparison, is_nullish, truthy, type_name};
use super::arithmetic::{give, null};
use super::operator::{Operator::Positional, Rows};
use crate::compare::Key;
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    ("$allElementsTrue", Positional(Arity::Exactly(1), all_true)),
    ("$anyElementTrue", Positional(Arity::Exactly(1), any_true)),
    ("$setDifference", Positional(Arity::Exactly(2), difference)),
    ("$setEquals", Positional(Arity::Any, equals)),
    ("$setIntersection", Positional(Arity::Any, intersection)),
    ("$setIsSubset", Positional(Arity::Exactly(2), is_subset)),
    ("$setUnion", Positional(Arity::Any, union)),
];

fn keys(items: &[Value], by: &Comparison) -> HashSet<Key> {
    items.iter().map(|item| by.key(item)).collect()
}

fn distinct(items: impl IntoIterator<Item = Value>, by: &Comparison) -> Vec<Value> {
    let mut seen = HashSet::new();
    items
        .into_iter()
        .filter(|item| seen.insert(by.key(item)))
        .collect()
}

/// The server keeps unions and intersections in the order of their values.
fn sorted(mut items: Vec<Value>, by: &Comparison) -> Vec<Value> {
    items.sort_by(|a, b| by.order(a, b));
    items
}

/// All arguments as arrays; `None` where one is null.
fn arrays(arguments: Arguments, code: i32) -> Result<Option<Vec<Vec<Value>>>> {
    let operator = arguments.operator;
    let mut out = Vec::with_capacity(arguments.len());
    for value in arguments.into_values() {
        match value {
            Some(Value::Array(items)) => out.push(items),
            value if is_nullish(value.as_ref()) => return Ok(None),
            value => {
                let found = type_name(value.as_ref());
                let message = format!(
                    "All operands of {operator} must be arrays. One argument is of type: {found}"
                );
                return Err(Error::new(code, message));
            }
        }
    }
    Ok(Some(out))
}

fn union(arguments: Arguments) -> Result<Option<Value>> {
    let by = arguments.comparison();
    match arrays(arguments, 17043)? {
        Some(arrays) => give(sorted(distinct(arrays.into_iter().flatten(), &by), &by)),
        None => null(),
    }
}

fn intersection(arguments: Arguments) -> Result<Option<Value>> {
    let by = arguments.comparison();
    let Some(arrays) = arrays(arguments, 17047)? else {
        return null();
    };
    let mut arrays = arrays.into_iter();
    let mut common = distinct(arrays.next().unwrap_or_default(), &by);
    for items in arrays {
        let others = keys(&items, &by);
        common.retain(|item| others.contains(&by.key(item)));
    }
    give(sorted(common, &by))
}

fn pair(arguments: &Arguments, codes: [i32; 2]) -> Result<(&[Value], &[Value])> {
    let side = |at: usize, which: &str| {
        arguments.array(at).ok_or_else(|| {
            let (operator, found) = (arguments.operator, arguments.type_name(at));
            let message = format!(
                "both operands of {operator} must be arrays. {which} argument is of type: {found}"
            );
            Error::new(codes[at], message)
        })
    };
    Ok((side(0, "First")?, side(1, "Second")?))
}

fn difference(arguments: Arguments) -> Result<Option<Value>> {
    if arguments.any_nullish() {
        return null();
    }
    let (left, right) = pair(&arguments, [17048, 17049])?;
    let by = arguments.comparison();
    let unwanted = keys(right, &by);
    let kept = left
        .iter()
        .filter(|item| !unwanted.contains(&by.key(item)))
        .cloned();
    give(distinct(kept, &by))
}

fn is_subset(arguments: Arguments) -> Result<Option<Value>> {
    let (left, right) = pair(&arguments, [17046, 17042])?;
    let by = arguments.comparison();
    give(keys(left, &by).is_subset(&keys(right, &by)))
}

fn equals(arguments: Arguments) -> Result<Option<Value>> {
    if arguments.len() < 2 {
        let count = arguments.len();
        return Err(Error::new(
            17045,
            format!("$setEquals needs at least two arguments had: {count}"),
        ));
    }
    let mut sets = Vec::with_capacity(arguments.len());
    for at in 0..arguments.len() {
        let items = arguments.array(at).ok_or_else(|| {
            let found = arguments.type_name(at);
            Error::new(
                17044,
                format!(
                    "All operands of $setEquals must be arrays. {}-th argument is of type: {found}",
                    at + 1
                ),
            )
        })?;
        sets.push(keys(items, &arguments.comparison()));
    }
    give(sets.windows(2).all(|pair| pair[0] == pair[1]))
}

fn one_array(arguments: &Arguments, code: i32) -> Result<&[Value]> {
    arguments.array(0).ok_or_else(|| {
        let (operator, found) = (arguments.operator, arguments.type_name(0));
        Error::new(
            code,
            format!("{operator}'s argument must be an array, but is {found}"),
        )
    })
}

fn all_true(arguments: Arguments) -> Result<Option<Value>> {
    give(
        one_array(&arguments, 17040)?
            .iter()
            .all(|item| truthy(Some(item))),
    )
}

fn any_true(arguments: Arguments) -> Result<Option<Value>> {
    give(
        one_array(&arguments, 17041)?
            .iter()
            .any(|item| truthy(Some(item))),
    )
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, value};

    /// Sets hold each value once, whatever number type it comes in.
    #[test]
    fn sets_hold_values_once() {
        assert_eq!(
            value("[1, 2, 3]"),
            value(r#"{"$setUnion": [[1, 2], [2.0, 3]]}"#)
        );
        assert_eq!(
            value("[2]"),
            value(r#"{"$setIntersection": [[1, 2, 2], [2.0, 3]]}"#)
        );
        assert_eq!(
            value("[1]"),
            value(r#"{"$setDifference": [[1, 2, 1], [2.0, 3]]}"#)
        );
        assert_eq!(
            value("true"),
            value(r#"{"$setEquals": [[1, 2], [2, 1, 1]]}"#)
        );
        assert_eq!(
            value("false"),
            value(r#"{"$setIsSubset": [[4], [2, 1, 1]]}"#)
        );
        assert_eq!(17043, error(r#"{"$setUnion": [[1], 2]}"#));
    }

    /// Truth of elements follows the truth of values.
    #[test]
    fn elements_have_truth() {
        assert_eq!(
            value("true"),
            value(r#"{"$anyElementTrue": [[0, null, "a"]]}"#)
        );
        assert_eq!(
            value("false"),
            value(r#"{"$allElementsTrue": [[1, false]]}"#)
        );
    }
}
