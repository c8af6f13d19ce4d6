//! What the operators do to the value at one place.

use mongolane_bson::{Document, Value};

use super::arrays::{AddToSet, Pull, Push};
use super::paths::{self, Place};
use crate::collation::{self, Collation};
use crate::error::Shown;
use crate::expression::Variables;
use crate::number::whole_number;
use crate::number::{self, Number};
use crate::query::is_truthy;
use crate::{Error, Result};

/// An operator and its argument.
#[derive(Debug)]
pub(super) enum Action {
    Set(Value),
    SetOnInsert(Value),
    Unset,
    Increment(Value),
    Multiply(Value),
    Least(Value, Option<Collation>),
    Greatest(Value, Option<Collation>),
    Push(Box<Push>),
    AddToSet(AddToSet),
    Pop { first: bool },
    Pull(Box<Pull>),
    PullAll(Vec<Value>, Option<Collation>),
    Rename(String),
    CurrentDate { timestamp: bool },
    Bit(Vec<(Bit, Value)>),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Bit {
    And,
    Or,
    Xor,
}

const KNOWN: [&str; 15] = [
    "$set",
    "$setOnInsert",
    "$unset",
    "$inc",
    "$mul",
    "$min",
    "$max",
    "$push",
    "$addToSet",
    "$pop",
    "$pull",
    "$pullAll",
    "$rename",
    "$currentDate",
    "$bit",
];

impl Action {
    pub(super) fn is_known(operator: &str) -> bool {
        KNOWN.contains(&operator)
    }

    pub(super) fn parse(
        operator: &str,
        key: &str,
        value: &Value,
        variables: &Variables,
    ) -> Result<Self> {
        let collation = || variables.collation().cloned();
        Ok(match operator {
            "$set" => Self::Set(value.clone()),
            "$setOnInsert" => Self::SetOnInsert(value.clone()),
            "$unset" => Self::Unset,
            "$inc" => Self::Increment(numeric("increment", key, value)?),
            "$mul" => Self::Multiply(numeric("multiply", key, value)?),
            "$min" => Self::Least(value.clone(), collation()),
            "$max" => Self::Greatest(value.clone(), collation()),
            "$push" => Self::Push(Box::new(Push::parse(value, variables)?)),
            "$addToSet" => Self::AddToSet(AddToSet::parse(value, collation())?),
            "$pop" => Self::Pop { first: pop(value)? },
            "$pull" => Self::Pull(Box::new(Pull::parse(value, variables)?)),
            "$pullAll" => Self::PullAll(pull_all(value)?, collation()),
            "$rename" => Self::Rename(rename(key, value)?),
            "$currentDate" => Self::CurrentDate {
                timestamp: current_date(value)?,
            },
            _ => Self::Bit(bits(value)?),
        })
    }

    pub(super) fn apply(&self, document: &mut Document, place: &Place) -> Result<()> {
        match self {
            Self::Unset => {
                paths::remove(document, place);
                return Ok(());
            }
            Self::Rename(to) => return move_value(document, place, to),
            Self::Pop { .. } | Self::Pull(_) | Self::PullAll(..) => {
                return self.take_out(document, place);
            }
            _ => {}
        }
        paths::check_viable(document, place)?;
        let id = document.get("_id").cloned();
        let slot = paths::slot(document, place)?;
        let name = place.join(".");
        self.change(slot, &name, id.as_ref())
    }

    /// The operators that make a value where none is.
    fn change(&self, slot: &mut Value, name: &str, id: Option<&Value>) -> Result<()> {
        let missing = matches!(slot, Value::Undefined);
        match self {
            Self::Set(value) | Self::SetOnInsert(value) => *slot = value.clone(),
            Self::Increment(by) if missing => *slot = by.clone(),
            Self::Increment(by) => {
                *slot = arithmetic(slot, by, name, id, "$inc", number::add_checked)?
            }
            Self::Multiply(by) => {
                if missing {
                    *slot = Value::Int32(0);
                }
                *slot = arithmetic(slot, by, name, id, "$mul", number::multiply_checked)?;
            }
            Self::Least(value, by)
                if missing || collation::order(by.as_ref(), value, slot).is_lt() =>
            {
                *slot = value.clone()
            }
            Self::Greatest(value, by)
                if missing || collation::order(by.as_ref(), value, slot).is_gt() =>
            {
                *slot = value.clone()
            }
            Self::Push(push) => push.apply(slot, name, id)?,
            Self::AddToSet(add) => add.apply(slot, name)?,
            Self::CurrentDate { timestamp } => *slot = now(*timestamp),
            Self::Bit(operations) => bit(slot, operations, name)?,
            _ => {}
        }
        Ok(())
    }

