//! `$push`, `$addToSet` and `$pull`.

use mongolane_bson::{Document, Value};

use crate::collation::{self, Collation};
use crate::error::Shown;
use crate::expression::Variables;
use crate::number::whole_number;
use crate::query::{Matcher, Sort};
use crate::{Error, Result};

/// `$push` and its clauses.
#[derive(Debug)]
pub(super) struct Push {
    values: Vec<Value>,
    slice: Option<i64>,
    position: Option<i64>,
    sort: Option<Order>,
}

#[derive(Debug)]
enum Order {
    Whole {
        descending: bool,
        by: Option<Collation>,
    },
    Fields(Sort),
}

impl Push {
    pub(super) fn parse(value: &Value, variables: &Variables) -> Result<Self> {
        let mut push = Self {
            values: Vec::new(),
            slice: None,
            position: None,
            sort: None,
        };
        let Value::Document(clauses) = value else {
            push.values.push(value.clone());
            return Ok(push);
        };
        let Some(each) = clauses.get("$each") else {
            push.values.push(value.clone());
            return Ok(push);
        };
        push.values = each_of("$push", each)?;
        for (name, value) in clauses {
            match name.as_str() {
                "$each" => {}
                "$slice" => push.slice = Some(whole(name, value)?),
                "$position" => push.position = Some(whole(name, value)?),
                "$sort" => push.sort = Some(Order::parse(value, variables.collation())?),
                _ => {
                    return Err(Error::new(
                        2,
                        format!("Unrecognized clause in $push: {name}"),
                    ));
                }
            }
        }
        Ok(push)
    }

    pub(super) fn apply(&self, slot: &mut Value, name: &str, id: Option<&Value>) -> Result<()> {
        if matches!(slot, Value::Undefined) {
            *slot = Value::Array(Vec::new());
        }
        let Value::Array(items) = slot else {
            let id = id.map_or("no id".to_owned(), |id| Shown(id).to_string());
            return Err(Error::new(
                2,
                format!(
                    "The field '{name}' must be an array but is of type {} in document {{_id: {id}}}",
                    slot.type_name()
                ),
            ));
        };
        let at = place(self.position, items.len());
        items.splice(at..at, self.values.iter().cloned());
        if let Some(order) = &self.sort {
            order.apply(items);
        }
        match self.slice {
            Some(count) if count >= 0 => items.truncate(count as usize),
            Some(count) => {
                let surplus = items.len().saturating_sub(count.unsigned_abs() as usize);
                items.drain(..surplus);
            }
            None => {}
        }
        Ok(())
    }
}

/// Where new elements go; a negative position counts from the end.
fn place(position: Option<i64>, size: usize) -> usize {
    match position {
        None => size,
        Some(at) if at < 0 => size.saturating_sub(at.unsigned_abs() as usize),
        Some(at) => (at as usize).min(size),
    }
}

fn each_of(operator: &str, each: &Value) -> Result<Vec<Value>> {
    match each {
        Value::Array(items) => Ok(items.clone()),
        other => Err(Error::new(
            14,
            format!(
                "The argument to $each in {operator} must be an array but it was of type: {}",
                other.type_name()
            ),
        )),
    }
}

fn whole(name: &str, value: &Value) -> Result<i64> {
    let integral = !matches!(value, Value::Double(v) if v.fract() != 0.0);
    whole_number(value).filter(|_| integral).ok_or_else(|| {
        Error::new(
            2,
            format!(
                "The value for {name} must be an integer value but was given type: {}",
                value.type_name()
            ),
        )
    })
}

impl Order {
    fn parse(value: &Value, by: Option<&Collation>) -> Result<Self> {
        let whole = |descending| Self::Whole {
            descending,
            by: by.cloned(),
        };
        match value {
            Value::Document(pattern) if pattern.is_empty() => Err(Error::new(
                2,
                "The $sort pattern is empty when it should be a set of fields.",
            )),
            Value::Document(pattern) => {
                Sort::parse(pattern).map(|sort| Self::Fields(sort.under(by)))
            }
            _ => match whole_number(value) {
                Some(1) => Ok(whole(false)),
                Some(-1) => Ok(whole(true)),
                _ => Err(Error::new(
                    2,
                    "The $sort element value must be either 1 or -1",
                )),
            },
        }
    }

