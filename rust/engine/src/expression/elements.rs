//! The first, last, smallest and largest few elements, and sorted arrays.

use mongolane_bson::{Document, Value};

use super::arguments::{Arguments, Comparison, Parameters, describe, is_nullish, type_name};
use super::arithmetic::{give, null};
use super::operator::{
    Operator::{Named, Special},
    Rows,
};
use super::{Evaluate, Expression, Names, Node, Scope};
use crate::number::Number;
use crate::query::Sort;
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    ("$firstN", Named(&FEW, first)),
    ("$lastN", Named(&FEW, last)),
    ("$maxN", Named(&FEW, largest)),
    ("$minN", Named(&FEW, smallest)),
    ("$sortArray", Special(sort_array)),
];

const FEW: Parameters = Parameters {
    names: &["n", "input"],
    required: 2,
    not_an_object: 5787801,
    unknown: 5787901,
    missing: &[5787906, 5787907],
};

/// How many elements are wanted: a positive whole number.
pub(crate) fn count(operator: &str, value: Option<&Value>) -> Result<usize> {
    let number = value.and_then(Number::of).ok_or_else(|| {
        let found = type_name(value);
        Error::new(
            5787902,
            format!("Value for 'n' must be of integral type, but found {found} in {operator}"),
        )
    })?;
    let whole = number.to_i64_exact().ok_or_else(|| {
        let shown = describe(&number.into());
        Error::new(
            5787903,
            format!("Value for 'n' must be of integral type, but found {shown}"),
        )
    })?;
    usize::try_from(whole)
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| {
            Error::new(
                5787908,
                format!("'n' must be greater than 0, found {whole}"),
            )
        })
}

fn few(mut arguments: Arguments) -> Result<(usize, Vec<Value>)> {
    let count = count(arguments.operator, arguments.get(0))?;
    match arguments.take(1) {
        Some(Value::Array(items)) => Ok((count, items)),
        _ => Err(Error::new(
            5788200,
            format!("{}: input must be an array", arguments.operator),
        )),
    }
}

fn first(arguments: Arguments) -> Result<Option<Value>> {
    let (count, mut items) = few(arguments)?;
    items.truncate(count);
    give(items)
}

fn last(arguments: Arguments) -> Result<Option<Value>> {
    let (count, mut items) = few(arguments)?;
    give(items.split_off(items.len().saturating_sub(count)))
}

fn largest(arguments: Arguments) -> Result<Option<Value>> {
    let comparison = arguments.comparison();
    let (count, mut items) = few(arguments)?;
    items.retain(|item| !is_nullish(Some(item)));
    items.sort_by(|a, b| comparison.order(b, a));
    items.truncate(count);
    give(items)
}

fn smallest(arguments: Arguments) -> Result<Option<Value>> {
    let comparison = arguments.comparison();
    let (count, mut items) = few(arguments)?;
    items.retain(|item| !is_nullish(Some(item)));
    items.sort_by(|a, b| comparison.order(a, b));
    items.truncate(count);
    give(items)
}

const SORT: Parameters = Parameters {
    names: &["input", "sortBy"],
    required: 2,
    not_an_object: 2942500,
    unknown: 2942501,
    missing: &[2942502],
};

#[derive(Debug)]
struct SortArray {
    input: Expression,
    order: Order,
}

#[derive(Debug)]
enum Order {
    Whole { descending: bool },
    Fields(Sort),
}

fn sort_array(operator: &'static str, operand: &Value, names: &Names<'_>) -> Result<Node> {
    let document = SORT.document(operator, operand)?;
    let input = SORT.required(operator, document, "input", names)?;
    let order = match document.get("sortBy") {
        Some(Value::Document(pattern)) => Order::Fields(Sort::parse(pattern)?),
        Some(value) => match Number::of(value).and_then(Number::to_i64_exact) {
            Some(1) => Order::Whole { descending: false },
            Some(-1) => Order::Whole { descending: true },
            _ => {
                return Err(Error::new(
                    2942507,
                    "$sortArray: sortBy must be a document, 1 or -1",
                ));
            }
        },
        None => return Err(SORT.missing(operator, "sortBy")),
    };
    Ok(Node::Special(Box::new(SortArray { input, order })))
}

impl Evaluate for SortArray {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        match self.input.evaluate_in(scope)? {
            Some(Value::Array(items)) => {
                let comparison = Comparison(scope.collation().cloned());
                give(self.order.apply(items, &comparison))
            }
            value if is_nullish(value.as_ref()) => null(),
            value => {
                let found = type_name(value.as_ref());
                Err(Error::new(
                    2942504,
                    format!(
                        "The input argument to $sortArray must be an array, but was of type: {found}"
                    ),
                ))
            }
        }
    }
}

impl Order {
    fn apply(&self, mut items: Vec<Value>, by: &Comparison) -> Vec<Value> {
        match self {
            Self::Whole { descending: false } => items.sort_by(|a, b| by.order(a, b)),
            Self::Whole { descending: true } => items.sort_by(|a, b| by.order(b, a)),
            Self::Fields(sort) => {
                let sort = sort.under(by.0.as_ref());
                let empty = Document::new();
                let key = |item: &Value| match item {
                    Value::Document(document) => sort.key(document),
                    _ => sort.key(&empty),
                };
                return sort.apply(items, None, key);
            }
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, value};

    /// A few elements from either end, by place and by value.
    #[test]
    fn few_elements_by_place_and_value() {
        assert_eq!(
            value("[3, 1]"),
            value(r#"{"$firstN": {"n": 2, "input": [3, 1, 2]}}"#)
        );
        assert_eq!(
            value("[2]"),
            value(r#"{"$lastN": {"n": 1, "input": [3, 1, 2]}}"#)
        );
        assert_eq!(
            value("[3, 2]"),
            value(r#"{"$maxN": {"n": 2, "input": [3, 1, 2, null]}}"#)
        );
        assert_eq!(5787908, error(r#"{"$minN": {"n": 0, "input": []}}"#));
    }

    /// Arrays sort by their elements or by fields of them.
    #[test]
    fn arrays_sort_by_value_or_field() {
        assert_eq!(
            value("[3, 2, 1]"),
            value(r#"{"$sortArray": {"input": [1, 3, 2], "sortBy": -1}}"#)
        );
        assert_eq!(
            value(r#"[{"a": 1}, {"a": 2}]"#),
            value(r#"{"$sortArray": {"input": [{"a": 2}, {"a": 1}], "sortBy": {"a": 1}}}"#)
        );
    }
}
