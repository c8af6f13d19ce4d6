//! Dates: aware or naive, or a number where Python's calendar ends.

use mongolane_bson::calendar::Moment;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyTzInfo};

use super::Decoder;
use crate::errors::Outcome;

/// A `datetime`; None when Python can't name the moment.
#[inline]
pub fn datetime<'py>(
    decoder: &Decoder<'py>,
    milliseconds: i64,
    aware: bool,
) -> Outcome<Option<Bound<'py, PyAny>>> {
    let Some(m) = Moment::new(milliseconds) else {
        return Ok(None);
    };
    let zone = match aware {
        true => Some(decoder.types.utc.bind(decoder.py).cast::<PyTzInfo>()?),
        false => None,
    };
    let micros = u32::from(m.millisecond) * 1000;
    let made = PyDateTime::new(
        decoder.py, m.year, m.month, m.day, m.hour, m.minute, m.second, micros, zone,
    )?;
    Ok(Some(made.into_any()))
}

/// A `datetime`, or the `DatetimeMS` that loses nothing.
pub fn datetime_or_ms<'py>(
    decoder: &mut Decoder<'py>,
    milliseconds: i64,
) -> Outcome<Bound<'py, PyAny>> {
    if let Some(made) = datetime(decoder, milliseconds, decoder.aware)? {
        return Ok(made);
    }
    decoder.unusual = true;
    Ok(decoder
        .types
        .datetime_ms
        .bind(decoder.py)
        .call1((milliseconds,))?)
}
