//! What the keywords ask. Each asks only values of its own type.

use std::collections::HashSet;

use mongolane_bson::{Document, Value, document};

use super::Schema;
use crate::Result;
use crate::compare::{Key, compare, equal};
use crate::number::{self, Number};
use crate::query::Pattern;

#[derive(Clone, Debug)]
pub(super) enum Rule {
    Types(Vec<u8>),
    Enum(Vec<Value>),
    /// With whether the limit itself is left out.
    Minimum(Value, bool),
    Maximum(Value, bool),
    MultipleOf(Value),
    Size(Limit, usize),
    Pattern(Pattern),
    Required(Vec<String>),
    Properties(Vec<(String, Schema)>),
    PatternProperties(Vec<(Pattern, Schema)>),
    AdditionalProperties {
        known: Vec<String>,
        patterns: Vec<Pattern>,
        /// None where there may be no others.
        further: Option<Box<Schema>>,
    },
    Dependencies(Vec<(String, Dependency)>),
    Items(Box<Schema>),
    ItemsByPlace(Vec<Schema>),
    AdditionalItems(usize, Option<Box<Schema>>),
    UniqueItems,
    AllOf(Vec<Schema>),
    AnyOf(Vec<Schema>),
    OneOf(Vec<Schema>),
    Not(Box<Schema>),
}

/// What is counted, and which side of the number is allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Limit {
    MinLength,
    MaxLength,
    MinItems,
    MaxItems,
    MinProperties,
    MaxProperties,
}

/// What a field needs beside it.
#[derive(Clone, Debug)]
pub(super) enum Dependency {
    Fields(Vec<String>),
    Schema(Schema),
}

impl Limit {
    fn count(self, value: &Value) -> Option<usize> {
        match (self, value) {
            (Self::MinLength | Self::MaxLength, Value::String(text)) => Some(text.chars().count()),
            (Self::MinItems | Self::MaxItems, Value::Array(items)) => Some(items.len()),
            (Self::MinProperties | Self::MaxProperties, Value::Document(inner)) => {
                Some(inner.len())
            }
            _ => None,
        }
    }

    fn holds(self, value: &Value, limit: usize) -> bool {
        let is_least = matches!(self, Self::MinLength | Self::MinItems | Self::MinProperties);
        self.count(value).is_none_or(|count| match is_least {
            true => count >= limit,
            false => count <= limit,
        })
    }
}

/// Whether all items are as `test` asks.
fn all<T>(items: impl IntoIterator<Item = T>, test: impl Fn(T) -> Result<bool>) -> Result<bool> {
    for item in items {
        if !test(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How many schemas a value holds.
fn held(schemas: &[Schema], value: &Value) -> Result<usize> {
    let mut count = 0;
    for schema in schemas {
        count += usize::from(schema.holds(value)?);
    }
    Ok(count)
}

impl Rule {
    pub(super) fn holds(&self, value: &Value) -> Result<bool> {
        match self {
            Self::Types(types) => Ok(types.contains(&document::type_byte(value))),
            Self::Enum(values) => Ok(values.iter().any(|known| equal(known, value))),
            Self::Minimum(limit, exclusive) => Ok(compares(value, limit, |order| {
                order.is_gt() || (order.is_eq() && !exclusive)
            })),
            Self::Maximum(limit, exclusive) => Ok(compares(value, limit, |order| {
                order.is_lt() || (order.is_eq() && !exclusive)
            })),
            Self::MultipleOf(divisor) => Ok(is_multiple(value, divisor)),
            Self::Size(limit, size) => Ok(limit.holds(value, *size)),
            Self::Pattern(pattern) => match value {
                Value::String(_) => pattern.matches(value),
                _ => Ok(true),
            },
            Self::AllOf(schemas) => Ok(held(schemas, value)? == schemas.len()),
            Self::AnyOf(schemas) => Ok(held(schemas, value)? > 0),
            Self::OneOf(schemas) => Ok(held(schemas, value)? == 1),
            Self::Not(schema) => Ok(!schema.holds(value)?),
            _ => match value {
                Value::Document(inner) => self.holds_in(inner, value),
                Value::Array(items) => self.holds_among(items),
                _ => Ok(true),
            },
        }
    }

    fn holds_in(&self, inner: &Document, whole: &Value) -> Result<bool> {
        match self {
            Self::Required(names) => Ok(names.iter().all(|name| inner.contains_key(name))),
            Self::Properties(schemas) => all(schemas, |(name, schema)| {
                inner
                    .get(name)
                    .map_or(Ok(true), |value| schema.holds(value))
            }),
            Self::PatternProperties(schemas) => all(inner, |(name, value)| {
                all(schemas, |(pattern, schema)| {
                    Ok(!pattern.finds(name)? || schema.holds(value)?)
                })
            }),
            Self::AdditionalProperties { further, .. } => {
                all(self.others(inner)?, |(_, value)| match further {
                    Some(schema) => schema.holds(value),
                    None => Ok(false),
                })
            }
            Self::Dependencies(dependencies) => all(dependencies, |(name, needed)| match needed {
                _ if !inner.contains_key(name) => Ok(true),
                Dependency::Fields(names) => Ok(names.iter().all(|name| inner.contains_key(name))),
                Dependency::Schema(schema) => schema.holds(whole),
            }),
            _ => Ok(true),
        }
    }

    fn holds_among(&self, items: &[Value]) -> Result<bool> {
        match self {
            Self::Items(schema) => all(items, |item| schema.holds(item)),
            Self::ItemsByPlace(schemas) => all(items.iter().zip(schemas), |(item, schema)| {
                schema.holds(item)
            }),
            Self::AdditionalItems(after, further) => {
                all(items.iter().skip(*after), |item| match further {
                    Some(schema) => schema.holds(item),
                    None => Ok(false),
                })
            }
            Self::UniqueItems => {
                let mut seen = HashSet::new();
                Ok(items.iter().all(|item| seen.insert(Key::of(item))))
            }
            _ => Ok(true),
        }
    }

    /// The fields that neither a name nor a pattern tells of.
    pub(super) fn others<'d>(&self, inner: &'d Document) -> Result<Vec<(&'d str, &'d Value)>> {
        let Self::AdditionalProperties {
            known, patterns, ..
        } = self
        else {
            return Ok(Vec::new());
        };
        let mut others = Vec::new();
        for (name, value) in inner {
            let is_told = known.contains(name) || !all(patterns, |p| p.finds(name).map(|is| !is))?;
            if !is_told {
                others.push((name.as_str(), value));
            }
        }
        Ok(others)
    }
}

fn compares(value: &Value, limit: &Value, test: impl Fn(std::cmp::Ordering) -> bool) -> bool {
    Number::of(value).is_none() || test(compare(value, limit))
}

fn is_multiple(value: &Value, divisor: &Value) -> bool {
    match (Number::of(value), Number::of(divisor)) {
        (Some(value), Some(divisor)) => number::modulo(value, divisor).is_some_and(Number::is_zero),
        _ => true,
    }
}