    /// The operators that do nothing where no array is.
    fn take_out(&self, document: &mut Document, place: &Place) -> Result<()> {
        if paths::get(document, place).is_none() {
            return Ok(());
        }
        let name = place.join(".");
        match (self, paths::slot(document, place)?) {
            (Self::Pop { first }, Value::Array(items)) => {
                if !items.is_empty() {
                    items.remove(if *first { 0 } else { items.len() - 1 });
                }
                Ok(())
            }
            (Self::Pop { .. }, other) => Err(Error::new(
                14,
                format!(
                    "Path '{name}' contains an element of non-array type '{}'",
                    other.type_name()
                ),
            )),
            (Self::Pull(pull), Value::Array(items)) => pull.apply(items),
            (Self::PullAll(values, by), Value::Array(items)) => {
                let same = |l: &Value, r: &Value| collation::order(by.as_ref(), l, r).is_eq();
                items.retain(|item| !values.iter().any(|value| same(item, value)));
                Ok(())
            }
            _ => Err(Error::new(2, "Cannot apply $pull to a non-array value")),
        }
    }
}

fn numeric(what: &str, key: &str, value: &Value) -> Result<Value> {
    match Number::of(value) {
        Some(_) => Ok(value.clone()),
        None => Err(Error::new(
            14,
            format!(
                "Cannot {what} with non-numeric argument: {{{key}: {}}}",
                Shown(value)
            ),
        )),
    }
}

fn arithmetic(
    old: &Value,
    by: &Value,
    name: &str,
    id: Option<&Value>,
    operator: &str,
    operation: fn(Number, Number) -> Option<Number>,
) -> Result<Value> {
    let shown_id = || id.map_or("no id".to_owned(), |id| Shown(id).to_string());
    let (Some(left), Some(right)) = (Number::of(old), Number::of(by)) else {
        return Err(Error::new(
            14,
            format!(
                "Cannot apply {operator} to a value of non-numeric type. {{_id: {}}} has the field \
                 '{name}' of non-numeric type {}",
                shown_id(),
                old.type_name()
            ),
        ));
    };
    operation(left, right).map(Value::from).ok_or_else(|| {
        Error::new(
            2,
            format!(
                "Failed to apply {operator} operations to current value ({}) for document {{_id: {}}}",
                Shown(old),
                shown_id()
            ),
        )
    })
}

fn pop(value: &Value) -> Result<bool> {
    match whole_number(value) {
        Some(1) => Ok(false),
        Some(-1) => Ok(true),
        _ => Err(Error::new(
            9,
            format!("$pop expects 1 or -1, found: {}", Shown(value)),
        )),
    }
}

fn pull_all(value: &Value) -> Result<Vec<Value>> {
    match value {
        Value::Array(items) => Ok(items.clone()),
        other => Err(Error::new(
            2,
            format!(
                "$pullAll requires an array argument but was given a {}",
                other.type_name()
            ),
        )),
    }
}

fn rename(key: &str, value: &Value) -> Result<String> {
    let Value::String(to) = value else {
        return Err(Error::new(
            2,
            format!(
                "The 'to' field for $rename must be a string: {key}: {}",
                Shown(value)
            ),
        ));
    };
    if to.is_empty() || to.split('.').any(str::is_empty) {
        return Err(Error::new(
            56,
            format!("The update path '{to}' contains an empty field name, which is not allowed."),
        ));
    }
    if to.contains('$') || key.contains('$') {
        return Err(Error::new(
            2,
            "The source and target field for $rename may not be dynamic",
        ));
    }
    if to == key {
        return Err(Error::new(
            2,
            format!("The source and target field for $rename must differ: {key}: \"{to}\""),
        ));
    }
    Ok(to.clone())
}

fn move_value(document: &mut Document, place: &Place, to: &str) -> Result<()> {
    if paths::get(document, place).is_none() {
        return Ok(());
    }
    let target: Place = to.split('.').map(str::to_owned).collect();
    for path in [place, &target] {
        for end in 1..path.len() {
            if let Some(Value::Array(_)) = paths::get(document, &path[..end]) {
                let message = format!(
                    "The field '{}' of a $rename may not lie in an array",
                    path.join(".")
                );
                return Err(Error::new(2, message));
            }
        }
    }
    paths::check_viable(document, &target)?;
    if let Some(value) = paths::remove(document, place) {
        *paths::slot(document, &target)? = value;
    }
    Ok(())
}

fn current_date(value: &Value) -> Result<bool> {
    match value {
        Value::Bool(_) => Ok(false),
        Value::Document(inner) => match (inner.len(), inner.get("$type")) {
            (1, Some(Value::String(kind))) if kind == "date" => Ok(false),
            (1, Some(Value::String(kind))) if kind == "timestamp" => Ok(true),
            (1, Some(_)) => Err(Error::new(
                2,
                "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}",
            )),
            _ => Err(Error::new(2, "Unrecognized $currentDate option")),
        },
        other if is_truthy(other) => Err(Error::new(
            2,
            format!(
                "{} is not valid type for $currentDate. Please use a boolean ('true') or a $type \
                 expression ({{$type: 'timestamp/date'}}).",
                other.type_name()
            ),
        )),
        _ => Err(Error::new(2, "null is not valid type for $currentDate")),
    }
}

fn now(timestamp: bool) -> Value {
    match crate::server::now() {
        Value::DateTime(millis) if timestamp => Value::Timestamp((millis / 1000) as u32, 1),
        date => date,
    }
}

fn bits(value: &Value) -> Result<Vec<(Bit, Value)>> {
    let Value::Document(operations) = value else {
        return Err(Error::new(
            2,
            "The $bit modifier is not compatible with a non-object",
        ));
    };
    if operations.is_empty() {
        return Err(Error::new(
            2,
            "You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}",
        ));
    }
    operations
        .iter()
        .map(|(name, operand)| {
            let bit = match name.as_str() {
                "and" => Bit::And,
                "or" => Bit::Or,
                "xor" => Bit::Xor,
                _ => return Err(Error::new(2, format!("The $bit modifier only supports 'and', 'or', and 'xor', not '{name}' which is an unknown operator"))),
            };
            match operand {
                Value::Int32(_) | Value::Int64(_) => Ok((bit, operand.clone())),
                _ => Err(Error::new(2, "The $bit modifier field must be an Integer(32/64 bit)")),
            }
        })
        .collect()
}

fn bit(slot: &mut Value, operations: &[(Bit, Value)], name: &str) -> Result<()> {
    if matches!(slot, Value::Undefined) {
        *slot = Value::Int32(0);
    }
    for (bit, operand) in operations {
        let apply = |l: i64, r: i64| match bit {
            Bit::And => l & r,
            Bit::Or => l | r,
            Bit::Xor => l ^ r,
        };
        *slot = match (&*slot, operand) {
            (Value::Int32(l), Value::Int32(r)) => {
                Value::Int32(apply(i64::from(*l), i64::from(*r)) as i32)
            }
            (l @ (Value::Int32(_) | Value::Int64(_)), r) => Value::Int64(apply(
                whole_number(l).unwrap_or(0),
                whole_number(r).unwrap_or(0),
            )),
            (other, _) => {
                return Err(Error::new(
                    2,
                    format!(
                        "Cannot apply $bit to a value of non-integral type. The field '{name}' has type {}",
                        other.type_name()
                    ),
                ));
            }
        };
    }
    Ok(())
}
