//! The accumulators of `$group`: what each keeps while documents pass.

use std::cmp::Ordering;
use std::collections::HashSet;

use mongolane_bson::{Document, Value};

use super::ranked;
use crate::collation::{self, Collation};
use crate::compare::Key;
use crate::expression::merge_into;
use crate::expression::{Expression, Names, Scope, is_nullish};
use crate::summation::{Deviation, Sum};
use crate::{Error, Result};

/// The state of one accumulator in one group.
pub(super) trait Accumulator {
    /// Takes in what its expression gave for a document.
    fn add(&mut self, value: Option<Value>) -> Result<()>;

    /// The result.
    fn finish(self: Box<Self>) -> Value;

    /// The result so far.
    fn result(&self) -> Value;
}

/// One field of a `$group`: how to get a document's value, and how to begin.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) input: Expression,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Plain(Begin),
    Ranked(ranked::Ranked),
}

impl Field {
    /// The state of a new group whose `_id` is `id`.
    pub(super) fn begin(&self, id: &Value, scope: &Scope<'_>) -> Result<Box<dyn Accumulator>> {
        match &self.kind {
            Kind::Plain(begin) => Ok(begin(scope.collation())),
            Kind::Ranked(ranked) => ranked.begin(id, scope),
        }
    }
}

/// Begins a state.
type Begin = fn(Option<&Collation>) -> Box<dyn Accumulator>;

const PLAIN: &[(&str, Begin)] = &[
    ("$addToSet", |by| {
        Box::new(Set(Vec::new(), HashSet::new(), by.cloned()))
    }),
    ("$avg", |_| Box::new(Mean(Sum::default()))),
    ("$first", |_| Box::new(First(None))),
    ("$last", |_| Box::new(Last(None))),
    ("$max", |by| {
        Box::new(Extreme(None, Ordering::is_gt, by.cloned()))
    }),
    ("$mergeObjects", |_| Box::<Merged>::default()),
    ("$min", |by| {
        Box::new(Extreme(None, Ordering::is_lt, by.cloned()))
    }),
    ("$push", |_| Box::<Pushed>::default()),
    ("$stdDevPop", |_| {
        Box::new(Spread(Deviation::default(), Deviation::population))
    }),
    ("$stdDevSamp", |_| {
        Box::new(Spread(Deviation::default(), Deviation::sample))
    }),
    ("$sum", |_| Box::new(Total(Sum::default()))),
];

/// Parses `{field: {$operator: argument}}`.
pub(super) fn parse(name: &str, spec: &Value, names: &Names<'_>) -> Result<Field> {
    if name.contains('.') {
        return Err(Error::new(
            40235,
            format!("The field name '{name}' cannot contain '.'"),
        ));
    }
    if name.starts_with('$') {
        return Err(Error::new(
            40236,
            format!("The field name '{name}' cannot be an operator name"),
        ));
    }
    let Value::Document(spec) = spec else {
        return Err(Error::new(
            40234,
            format!("The field '{name}' must be an accumulator object"),
        ));
    };
    let (Some((operator, argument)), 1) = (spec.iter().next(), spec.len()) else {
        return Err(Error::new(
            40238,
            format!("The field '{name}' must specify one accumulator"),
        ));
    };
    if !operator.starts_with('$') {
        return Err(Error::new(
            40234,
            format!("The field '{name}' must be an accumulator object"),
        ));
    }
    let (input, kind) = parse_operator(operator, argument, names)?;
    Ok(Field {
        name: name.to_owned(),
        input,
        kind,
    })
}

