//! Instants and the civil times they are in a time zone.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use mongolane_bson::Value;

use super::arguments::{Arguments, type_name};
use crate::{Error, Result};

/// The zone of a name (`Europe/Lisbon`), an offset (`+03`, `-0330`, `+05:45`),
/// or `UTC`, `GMT`, `Z`.
pub(super) fn find(name: &str) -> Result<TimeZone> {
    if matches!(name, "UTC" | "GMT" | "Z") {
        return Ok(TimeZone::UTC);
    }
    let zone = match name.as_bytes().first() {
        Some(b'+' | b'-') => offset_seconds(name)
            .and_then(|s| Offset::from_seconds(s).ok())
            .map(TimeZone::fixed),
        _ => TimeZone::get(name).ok(),
    };
    zone.ok_or_else(|| {
        Error::new(
            40485,
            format!("unrecognized time zone identifier: \"{name}\""),
        )
    })
}

/// `+hh`, `+hhmm` or `+hh:mm` in seconds.
pub(super) fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let digits = rest.replacen(':', "", 1);
    let well_formed = matches!(digits.len(), 2 | 4) && digits.bytes().all(|b| b.is_ascii_digit());
    if !well_formed || (rest.contains(':') && rest.find(':') != Some(2)) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits.get(2..4).map_or(Some(0), |text| text.parse().ok())?;
    Some(sign * (hours * 3600 + minutes * 60))
}

/// The zone an argument names; UTC where none was given, `None` where it is null.
pub(super) fn argument(arguments: &Arguments, at: usize) -> Result<Option<TimeZone>> {
    match arguments.get(at) {
        None => Ok(Some(TimeZone::UTC)),
        Some(Value::Null | Value::Undefined) => Ok(None),
        Some(Value::String(name)) => find(name).map(Some),
        Some(other) => {
            let found = other.type_name();
            Err(Error::new(
                40517,
                format!("timezone must evaluate to a string, found {found}"),
            ))
        }
    }
}

/// The instant of a date, a timestamp or an ObjectId.
pub(super) fn instant(value: Option<&Value>) -> Result<i64> {
    match value {
        Some(Value::DateTime(millis)) => Ok(*millis),
        Some(Value::Timestamp(seconds, _)) => Ok(i64::from(*seconds) * 1000),
        Some(Value::ObjectId(id)) => {
            Ok(i64::from(u32::from_be_bytes([id[0], id[1], id[2], id[3]])) * 1000)
        }
        other => {
            let found = type_name(other);
            Err(Error::new(
                16006,
                format!("can't convert from BSON type {found} to Date"),
            ))
        }
    }
}

/// The civil time of an instant in a zone.
pub(super) fn zoned(millis: i64, zone: &TimeZone) -> Result<Zoned> {
    match Timestamp::from_millisecond(millis) {
        Ok(instant) => Ok(instant.to_zoned(zone.clone())),
        Err(_) => Err(Error::new(18537, format!("date out of range: {millis} ms"))),
    }
}
