//! `$dateAdd`, `$dateSubtract`, `$dateDiff`, `$dateTrunc`.

use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};
use mongolane_bson::Value;

use super::arguments::{Arguments, Parameters};
use super::arithmetic::{give, null};
use super::operator::{Operator::Named, Rows};
use super::timezone;
use crate::number::Number;
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    ("$dateAdd", Named(&ADD, |a| add(&a, 1))),
    ("$dateDiff", Named(&DIFF, difference)),
    ("$dateSubtract", Named(&ADD, |a| add(&a, -1))),
    ("$dateTrunc", Named(&TRUNC, truncate)),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Months(i64),
    Days(i64),
    Millis(i64),
}

const UNITS: &[(&str, Unit)] = &[
    ("year", Unit::Months(12)),
    ("quarter", Unit::Months(3)),
    ("month", Unit::Months(1)),
    ("week", Unit::Days(7)),
    ("day", Unit::Days(1)),
    ("hour", Unit::Millis(3_600_000)),
    ("minute", Unit::Millis(60_000)),
    ("second", Unit::Millis(1000)),
    ("millisecond", Unit::Millis(1)),
];

fn unit(arguments: &Arguments, at: usize) -> Result<Unit> {
    let operator = arguments.operator;
    let name = arguments.text(at).ok_or_else(|| {
        let found = arguments.type_name(at);
        Error::new(
            5439013,
            format!("{operator} requires 'unit' to be a string, but got {found}"),
        )
    })?;
    UNITS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, unit)| *unit)
        .ok_or_else(|| {
            Error::new(
                9,
                format!(
                    "{operator} parameter 'unit' value cannot be recognized as a time unit: {name}"
                ),
            )
        })
}

fn instant(arguments: &Arguments, at: usize, code: i32, name: &str) -> Result<i64> {
    timezone::instant(arguments.get(at)).map_err(|_| {
        let (operator, found) = (arguments.operator, arguments.type_name(at));
        Error::new(
            code,
            format!("{operator} requires '{name}' to be a date, but got {found}"),
        )
    })
}

/// The date so many units later, by the calendar of UTC.
///
/// # Errors
/// For an unknown unit, and beyond the range of dates.
pub(crate) fn date_add(millis: i64, unit: &str, amount: i64) -> Result<i64> {
    let values = [
        Value::DateTime(millis),
        Value::from(unit),
        Value::Int64(amount),
    ];
    let mut values: Vec<_> = values.into_iter().map(Some).collect();
    values.push(None);
    match add(&Arguments::new("$dateAdd", values, None), 1)? {
        Some(Value::DateTime(later)) => Ok(later),
        _ => Ok(millis),
    }
}

const ADD: Parameters = Parameters {
    names: &["startDate", "unit", "amount", "timezone"],
    required: 3,
    not_an_object: 5166400,
    unknown: 5166401,
    missing: &[5166402],
};

fn add(arguments: &Arguments, sign: i64) -> Result<Option<Value>> {
    let zone = timezone::argument(arguments, 3)?;
    let Some(zone) = zone.filter(|_| (0..3).all(|at| !arguments.is_nullish(at))) else {
        return null();
    };
    let unit = unit(arguments, 1)?;
    let amount = arguments
        .number(2)
        .and_then(Number::to_i64_exact)
        .ok_or_else(|| {
            Error::new(
                5166405,
                format!(
                    "{} expects integer amount of time units",
                    arguments.operator
                ),
            )
        })?;
    let start = instant(arguments, 0, 5166403, "startDate")?;
    let too_far = || {
        Error::new(
            5166406,
            format!("{}: the date is out of range", arguments.operator),
        )
    };
    let amount = amount.checked_mul(sign).ok_or_else(too_far)?;
    let end = match unit {
        Unit::Millis(size) => amount
            .checked_mul(size)
            .and_then(|millis| start.checked_add(millis)),
        Unit::Days(size) => {
            let span = amount
                .checked_mul(size)
                .and_then(|days| Span::new().try_days(days).ok());
            shift(start, &zone, span)?
        }
        Unit::Months(size) => {
            let span = amount
                .checked_mul(size)
                .and_then(|months| Span::new().try_months(months).ok());
            shift(start, &zone, span)?
        }
    };
    end.map(|millis| Some(Value::DateTime(millis)))
        .ok_or_else(too_far)
}

/// Moves an instant by civil days or months; the time of day stays.
fn shift(start: i64, zone: &TimeZone, span: Option<Span>) -> Result<Option<i64>> {
    let time = timezone::zoned(start, zone)?;
    let end = span.and_then(|span| time.checked_add(span).ok());
    Ok(end.map(|end| end.timestamp().as_millisecond()))
}