fn parse_operator(
    operator: &str,
    argument: &Value,
    names: &Names<'_>,
) -> Result<(Expression, Kind)> {
    if let Some((_, begin)) = PLAIN.iter().find(|(known, _)| *known == operator) {
        if matches!(argument, Value::Array(_)) {
            return Err(Error::new(
                40237,
                format!("The {operator} accumulator is a unary operator"),
            ));
        }
        return Ok((Expression::parse_in(argument, names)?, Kind::Plain(*begin)));
    }
    if operator == "$count" {
        if !matches!(argument, Value::Document(argument) if argument.is_empty()) {
            return Err(Error::new(9, "$count takes no arguments, i.e. $count:{}"));
        }
        let one = Expression::constant(Value::Int32(1));
        return Ok((one, Kind::Plain(|_| Box::new(Total(Sum::default())))));
    }
    match ranked::parse(operator, argument, names)? {
        Some((input, ranked)) => Ok((input, Kind::Ranked(ranked))),
        None => Err(Error::new(
            15952,
            format!("unknown group operator '{operator}'"),
        )),
    }
}

struct Total(Sum);

impl Accumulator for Total {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        value.iter().for_each(|value| self.0.add(value));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Value {
        self.0.total().into()
    }

    fn result(&self) -> Value {
        self.0.total().into()
    }
}

struct Mean(Sum);

impl Accumulator for Mean {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        value.iter().for_each(|value| self.0.add(value));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Value {
        self.0.mean()
    }

    fn result(&self) -> Value {
        self.0.mean()
    }
}

struct Spread(Deviation, fn(&Deviation) -> Value);

impl Accumulator for Spread {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        value.iter().for_each(|value| self.0.add(value));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Value {
        (self.1)(&self.0)
    }

    fn result(&self) -> Value {
        (self.1)(&self.0)
    }
}

struct Extreme(Option<Value>, fn(Ordering) -> bool, Option<Collation>);

impl Accumulator for Extreme {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        let Some(value) = value.filter(|value| !is_nullish(Some(value))) else {
            return Ok(());
        };
        let better = self
            .0
            .as_ref()
            .is_none_or(|best| (self.1)(collation::order(self.2.as_ref(), &value, best)));
        if better {
            self.0 = Some(value);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Value {
        self.0.unwrap_or(Value::Null)
    }

    fn result(&self) -> Value {
        self.0.clone().unwrap_or(Value::Null)
    }
}

/// A missing first value counts, as null.
struct First(Option<Value>);

impl Accumulator for First {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        self.0.get_or_insert_with(|| value.unwrap_or(Value::Null));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Value {
        self.0.unwrap_or(Value::Null)
    }

    fn result(&self) -> Value {
        self.0.clone().unwrap_or(Value::Null)
    }
}

struct Last(Option<Value>);

impl Accumulator for Last {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        self.0 = value;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Value {
        self.0.unwrap_or(Value::Null)
    }

    fn result(&self) -> Value {
        self.0.clone().unwrap_or(Value::Null)
    }
}

#[derive(Default)]
struct Pushed(Vec<Value>);

impl Accumulator for Pushed {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        self.0.extend(value);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Value {
        Value::Array(self.0)
    }

    fn result(&self) -> Value {
        Value::Array(self.0.clone())
    }
}

struct Set(Vec<Value>, HashSet<Key>, Option<Collation>);

impl Accumulator for Set {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        let new = value.filter(|value| self.1.insert(collation::key(self.2.as_ref(), value)));
        self.0.extend(new);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Value {
        Value::Array(self.0)
    }

    fn result(&self) -> Value {
        Value::Array(self.0.clone())
    }
}

#[derive(Default)]
struct Merged(Document);

impl Accumulator for Merged {
    fn add(&mut self, value: Option<Value>) -> Result<()> {
        match value {
            Some(Value::Document(document)) => merge_into(&mut self.0, document),
            None | Some(Value::Null | Value::Undefined) => {}
            Some(other) => {
                let found = other.type_name();
                return Err(Error::new(
                    40400,
                    format!("$mergeObjects requires object inputs, but input is of type {found}"),
                ));
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Value {
        Value::Document(self.0)
    }

    fn result(&self) -> Value {
        Value::Document(self.0.clone())
    }
}
