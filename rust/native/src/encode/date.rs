//! Dates: the calendar to milliseconds since 1970, UTC.

use pyo3::prelude::*;
use pyo3::types::{
    PyDate, PyDateAccess, PyDateTime, PyDelta, PyDeltaAccess, PyTimeAccess, PyTzInfoAccess,
};

use super::Encoder;
use crate::errors::Outcome;

/// Milliseconds of an aware or naive (then UTC) `datetime`, rounded down.
pub fn datetime_ms(encoder: &Encoder<'_>, value: &Bound<'_, PyDateTime>) -> Outcome<i64> {
    let seconds = i64::from(value.get_hour()) * 3600
        + i64::from(value.get_minute()) * 60
        + i64::from(value.get_second());
    let day = days(value.get_year(), value.get_month(), value.get_day());
    let micros = (day * 86_400 + seconds) * 1_000_000 + i64::from(value.get_microsecond());
    Ok((micros - offset(encoder, value)?).div_euclid(1000))
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

/// Days since 1970.
fn days(year: i32, month: u8, day: u8) -> i64 {
    // https://howardhinnant.github.io/date_algorithms.html#days_from_civil
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}
