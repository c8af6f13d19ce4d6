//! Days, times of day and durations, which BSON has no types for.

use mongolane_bson::Reader;
use mongolane_bson::calendar::{Clock, Moment, microseconds};
use mongolane_bson::element as tag;
use pyo3::prelude::*;
use pyo3::types::{PyDate, PyDelta, PyTime};

use super::{Decoder, double};
use crate::errors::{Fault, Outcome};

type Made<'py> = Outcome<Bound<'py, PyAny>>;

const DAY: i64 = 86_400_000_000;

/// The day whose midnight, UTC, a date is.
pub fn day<'py>(decoder: &Decoder<'py>, tag: u8, reader: &mut Reader<'_>) -> Made<'py> {
    if tag != tag::DATE_TIME {
        return Err(Fault::Mismatch);
    }
    let m = midnight(reader.int64()?).ok_or(Fault::Mismatch)?;
    Ok(PyDate::new(decoder.py, m.year, m.month, m.day)?.into_any())
}

/// The moment, if a day begins with it.
pub fn midnight(milliseconds: i64) -> Option<Moment> {
    let moment = Moment::new(milliseconds);
    moment.filter(|_| milliseconds % 86_400_000 == 0)
}

/// The time of day that a text spells, in full and without a zone.
pub fn clock<'py>(decoder: &Decoder<'py>, tag: u8, reader: &mut Reader<'_>) -> Made<'py> {
    if tag != tag::STRING {
        return Err(Fault::Mismatch);
    }
    let c = Clock::parse(reader.string_bytes()?).ok_or(Fault::Mismatch)?;
    let made = PyTime::new(decoder.py, c.hour, c.minute, c.second, c.microsecond, None)?;
    Ok(made.into_any())
}

/// So many seconds.
pub fn span<'py>(decoder: &Decoder<'py>, tag: u8, reader: &mut Reader<'_>) -> Made<'py> {
    let seconds = double(tag, reader)?.ok_or(Fault::Mismatch)?;
    let all = microseconds(seconds).ok_or(Fault::Mismatch)?;
    let (days, rest) = (all.div_euclid(DAY), all.rem_euclid(DAY));
    let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000);
    let (days, seconds, micros) = (days as i32, seconds as i32, micros as i32);
    Ok(PyDelta::new(decoder.py, days, seconds, micros, false)?.into_any())
}
