//! Days, times of day and durations, which BSON has no types for.

use std::io::Write;

use mongolane_bson::element as tag;
use pyo3::prelude::*;
use pyo3::types::{PyDate, PyDelta, PyDeltaAccess, PyTime, PyTimeAccess, PyTzInfoAccess};

use super::Encoder;
use super::date::date_ms;
use crate::errors::{Fault, Outcome};

/// Of so many microseconds, some 35 years, the seconds as a float still tell each.
const TOLD: i64 = 1 << 50;

/// Writes a `date` as its midnight, UTC.
pub fn day<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let day = value.cast_exact::<PyDate>().map_err(|_| Fault::Mismatch)?;
    encoder.out.extend_from_slice(&date_ms(day).to_le_bytes());
    Ok(tag::DATE_TIME)
}

/// Writes a `time` without a zone as ISO 8601 text.
pub fn clock<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let time = value.cast_exact::<PyTime>().map_err(|_| Fault::Mismatch)?;
    if time.get_tzinfo().is_some() {
        return Err(Fault::Mismatch);
    }
    let (mut text, micros) = ([0; 15], time.get_microsecond());
    let (hour, minute, second) = (time.get_hour(), time.get_minute(), time.get_second());
    let mut rest = &mut text[..];
    let written = match micros {
        0 => write!(rest, "{hour:02}:{minute:02}:{second:02}"),
        _ => write!(rest, "{hour:02}:{minute:02}:{second:02}.{micros:06}"),
    };
    written.map_err(|_| Fault::Mismatch)?;
    let left = rest.len();
    encoder.string(&text[..15 - left])?;
    Ok(tag::STRING)
}

/// Writes a `timedelta` as seconds, if they tell each of its microseconds.
pub fn span<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let span = value.cast_exact::<PyDelta>().map_err(|_| Fault::Mismatch)?;
    let seconds = i64::from(span.get_days()) * 86_400 + i64::from(span.get_seconds());
    let all = seconds * 1_000_000 + i64::from(span.get_microseconds());
    if all.abs() >= TOLD {
        return Err(Fault::Mismatch);
    }
    let seconds = all as f64 / 1e6;
    encoder.out.extend_from_slice(&seconds.to_le_bytes());
    Ok(tag::DOUBLE)
}
