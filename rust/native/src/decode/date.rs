//! Dates: milliseconds since 1970 to the proleptic Gregorian calendar.

use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyTzInfo};

use super::Decoder;
use crate::errors::Outcome;

/// 0001-01-01T00:00:00Z.
const FIRST: i64 = -62_135_596_800_000;
/// 9999-12-31T23:59:59.999Z.
const LAST: i64 = 253_402_300_799_999;

/// A point in time by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub year: i32,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub millisecond: u16,
}

/// The moment, if Python's `datetime` can name it (years 1 to 9999).
#[inline]
pub fn moment(milliseconds: i64) -> Option<Moment> {
    if !(FIRST..=LAST).contains(&milliseconds) {
        return None;
    }
    // https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    let days = milliseconds.div_euclid(86_400_000) + 719_468;
    let rest = milliseconds.rem_euclid(86_400_000) as u32;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097) as u32;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era as i64 + era * 400 + i64::from(month <= 2);
    Some(Moment {
        year: year as i32,
        month: month as u8,
        day: (day_of_year - (153 * shifted + 2) / 5 + 1) as u8,
        hour: (rest / 3_600_000) as u8,
        minute: (rest / 60_000 % 60) as u8,
        second: (rest / 1000 % 60) as u8,
        millisecond: (rest % 1000) as u16,
    })
}

/// A `datetime`; None when Python can't name the moment.
#[inline]
pub fn datetime<'py>(
    decoder: &Decoder<'py>,
    milliseconds: i64,
    aware: bool,
) -> Outcome<Option<Bound<'py, PyAny>>> {
    let Some(m) = moment(milliseconds) else {
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
    decoder: &Decoder<'py>,
    milliseconds: i64,
) -> Outcome<Bound<'py, PyAny>> {
    if let Some(made) = datetime(decoder, milliseconds, decoder.aware)? {
        return Ok(made);
    }
    Ok(decoder
        .types
        .datetime_ms
        .bind(decoder.py)
        .call1((milliseconds,))?)
}