const DIFF: Parameters = Parameters {
    names: &["startDate", "endDate", "unit", "timezone", "startOfWeek"],
    required: 3,
    not_an_object: 5166301,
    unknown: 5166302,
    missing: &[5166303, 5166304, 5166305],
};

/// How many boundaries of the unit lie between the two.
fn difference(arguments: Arguments) -> Result<Option<Value>> {
    let zone = timezone::argument(&arguments, 3)?;
    let Some(zone) = zone.filter(|_| (0..3).all(|at| !arguments.is_nullish(at))) else {
        return null();
    };
    let unit = unit(&arguments, 2)?;
    let (start, end) = (
        instant(&arguments, 0, 5166307, "startDate")?,
        instant(&arguments, 1, 5166307, "endDate")?,
    );
    let (from, to) = (timezone::zoned(start, &zone)?, timezone::zoned(end, &zone)?);
    give(match unit {
        Unit::Months(size) => {
            months(to.date()).div_euclid(size) - months(from.date()).div_euclid(size)
        }
        Unit::Days(1) => days(to.date()) - days(from.date()),
        Unit::Days(_) => {
            let Some(first) = start_of_week(&arguments, 4)? else {
                return null();
            };
            let week = |date: Date| (days(date) - days_to_first(first)).div_euclid(7);
            week(to.date()) - week(from.date())
        }
        Unit::Millis(size) => {
            let offset = |time: &Zoned| i64::from(time.offset().seconds()) * 1000;
            let local = |millis: i64| (millis + offset(&from)).div_euclid(size);
            local(end) - local(start)
        }
    })
}

