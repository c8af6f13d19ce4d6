//! `$dateToParts` and `$dateFromParts`.

use jiff::civil::{Date, DateTime, ISOWeekDate, Weekday};
use jiff::{Span, ToSpan};
use mongolane_bson::{Document, Value};

use super::arguments::{Arguments, Parameters, truthy};
use super::arithmetic::{give, null};
use super::operator::{Operator::Named, Rows};
use super::timezone;
use crate::number::Number;
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    ("$dateFromParts", Named(&FROM, from_parts)),
    ("$dateToParts", Named(&TO, to_parts)),
];

const TO: Parameters = Parameters {
    names: &["date", "timezone", "iso8601"],
    required: 1,
    not_an_object: 40524,
    unknown: 40520,
    missing: &[40522],
};

fn to_parts(arguments: Arguments) -> Result<Option<Value>> {
    let zone = timezone::argument(&arguments, 1)?;
    let Some(zone) = zone.filter(|_| !arguments.is_nullish(0) && !arguments.given_nullish(2))
    else {
        return null();
    };
    let time = timezone::zoned(timezone::instant(arguments.get(0))?, &zone)?;
    let mut parts = Document::new();
    if truthy(arguments.get(2)) {
        let week = time.date().iso_week_date();
        parts.push("isoWeekYear", i32::from(week.year()));
        parts.push("isoWeek", i32::from(week.week()));
        parts.push(
            "isoDayOfWeek",
            i32::from(week.weekday().to_monday_one_offset()),
        );
    } else {
        parts.push("year", i32::from(time.year()));
        parts.push("month", i32::from(time.month()));
        parts.push("day", i32::from(time.day()));
    }
    parts.push("hour", i32::from(time.hour()));
    parts.push("minute", i32::from(time.minute()));
    parts.push("second", i32::from(time.second()));
    parts.push("millisecond", i32::from(time.millisecond()));
    give(parts)
}

const FROM: Parameters = Parameters {
    names: &[
        "year",
        "month",
        "day",
        "isoWeekYear",
        "isoWeek",
        "isoDayOfWeek",
        "hour",
        "minute",
        "second",
        "millisecond",
        "timezone",
    ],
    required: 0,
    not_an_object: 40519,
    unknown: 40518,
    missing: &[40516],
};

const YEAR: usize = 0;
const ISO_YEAR: usize = 3;
const HOUR: usize = 6;
const ZONE: usize = 10;

fn from_parts(arguments: Arguments) -> Result<Option<Value>> {
    let given =
        |places: std::ops::Range<usize>| places.into_iter().any(|at| arguments.get(at).is_some());
    let iso = given(ISO_YEAR..HOUR);
    if iso && given(YEAR..ISO_YEAR) {
        return Err(Error::new(
            40489,
            "$dateFromParts does not allow mixing natural dates with ISO dates",
        ));
    }
    let first = if iso { ISO_YEAR } else { YEAR };
    if arguments.get(first).is_none() {
        return Err(Error::new(
            40516,
            "$dateFromParts requires either 'year' or 'isoWeekYear' to be present",
        ));
    }
    let zone = timezone::argument(&arguments, ZONE)?;
    let Some(zone) = zone.filter(|_| (0..ZONE).all(|at| !arguments.given_nullish(at))) else {
        return null();
    };
    let date = if iso {
        iso_date(&arguments)?
    } else {
        natural_date(&arguments)?
    };
    let time = add(date.at(0, 0, 0, 0), time_span(&arguments)?)?;
    let instant = zone
        .to_ambiguous_timestamp(time)
        .compatible()
        .map_err(|_| out_of_range())?;
    give(Value::DateTime(instant.as_millisecond()))
}

