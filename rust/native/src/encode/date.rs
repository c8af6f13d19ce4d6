//! Dates: the calendar to milliseconds since 1970, UTC.

use mongolane_bson::calendar::days;
use pyo3::prelude::*;
use pyo3::types::{
    PyDate, PyDateAccess, PyDateTime, PyDelta, PyDeltaAccess, PyTimeAccess, PyTzInfoAccess,
};

use super::Encoder;
use crate::errors::{Fault, Outcome};

/// The years 1 to 9999 in UTC, which is what a `datetime` can be read back as.
const READABLE: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// Milliseconds of an aware or naive (then UTC) `datetime`, rounded down.
///
/// A zone can carry the first and the last hours of Python's calendar out of it;
/// such a date could be stored, and never be read again.
pub fn datetime_ms(encoder: &Encoder<'_>, value: &Bound<'_, PyDateTime>) -> Outcome<i64> {
    let seconds = i64::from(value.get_hour()) * 3600
        + i64::from(value.get_minute()) * 60
        + i64::from(value.get_second());
    let day = days(value.get_year(), value.get_month(), value.get_day());
    let micros = (day * 86_400 + seconds) * 1_000_000 + i64::from(value.get_microsecond());
    let offset = offset(encoder, value)?;
    if encoder.exact && (offset != 0 || micros % 1000 != 0) {
        return Err(Fault::Mismatch);
    }
    let milliseconds = (micros - offset).div_euclid(1000);
    if READABLE.contains(&milliseconds) {
        return Ok(milliseconds);
    }
    Err(Fault::refuse(format!(
        "the date {value} lies outside the years 1 to 9999 in UTC"
    )))
}

/// Microseconds east of UTC.
fn offset(encoder: &Encoder<'_>, value: &Bound<'_, PyDateTime>) -> Outcome<i64> {
    let Some(zone) = value.get_tzinfo() else {
        return Ok(0);
    };
    if zone.is(&encoder.types.utc) {
        return Ok(0);
    }
    let offset = value.call_method0("utcoffset")?;
    let Ok(offset) = offset.cast::<PyDelta>() else {
        return Ok(0);
    };
    let seconds = i64::from(offset.get_days()) * 86_400 + i64::from(offset.get_seconds());
    Ok(seconds * 1_000_000 + i64::from(offset.get_microseconds()))
}

/// Milliseconds of a `date`: its midnight, UTC.
pub fn date_ms(value: &Bound<'_, PyDate>) -> i64 {
    days(value.get_year(), value.get_month(), value.get_day()) * 86_400_000
}
