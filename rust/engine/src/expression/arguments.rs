//! What an operator gets: how many, by which names, and ways to look at them.

use std::cmp::Ordering;

use mongolane_bson::{Decimal128, Document, Value};

use super::{Expression, Names};
use crate::collation::{self, Collation};
use crate::compare::Key;
use crate::number::Number;
use crate::{Error, Result};

/// How many arguments an operator takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arity {
    Exactly(usize),
    Between(usize, usize),
    Any,
}

impl Arity {
    pub(super) fn check(self, operator: &str, count: usize) -> Result<()> {
        match self {
            Self::Exactly(n) if count != n => Err(Error::new(
                16020,
                format!(
                    "Expression {operator} takes exactly {n} arguments. {count} were passed in."
                ),
            )),
            Self::Between(low, high) if !(low..=high).contains(&count) => Err(Error::new(
                28667,
                format!(
                    "Expression {operator} takes at least {low} arguments, and at most {high}, but {count} were passed in."
                ),
            )),
            _ => Ok(()),
        }
    }
}

/// Arguments by name: which exist, which must be there, and the codes to
/// complain with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameters {
    pub(super) names: &'static [&'static str],
    /// The first so many must be given.
    pub(super) required: usize,
    pub(super) not_an_object: i32,
    pub(super) unknown: i32,
    /// One for each required name; the last stands for those beyond.
    pub(super) missing: &'static [i32],
}

impl Parameters {
    pub(super) fn parse(
        &self,
        operator: &str,
        operand: &Value,
        names: &Names<'_>,
    ) -> Result<Vec<Option<Expression>>> {
        let document = self.document(operator, operand)?;
        let mut arguments = vec![None; self.names.len()];
        for (key, value) in document {
            let at = self.position(operator, key)?;
            arguments[at] = Some(Expression::parse_in(value, names)?);
        }
        match arguments[..self.required].iter().position(Option::is_none) {
            Some(at) => Err(self.missing(operator, self.names[at])),
            None => Ok(arguments),
        }
    }

    /// The operand as a document with no name but the known ones.
    pub(super) fn document<'a>(&self, operator: &str, operand: &'a Value) -> Result<&'a Document> {
        let Value::Document(document) = operand else {
            let message = format!(
                "{operator} requires an object as an argument, found: {}",
                operand.type_name()
            );
            return Err(Error::new(self.not_an_object, message));
        };
        document
            .keys()
            .try_for_each(|key| self.position(operator, key).map(|_| ()))?;
        Ok(document)
    }

    fn position(&self, operator: &str, key: &str) -> Result<usize> {
        self.names
            .iter()
            .position(|name| *name == key)
            .ok_or_else(|| {
                Error::new(
                    self.unknown,
                    format!("Unrecognized argument to {operator}: {key}"),
                )
            })
    }

    pub(super) fn missing(&self, operator: &str, name: &str) -> Error {
        let at = self.names.iter().position(|known| *known == name);
        let code = at
            .and_then(|at| self.missing.get(at))
            .or(self.missing.last());
        let message = format!("Missing '{name}' parameter to {operator}");
        Error::new(code.copied().unwrap_or(9), message)
    }

    /// The expression of a name that must be there.
    pub(super) fn required(
        &self,
        operator: &str,
        document: &Document,
        name: &str,
        names: &Names<'_>,
    ) -> Result<Expression> {
        let value = document
            .get(name)
            .ok_or_else(|| self.missing(operator, name))?;
        Expression::parse_in(value, names)
    }
}

/// How an operator compares values: by the command's collation.
#[derive(Clone, Debug)]
pub(super) struct Comparison(pub(super) Option<Collation>);

impl Comparison {
    pub(super) fn order(&self, a: &Value, b: &Value) -> Ordering {
        collation::order(self.0.as_ref(), a, b)
    }

    pub(super) fn equal(&self, a: &Value, b: &Value) -> bool {
        self.order(a, b).is_eq()
    }