/// A part as a whole number within what the server takes.
fn number(arguments: &Arguments, at: usize, otherwise: i64) -> Result<i64> {
    let Some(value) = arguments.get(at) else {
        return Ok(otherwise);
    };
    let name = FROM.names[at];
    Number::of(value)
        .and_then(Number::to_i64_exact)
        .ok_or_else(|| {
            Error::new(
                40515,
                format!(
                    "'{name}' must evaluate to an integer, found {}",
                    value.type_name()
                ),
            )
        })
}

fn year(arguments: &Arguments, at: usize) -> Result<i16> {
    let year = number(arguments, at, 0)?;
    i16::try_from(year)
        .ok()
        .filter(|year| (1..=9999).contains(year))
        .ok_or_else(|| {
            let name = FROM.names[at];
            Error::new(
                40523,
                format!(
                    "'{name}' must evaluate to an integer in the range 1 to 9999, found {year}"
                ),
            )
        })
}

/// Months and days beyond the calendar carry into what is above them.
fn natural_date(arguments: &Arguments) -> Result<Date> {
    let year = i64::from(year(arguments, YEAR)?);
    let (month, day) = (number(arguments, 1, 1)? - 1, number(arguments, 2, 1)? - 1);
    let year = i16::try_from(year + month.div_euclid(12)).map_err(|_| out_of_range())?;
    let month = month.rem_euclid(12) as i8 + 1;
    let first = Date::new(year, month, 1).map_err(|_| out_of_range())?;
    first.checked_add(days(day)?).map_err(|_| out_of_range())
}

fn iso_date(arguments: &Arguments) -> Result<Date> {
    let first = ISOWeekDate::new(year(arguments, ISO_YEAR)?, 1, Weekday::Monday)
        .map_err(|_| out_of_range())?;
    let (week, day) = (number(arguments, 4, 1)? - 1, number(arguments, 5, 1)? - 1);
    first
        .date()
        .checked_add(days(7 * week + day)?)
        .map_err(|_| out_of_range())
}

fn days(count: i64) -> Result<Span> {
    Span::new().try_days(count).map_err(|_| out_of_range())
}

fn time_span(arguments: &Arguments) -> Result<Span> {
    let milliseconds = ((number(arguments, HOUR, 0)? * 60 + number(arguments, HOUR + 1, 0)?) * 60
        + number(arguments, HOUR + 2, 0)?)
        * 1000
        + number(arguments, HOUR + 3, 0)?;
    Ok(milliseconds.milliseconds())
}

fn add(time: DateTime, span: Span) -> Result<DateTime> {
    time.checked_add(span).map_err(|_| out_of_range())
}

fn out_of_range() -> Error {
    Error::new(40523, "$dateFromParts: the date is out of range")
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, json, value};

    /// Parts and dates are each other's opposite.
    #[test]
    fn parts_there_and_back() {
        let date = r#"{"$dateFromParts": {"year": 2024, "month": 3, "day": 1, "hour": 23, "minute": 30, "second": 15, "millisecond": 123}}"#;
        assert_eq!(json(r#"{"$date": 1709335815123}"#), value(date));
        assert_eq!(
            value(
                r#"{"isoWeekYear": 2024, "isoWeek": 9, "isoDayOfWeek": 5, "hour": 23, "minute": 30, "second": 15, "millisecond": 123}"#
            ),
            value(&format!(
                r#"{{"$dateToParts": {{"date": {date}, "iso8601": true}}}}"#
            ))
        );
    }

    /// Parts beyond the calendar carry, and zones shift.
    #[test]
    fn parts_carry() {
        assert_eq!(
            value(r#"{"$dateFromParts": {"year": 2025, "month": 1, "day": 31}}"#),
            value(r#"{"$dateFromParts": {"year": 2024, "month": 14, "day": 0}}"#)
        );
        assert_eq!(
            value(r#"{"$dateFromParts": {"year": 2024, "hour": 5}}"#),
            value(r#"{"$dateFromParts": {"year": 2024, "timezone": "America/New_York"}}"#)
        );
        assert_eq!(40516, error(r#"{"$dateFromParts": {"month": 1}}"#));
    }
}
