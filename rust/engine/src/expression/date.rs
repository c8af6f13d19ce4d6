//! Single parts of a date: `$year`, `$month`, `$hour` and their kin.

use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mongolane_bson::Value;

use super::arguments::{Arguments, Arity, Parameters};
use super::arithmetic::{give, null};
use super::operator::{Operator::Special, Rows};
use super::{Call, Expression, Names, Node, timezone};
use crate::{Error, Result};

macro_rules! parts {
    ($($name:literal => $read:expr),* $(,)?) => {
        &[$(($name, Special(|operator, operand, names| {
            parse(operator, operand, names, |arguments| part(&arguments, $read))
        }))),*]
    };
}

pub(super) const OPERATORS: Rows = parts! {
    "$dayOfMonth" => |t| Value::Int32(t.day().into()),
    "$dayOfWeek" => |t| Value::Int32(i32::from(t.weekday().to_sunday_zero_offset()) + 1),
    "$dayOfYear" => |t| Value::Int32(t.day_of_year().into()),
    "$hour" => |t| Value::Int32(t.hour().into()),
    "$isoDayOfWeek" => |t| Value::Int32(t.weekday().to_monday_one_offset().into()),
    "$isoWeek" => |t| Value::Int32(t.date().iso_week_date().week().into()),
    "$isoWeekYear" => |t| Value::Int64(t.date().iso_week_date().year().into()),
    "$millisecond" => |t| Value::Int32(t.millisecond().into()),
    "$minute" => |t| Value::Int32(t.minute().into()),
    "$month" => |t| Value::Int32(t.month().into()),
    "$second" => |t| Value::Int32(t.second().into()),
    "$week" => |t| Value::Int32(week_from_sunday(t.date())),
    "$year" => |t| Value::Int32(t.year().into()),
};

/// The week of the year, weeks beginning on Sunday, days before the first one
/// being in week 0.
pub(super) fn week_from_sunday(date: Date) -> i32 {
    let day = i32::from(date.day_of_year()) - 1;
    (day + 7 - i32::from(date.weekday().to_sunday_zero_offset())) / 7
}

const PARAMETERS: Parameters = Parameters {
    names: &["date", "timezone"],
    required: 1,
    not_an_object: 40536,
    unknown: 40535,
    missing: &[40539],
};

/// The date alone, in an array of one, or with a time zone by name.
fn parse(
    operator: &'static str,
    operand: &Value,
    names: &Names<'_>,
    function: fn(Arguments) -> Result<Option<Value>>,
) -> Result<Node> {
    let by_name =
        matches!(operand, Value::Document(d) if d.keys().all(|key| !key.starts_with('$')));
    let arguments = match operand {
        _ if by_name => PARAMETERS.parse(operator, operand, names)?,
        Value::Array(items) if items.len() != 1 => {
            let message = format!(
                "{operator} accepts exactly one argument if given an array, but was given {}",
                items.len()
            );
            return Arity::Exactly(1)
                .check(operator, items.len())
                .map_err(|_| Error::new(40536, message))
                .map(|()| unreachable!("the length isn't one"));
        }
        Value::Array(items) => vec![Some(Expression::parse_in(&items[0], names)?)],
        single => vec![Some(Expression::parse_in(single, names)?)],
    };
    Ok(Node::Call(Call {
        operator,
        function,
        arguments,
        named: true,
    }))
}

fn part(arguments: &Arguments, read: fn(&Zoned) -> Value) -> Result<Option<Value>> {
    let zone: Option<TimeZone> = timezone::argument(arguments, 1)?;
    let Some(zone) = zone.filter(|_| !arguments.is_nullish(0)) else {
        return null();
    };
    give(read(&timezone::zoned(
        timezone::instant(arguments.get(0))?,
        &zone,
    )?))
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, json, value, value_for};

    /// Friday 1 March 2024, 23:30:15.123 UTC.
    const ROOT: &str = r#"{"d": {"$date": 1709335815123}}"#;

    /// Each part of a date is what the calendar says.
    #[test]
    fn parts_follow_calendar() {
        for (operator, expected) in [
            ("$year", "2024"),
            ("$month", "3"),
            ("$dayOfMonth", "1"),
            ("$hour", "23"),
            ("$minute", "30"),
            ("$second", "15"),
            ("$millisecond", "123"),
            ("$dayOfWeek", "6"),
            ("$isoDayOfWeek", "5"),
            ("$dayOfYear", "61"),
            ("$week", "8"),
            ("$isoWeek", "9"),
            ("$isoWeekYear", r#"{"$numberLong": "2024"}"#),
        ] {
            assert_eq!(
                json(expected),
                value_for(ROOT, &format!(r#"{{"{operator}": "$d"}}"#)),
                "{operator}"
            );
        }
    }

    /// A time zone moves the day; one that doesn't exist is refused.
    #[test]
    fn zones_move_day() {
        assert_eq!(
            value("2"),
            value_for(
                ROOT,
                r#"{"$dayOfMonth": {"date": "$d", "timezone": "Europe/Berlin"}}"#
            )
        );
        assert_eq!(
            value("5"),
            value_for(ROOT, r#"{"$hour": {"date": "$d", "timezone": "+05:45"}}"#)
        );
        assert_eq!(
            value("null"),
            value_for(ROOT, r#"{"$hour": {"date": "$d", "timezone": "$nowhere"}}"#)
        );
        assert_eq!(16006, error(r#"{"$year": "2024"}"#));
    }
}