    pub(super) fn key(&self, value: &Value) -> Key {
        collation::key(self.0.as_ref(), value)
    }
}

/// The evaluated arguments of one operator.
#[derive(Debug)]
pub(super) struct Arguments {
    /// The operator's name, for messages.
    pub(super) operator: &'static str,
    values: Vec<Option<Value>>,
    collation: Option<Collation>,
}

impl Arguments {
    pub(super) fn new(
        operator: &'static str,
        values: Vec<Option<Value>>,
        collation: Option<Collation>,
    ) -> Self {
        Self {
            operator,
            values,
            collation,
        }
    }

    /// How the command compares texts.
    pub(super) fn comparison(&self) -> Comparison {
        Comparison(self.collation.clone())
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Value> {
        self.values.get(at).and_then(Option::as_ref)
    }

    /// Moves an argument out.
    pub(super) fn take(&mut self, at: usize) -> Option<Value> {
        self.values.get_mut(at).and_then(Option::take)
    }

    pub(super) fn into_values(self) -> Vec<Option<Value>> {
        self.values
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Option<&Value>> {
        self.values.iter().map(Option::as_ref)
    }

    pub(super) fn is_nullish(&self, at: usize) -> bool {
        is_nullish(self.get(at))
    }

    pub(super) fn any_nullish(&self) -> bool {
        self.iter().any(is_nullish)
    }

    /// Whether an argument by name was given and is null or missing.
    pub(super) fn given_nullish(&self, at: usize) -> bool {
        self.get(at).is_some() && self.is_nullish(at)
    }

    /// The type's name of an argument, as `$type` gives it.
    pub(super) fn type_name(&self, at: usize) -> &'static str {
        type_name(self.get(at))
    }

    /// The number at `at`.
    pub(super) fn number(&self, at: usize) -> Option<Number> {
        self.get(at).and_then(Number::of)
    }

    /// Text at `at`, symbols included.
    pub(super) fn text(&self, at: usize) -> Option<&str> {
        match self.get(at) {
            Some(Value::String(text) | Value::Symbol(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn array(&self, at: usize) -> Option<&[Value]> {
        match self.get(at) {
            Some(Value::Array(items)) => Some(items),
            _ => None,
        }
    }
}

/// Null, undefined or missing.
pub(crate) fn is_nullish(value: Option<&Value>) -> bool {
    matches!(value, None | Some(Value::Null | Value::Undefined))
}

/// What counts as true: everything but false, zero, null and missing.
pub(crate) fn truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Undefined | Value::Bool(false)) => false,
        Some(value) => Number::of(value).is_none_or(|number| !number.is_zero()),
    }
}

/// The type's name of a value, `missing` included.
pub(super) fn type_name(value: Option<&Value>) -> &'static str {
    value.map_or("missing", Value::type_name)
}

/// A value as the server prints it in its messages.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::String(text) | Value::Symbol(text) => format!("\"{text}\""),
        Value::Int32(number) => number.to_string(),
        Value::Int64(number) => number.to_string(),
        Value::Double(number) => describe_double(*number),
        Value::Decimal128(bytes) => Decimal128::from_bytes(*bytes).to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null => "null".to_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(describe).collect();
            format!("[ {} ]", items.join(", "))
        }
        Value::Document(document) if document.is_empty() => "{}".to_owned(),
        Value::Document(document) => {
            let fields: Vec<_> = document
                .iter()
                .map(|(k, v)| format!("{k}: {}", describe(v)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        other => other.type_name().to_owned(),
    }
}

/// A double as the server writes it: sixteen digits, no point where there is
/// no fraction.
pub(super) fn describe_double(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    let text = format!("{number:.15e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    if (-4..16).contains(&power) {
        let places = usize::try_from(15 - power).unwrap_or(0);
        return without_zeros(&format!("{number:.places$}")).to_owned();
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", without_zeros(digits), power.abs())
}

/// A decimal fraction without the zeros at its end.
fn without_zeros(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}