/// Months since the year 0.
fn months(date: Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

/// Days since 2000-01-01, the reference of all truncation, a Saturday.
fn days(day: Date) -> i64 {
    let span = day - REFERENCE;
    i64::from(span.get_days())
}

const REFERENCE: Date = date(2000, 1, 1);

/// From the reference to the first day of a week on or after it.
fn days_to_first(first: Weekday) -> i64 {
    i64::from(REFERENCE.weekday().until(first))
}

/// The first day of a week, Sunday unless said otherwise; `None` where null.
fn start_of_week(arguments: &Arguments, at: usize) -> Result<Option<Weekday>> {
    let name = match arguments.get(at) {
        None => return Ok(Some(Weekday::Sunday)),
        Some(Value::Null | Value::Undefined) => return Ok(None),
        Some(Value::String(name)) => name.to_ascii_lowercase(),
        Some(other) => {
            let (operator, found) = (arguments.operator, other.type_name());
            return Err(Error::new(
                5439015,
                format!("{operator} requires 'startOfWeek' to be a string, but got {found}"),
            ));
        }
    };
    const NAMES: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let found = NAMES
        .iter()
        .find(|(full, _)| *full == name || full[..3] == name);
    found.map(|(_, day)| Some(*day)).ok_or_else(|| {
        let operator = arguments.operator;
        Error::new(9, format!("{operator} parameter 'startOfWeek' value cannot be recognized as a day of a week: {name}"))
    })
}

const TRUNC: Parameters = Parameters {
    names: &["date", "unit", "binSize", "timezone", "startOfWeek"],
    required: 2,
    not_an_object: 5439007,
    unknown: 5439008,
    missing: &[5439009],
};

fn truncate(arguments: Arguments) -> Result<Option<Value>> {
    let zone = timezone::argument(&arguments, 3)?;
    let nothing = (0..2).any(|at| arguments.is_nullish(at)) || arguments.given_nullish(2);
    let Some(zone) = zone.filter(|_| !nothing) else {
        return null();
    };
    let unit = unit(&arguments, 1)?;
    let size = bin_size(&arguments)?;
    let Some(first) = start_of_week(&arguments, 4)? else {
        return null();
    };
    let millis = instant(&arguments, 0, 5439012, "date")?;
    let time = timezone::zoned(millis, &zone)?;
    let too_far = || Error::new(5439018, "$dateTrunc: the date is out of range");
    let start = match unit {
        Unit::Millis(unit) => {
            return give(Value::DateTime(truncate_time(
                millis,
                unit.saturating_mul(size),
                &zone,
            )?));
        }
        Unit::Days(unit) => {
            let shift = if unit == 7 { days_to_first(first) } else { 0 };
            let bin = unit.checked_mul(size).ok_or_else(too_far)?;
            let day = (days(time.date()) - shift).div_euclid(bin) * bin + shift;
            let span = Span::new().try_days(day).map_err(|_| too_far())?;
            REFERENCE.checked_add(span).map_err(|_| too_far())?
        }
        Unit::Months(unit) => {
            let bin = unit.checked_mul(size).ok_or_else(too_far)?;
            let origin = months(REFERENCE);
            let month = (months(time.date()) - origin).div_euclid(bin) * bin;
            let span = Span::new().try_months(month).map_err(|_| too_far())?;
            REFERENCE.checked_add(span).map_err(|_| too_far())?
        }
    };
    give(Value::DateTime(
        resolve(start.at(0, 0, 0, 0), &zone).ok_or_else(too_far)?,
    ))
}

fn bin_size(arguments: &Arguments) -> Result<i64> {
    let Some(value) = arguments.get(2) else {
        return Ok(1);
    };
    let size = Number::of(value).and_then(Number::to_i64_exact).ok_or_else(|| {
        Error::new(5439017, format!("$dateTrunc requires 'binSize' to be a 64-bit integer, but got value of type {}", value.type_name()))
    })?;
    if size > 0 {
        Ok(size)
    } else {
        Err(Error::new(
            5439018,
            format!("$dateTrunc requires 'binSize' to be greater than 0, but got value {size}"),
        ))
    }
}

/// Bins of hours and below count from the reference's midnight in the zone,
/// by the local clock.
fn truncate_time(millis: i64, bin: i64, zone: &TimeZone) -> Result<i64> {
    let offset =
        |at: i64| timezone::zoned(at, zone).map(|time| i64::from(time.offset().seconds()) * 1000);
    let here = offset(millis)?;
    let origin = REFERENCE
        .at(0, 0, 0, 0)
        .to_zoned(TimeZone::UTC)
        .map_or(0, |time| time.timestamp().as_millisecond());
    let local = millis + here - origin;
    Ok(local.div_euclid(bin).saturating_mul(bin) + origin - here)
}

fn resolve(time: DateTime, zone: &TimeZone) -> Option<i64> {
    Some(
        zone.to_ambiguous_timestamp(time)
            .compatible()
            .ok()?
            .as_millisecond(),
    )
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, value};

    fn check(expected: &str, operator: &str, arguments: &str) {
        let text = value(&format!(
            r#"{{"$toString": {{"{operator}": {{{arguments}}}}}}}"#
        ));
        assert_eq!(
            value(&format!("\"{expected}\"")),
            text,
            "{operator} {arguments}"
        );
    }

    /// Months keep the day where there is one; days keep the hour over a change of clocks.
    #[test]
    fn adding_follows_calendar() {
        let january = r#""startDate": {"$toDate": "2024-01-31T10:00:00Z"}"#;
        check(
            "2024-02-29T10:00:00.000Z",
            "$dateAdd",
            &format!(r#"{january}, "unit": "month", "amount": 1"#),
        );
        check(
            "2023-12-31T10:00:00.000Z",
            "$dateSubtract",
            &format!(r#"{january}, "unit": "month", "amount": 1"#),
        );
        check(
            "2024-03-31T09:00:00.000Z",
            "$dateAdd",
            r#""startDate": {"$toDate": "2024-03-30T10:00:00Z"}, "unit": "day", "amount": 1, "timezone": "Europe/Berlin""#,
        );
        assert_eq!(
            9,
            error(r#"{"$dateAdd": {"startDate": {"$toDate": 0.5}, "unit": "age", "amount": 1}}"#)
        );
    }

    /// Differences count boundaries, not durations.
    #[test]
    fn differences_count_boundaries() {
        for (unit, expected) in [
            ("year", 1),
            ("quarter", 1),
            ("month", 1),
            ("week", 0),
            ("day", 1),
            ("hour", 1),
            ("second", 1),
        ] {
            let expression = format!(
                r#"{{"$dateDiff": {{"startDate": {{"$toDate": "2024-12-31T23:59:59Z"}}, "endDate": {{"$toDate": "2025-01-01T00:00:00Z"}}, "unit": "{unit}"}}}}"#
            );
            assert_eq!(
                mongolane_bson::Value::Int64(expected),
                value(&expression),
                "{unit}"
            );
        }
    }

    /// Truncation goes to the start of the bin that holds the date.
    #[test]
    fn truncation_finds_bin() {
        let date = r#""date": {"$toDate": "2024-05-17T13:47:11.500Z"}"#;
        for (expected, rest) in [
            ("2024-01-01T00:00:00.000Z", r#""unit": "year""#),
            ("2024-04-01T00:00:00.000Z", r#""unit": "quarter""#),
            ("2024-05-12T00:00:00.000Z", r#""unit": "week""#),
            (
                "2024-05-13T00:00:00.000Z",
                r#""unit": "week", "startOfWeek": "Monday""#,
            ),
            (
                "2024-05-17T13:40:00.000Z",
                r#""unit": "minute", "binSize": 20"#,
            ),
            (
                "2024-05-16T22:00:00.000Z",
                r#""unit": "day", "timezone": "Europe/Berlin""#,
            ),
        ] {
            check(expected, "$dateTrunc", &format!("{date}, {rest}"));
        }
    }
}