    fn apply(&self, items: &mut Vec<Value>) {
        match self {
            Self::Whole { descending, by } => {
                items.sort_by(|l, r| {
                    let order = collation::order(by.as_ref(), l, r);
                    if *descending { order.reverse() } else { order }
                });
            }
            Self::Fields(sort) => {
                let taken = std::mem::take(items);
                let empty = Document::new();
                *items = sort.apply(taken, None, |item| match item {
                    Value::Document(inner) => sort.key(inner),
                    _ => sort.key(&empty),
                });
            }
        }
    }
}

/// `$addToSet`.
#[derive(Debug)]
pub(super) struct AddToSet(Vec<Value>, Option<Collation>);

impl AddToSet {
    pub(super) fn parse(value: &Value, by: Option<Collation>) -> Result<Self> {
        let Value::Document(clauses) = value else {
            return Ok(Self(vec![value.clone()], by));
        };
        let Some(each) = clauses.get("$each") else {
            return Ok(Self(vec![value.clone()], by));
        };
        if let Some(unknown) = clauses.keys().find(|key| *key != "$each") {
            return Err(Error::new(
                2,
                format!("Found unexpected fields after $each in $addToSet: {unknown}"),
            ));
        }
        each_of("$addToSet", each).map(|values| Self(values, by))
    }

    pub(super) fn apply(&self, slot: &mut Value, name: &str) -> Result<()> {
        if matches!(slot, Value::Undefined) {
            *slot = Value::Array(Vec::new());
        }
        let Value::Array(items) = slot else {
            return Err(Error::new(
                2,
                format!(
                    "Cannot apply $addToSet to non-array field. Field named '{name}' has non-array type {}",
                    slot.type_name()
                ),
            ));
        };
        let same = |l: &Value, r: &Value| collation::order(self.1.as_ref(), l, r).is_eq();
        for value in &self.0 {
            if !items.iter().any(|item| same(item, value)) {
                items.push(value.clone());
            }
        }
        Ok(())
    }
}

/// `$pull`: a value to equal, or a condition.
#[derive(Debug)]
pub(super) enum Pull {
    Equal(Value, Option<Collation>),
    /// A filter over `{"": element}`.
    Wrapped(Matcher),
    /// A filter over elements that are documents.
    Inner(Matcher),
}

impl Pull {
    pub(super) fn parse(value: &Value, variables: &Variables) -> Result<Self> {
        let filter = |filter: &Document| Matcher::parse_with(filter, variables.clone());
        let wrapped = |value: &Value| {
            let mut wrapped = Document::new();
            wrapped.push("", value.clone());
            filter(&wrapped).map(Self::Wrapped)
        };
        match value {
            Value::Regex(..) => wrapped(value),
            Value::Document(inner) => match inner.keys().next() {
                Some("$and" | "$or" | "$nor" | "$expr") => filter(inner).map(Self::Inner),
                Some(key) if key.starts_with('$') => wrapped(value),
                _ => filter(inner).map(Self::Inner),
            },
            _ => Ok(Self::Equal(value.clone(), variables.collation().cloned())),
        }
    }

    pub(super) fn apply(&self, items: &mut Vec<Value>) -> Result<()> {
        let mut failed = None;
        items.retain(|item| {
            let meant = self.means(item).unwrap_or_else(|error| {
                failed = Some(error);
                false
            });
            !meant
        });
        failed.map_or(Ok(()), Err)
    }

    fn means(&self, item: &Value) -> Result<bool> {
        match (self, item) {
            (Self::Equal(value, by), _) => Ok(collation::order(by.as_ref(), item, value).is_eq()),
            (Self::Wrapped(matcher), _) => {
                let mut wrapped = Document::new();
                wrapped.push("", item.clone());
                matcher.matches(&wrapped)
            }
            (Self::Inner(matcher), Value::Document(inner)) => matcher.matches(inner),
            (Self::Inner(_), _) => Ok(false),
        }
    }
}
