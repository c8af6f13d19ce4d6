//! Windows: which of a partition's documents each of them sees.

use std::ops::Range;

use mongolane_bson::{Document, Value};

use super::Partition;
use crate::compare::compare;
use crate::expression::date_add;
use crate::number::{self, Number};
use crate::{Error, Result};

/// One end of a window.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End<T> {
    Unbounded,
    Current,
    At(T),
}

/// A window around each document.
#[derive(Clone, Debug)]
pub(super) enum Window {
    /// By places.
    Documents(End<i64>, End<i64>),
    /// By the value that is sorted by, in units of time if it is a date.
    Range(End<Value>, End<Value>, Option<String>),
}

impl Window {
    /// The whole partition.
    pub(super) const WHOLE: Self = Self::Documents(End::Unbounded, End::Unbounded);

    pub(super) fn parse(given: &Value, order: Option<&Document>) -> Result<Self> {
        let refused = |message: &str| Err(Error::new(9, message));
        let Value::Document(given) = given else {
            return refused("'window' field must be an object");
        };
        const KNOWN: [&str; 3] = ["documents", "range", "unit"];
        if let Some(key) = given.keys().find(|key| !KNOWN.contains(key)) {
            return Err(Error::new(
                9,
                format!("'window' has an unknown field: {key}"),
            ));
        }
        let window = match (given.get("documents"), given.get("range")) {
            (None, None) if !given.contains_key("unit") => return Ok(Self::WHOLE),
            (Some(ends), None) if !given.contains_key("unit") => {
                let [low, high] = pair(ends)?;
                let place = |value: &Value| {
                    let number = Number::of(value).and_then(Number::to_i64_exact);
                    number.ok_or_else(|| {
                        Error::new(9, "Numeric document-based bounds must be an integer")
                    })
                };
                Self::Documents(end(low, place)?, end(high, place)?)
            }
            (None, Some(ends)) => {
                let [low, high] = pair(ends)?;
                let distance = |value: &Value| match Number::of(value) {
                    Some(_) => Ok(value.clone()),
                    None => Err(Error::new(
                        9,
                        "Range-based bounds expression must be a number",
                    )),
                };
                let unit = match given.get("unit") {
                    None => None,
                    Some(Value::String(unit)) => {
                        date_add(0, unit, 1)?;
                        Some(unit.clone())
                    }
                    Some(_) => return refused("'unit' of a window must be a string"),
                };
                Self::Range(end(low, distance)?, end(high, distance)?, unit)
            }
            _ => {
                return refused(
                    "Window bounds can specify either 'documents' or 'range', and 'unit' only with \
                     'range'",
                );
            }
        };
        window.check(order)?;
        Ok(window)
    }

    fn check(&self, order: Option<&Document>) -> Result<()> {
        match (self, order) {
            (Self::Documents(End::Unbounded, End::Unbounded), _) => Ok(()),
            (Self::Documents(..), None) => Err(Error::new(
                5_339_901,
                "Document-based bounds require a sortBy",
            )),
            (Self::Documents(End::At(low), End::At(high)), _) if low > high => Err(Error::new(
                5_339_900,
                "Lower bound must not exceed upper bound",
            )),
            (Self::Range(..), order) if order.is_none_or(|order| order.len() != 1) => {
                Err(Error::new(
                    5_339_902,
                    "Range-based bounds require sortBy a single field",
                ))
            }
            (Self::Range(..), Some(order))
                if order
                    .iter()
                    .any(|(_, d)| compare(d, &Value::Int32(1)).is_ne()) =>
            {
                Err(Error::new(
                    8_947_401,
                    "Range-based bounds require a sortBy in ascending order",
                ))
            }
            (Self::Range(End::At(low), End::At(high), _), _) if compare(low, high).is_gt() => Err(
                Error::new(5_339_900, "Lower bound must not exceed upper bound"),
            ),
            _ => Ok(()),
        }
    }

    /// Whether it begins with the partition for all documents.
    pub(super) fn grows(&self) -> bool {
        matches!(
            self,
            Self::Documents(End::Unbounded, _) | Self::Range(End::Unbounded, ..)
        )
    }

    /// The places that the document at `at` sees.
    pub(super) fn around(&self, at: usize, partition: &Partition<'_>) -> Result<Range<usize>> {
        let size = partition.documents.len();
        let range = match self {
            Self::Documents(low, high) => {
                let place = |by: i64| (at as i64).saturating_add(by).clamp(0, size as i64);
                let low = match low {
                    End::Unbounded => 0,
                    End::Current => at,
                    End::At(by) => place(*by) as usize,
                };
                let high = match high {
                    End::Unbounded => size,
                    End::Current => at + 1,
                    End::At(by) => place(by.saturating_add(1)) as usize,
                };
                low..high.max(low)
            }
            Self::Range(low, high, unit) => {
                let here = value_at(at, partition, unit.is_some())?;
                let edge = |end: &End<Value>| match end {
                    End::Unbounded => Ok(None),
                    End::Current => Ok(Some(here.clone())),
                    End::At(by) => distant(here, by, unit.as_deref()).map(Some),
                };
                let places = partition.places;
                let low = edge(low)?.map_or(0, |low| {
                    places.partition_point(|place| compare(&place[0], &low).is_lt())
                });
                let high = edge(high)?.map_or(size, |high| {
                    places.partition_point(|place| compare(&place[0], &high).is_le())
                });
                low..high.max(low)
            }
        };
        Ok(range)
    }
}

fn pair(ends: &Value) -> Result<[&Value; 2]> {
    match ends {
        Value::Array(ends) => match ends.as_slice() {
            [low, high] => Ok([low, high]),
            _ => Err(Error::new(9, "Window bounds must be a 2-element array")),
        },
        _ => Err(Error::new(9, "Window bounds must be a 2-element array")),
    }
}

fn end<T>(value: &Value, read: impl Fn(&Value) -> Result<T>) -> Result<End<T>> {
    match value {
        Value::String(text) if text == "unbounded" => Ok(End::Unbounded),
        Value::String(text) if text == "current" => Ok(End::Current),
        Value::String(_) => Err(Error::new(
            9,
            "Window bounds must be 'unbounded', 'current', or a number.",
        )),
        other => read(other).map(End::At),
    }
}

/// What a document is sorted by: a number, or a date where there is a unit.
fn value_at<'p>(at: usize, partition: &Partition<'p>, timed: bool) -> Result<&'p Value> {
    let value = &partition.places[at][0];
    match value {
        Value::DateTime(_) if timed => Ok(value),
        value if !timed && Number::of(value).is_some() => Ok(value),
        other => Err(Error::new(
            if timed { 5_429_513 } else { 5_429_414 },
            format!(
                "Invalid range: Expected the sortBy field to be a {}, but it was {}",
                if timed { "Date" } else { "number" },
                other.type_name()
            ),
        )),
    }
}

fn distant(from: &Value, by: &Value, unit: Option<&str>) -> Result<Value> {
    let by = Number::of(by).unwrap_or(Number::narrow(0));
    match (from, unit) {
        (Value::DateTime(millis), Some(unit)) => {
            date_add(*millis, unit, by.to_i64_saturating()).map(Value::DateTime)
        }
        (value, _) => {
            let value = Number::of(value).unwrap_or(Number::narrow(0));
            Ok(number::add(value, by).into())
        }
    }
}
