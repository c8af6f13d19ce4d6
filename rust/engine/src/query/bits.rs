//! `$bitsAllSet` and its kin.

use mongolane_bson::Value;

use crate::number::whole_number;
use crate::{Error, Result};

/// Which bits are asked for, and how.
#[derive(Clone, Debug)]
pub(crate) struct BitTest {
    positions: Vec<u32>,
    /// Whether the bits shall be set, or clear.
    set: bool,
    /// Whether all of them shall be so, or any.
    all: bool,
}

impl BitTest {
    pub(crate) fn parse(operator: &str, value: &Value) -> Result<Self> {
        let positions = match value {
            Value::Array(items) => items.iter().map(position).collect::<Result<_>>()?,
            Value::Binary(_, bytes) => (0..bytes.len() as u32 * 8)
                .filter(|p| bit(bytes, *p))
                .collect(),
            _ => mask(operator, value)?,
        };
        Ok(Self {
            positions,
            set: operator.ends_with("Set"),
            all: operator.starts_with("$bitsAll"),
        })
    }

    pub(crate) fn meets(&self, value: &Value) -> bool {
        let is_set: &dyn Fn(u32) -> bool = match value {
            Value::Binary(_, bytes) => &|at| bit(bytes, at),
            _ => match integral(value) {
                Some(number) => &move |at| (number >> at.min(63)) & 1 == 1,
                None => return false,
            },
        };
        let mut as_asked = self.positions.iter().map(|at| is_set(*at) == self.set);
        if self.all {
            as_asked.all(|b| b)
        } else {
            as_asked.any(|b| b)
        }
    }
}

fn bit(bytes: &[u8], at: u32) -> bool {
    bytes
        .get(at as usize / 8)
        .is_some_and(|byte| byte >> (at % 8) & 1 == 1)
}

fn integral(value: &Value) -> Option<i64> {
    match value {
        Value::Double(v) if v.fract() != 0.0 => None,
        _ => whole_number(value),
    }
}

fn position(value: &Value) -> Result<u32> {
    integral(value)
        .and_then(|at| u32::try_from(at).ok())
        .ok_or_else(|| Error::new(2, "bit positions must be integers >= 0"))
}

fn mask(operator: &str, value: &Value) -> Result<Vec<u32>> {
    match integral(value) {
        Some(number) if number >= 0 => Ok((0..63).filter(|at| number >> at & 1 == 1).collect()),
        Some(_) => Err(Error::new(
            9,
            format!("Expected a non-negative number in: {operator}"),
        )),
        None => Err(Error::new(
            2,
            format!(
                "{operator} takes an Array, a number, or a BinData but received: {}",
                value.type_name()
            ),
        )),
    }
}
