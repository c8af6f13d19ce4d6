//! Dates to text and back: `$dateToString`, `$dateFromString`.

use jiff::Zoned;
use jiff::civil::{Date, DateTime, ISOWeekDate, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use mongolane_bson::Value;

use super::arguments::{Arguments, Parameters, is_nullish, type_name};
use super::arithmetic::{give, null};
use super::date::week_from_sunday;
use super::operator::{
    Operator::{Named, Special},
    Rows,
};
use super::{Evaluate, Expression, Names, Node, Scope, timezone};
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    ("$dateFromString", Special(parse_from)),
    ("$dateToString", Named(&TO, to_string)),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const TO: Parameters = Parameters {
    names: &["date", "format", "timezone", "onNull"],
    required: 1,
    not_an_object: 18629,
    unknown: 18534,
    missing: &[18628],
};

const ISO: &str = "%Y-%m-%dT%H:%M:%S.%L";
const ISO_UTC: &str = "%Y-%m-%dT%H:%M:%S.%LZ";

/// A date as `$toString` writes it.
pub(super) fn iso(millis: i64) -> String {
    let time = timezone::zoned(millis, &TimeZone::UTC);
    time.and_then(|time| format(&time, ISO_UTC))
        .unwrap_or_else(|_| millis.to_string())
}

fn to_string(mut arguments: Arguments) -> Result<Option<Value>> {
    if arguments.is_nullish(0) {
        return Ok(arguments.take(3).or(Some(Value::Null)));
    }
    let zone = timezone::argument(&arguments, 2)?;
    let Some(zone) = zone.filter(|_| !arguments.given_nullish(1)) else {
        return null();
    };
    let pattern = match arguments.get(1) {
        None if zone == TimeZone::UTC => ISO_UTC,
        None => ISO,
        Some(Value::String(pattern)) => pattern,
        Some(other) => {
            let found = other.type_name();
            return Err(Error::new(
                18533,
                format!("$dateToString requires that 'format' be a string, found: {found}"),
            ));
        }
    };
    let time = timezone::zoned(timezone::instant(arguments.get(0))?, &zone)?;
    give(format(&time, pattern)?)
}

fn format(time: &Zoned, pattern: &str) -> Result<String> {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        let specifier = characters
            .next()
            .ok_or_else(|| Error::new(18535, "Unmatched '%' at end of format string"))?;
        out.push_str(&specified(time, specifier)?);
    }
    Ok(out)
}

fn specified(time: &Zoned, specifier: char) -> Result<String> {
    let week = || time.date().iso_week_date();
    let month = MONTHS[usize::from(time.month().unsigned_abs()) - 1];
    Ok(match specifier {
        '%' => "%".to_owned(),
        'B' => month.to_owned(),
        'b' => month[..3].to_owned(),
        'd' => format!("{:02}", time.day()),
        'G' => format!("{:04}", week().year()),
        'H' => format!("{:02}", time.hour()),
        'j' => format!("{:03}", time.day_of_year()),
        'L' => format!("{:03}", time.millisecond()),
        'm' => format!("{:02}", time.month()),
        'M' => format!("{:02}", time.minute()),
        'S' => format!("{:02}", time.second()),
        'u' => time.weekday().to_monday_one_offset().to_string(),
        'U' => format!("{:02}", week_from_sunday(time.date())),
        'V' => format!("{:02}", week().week()),
        'w' => (time.weekday().to_sunday_zero_offset() + 1).to_string(),
        'Y' => format!("{:04}", time.year()),
        'z' => offset(time.offset()),
        'Z' => (time.offset().seconds() / 60).to_string(),
        other => {
            let message = format!("Invalid format character '%{other}' in format string");
            return Err(Error::new(18536, message));
        }
    })
}

fn offset(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

const FROM: Parameters = Parameters {
    names: &["dateString", "format", "timezone", "onError", "onNull"],
    required: 1,
    not_an_object: 40540,
    unknown: 40541,
    missing: &[40542],
};

#[derive(Debug)]
struct FromString {
    text: Expression,
    format: Option<Expression>,
    timezone: Option<Expression>,
    on_error: Option<Expression>,
    on_null: Option<Expression>,
}

fn parse_from(operator: &'static str, operand: &Value, names: &Names<'_>) -> Result<Node> {
    let mut parts = FROM.parse(operator, operand, names)?.into_iter();
    let mut next = || parts.next().flatten();
    let text = next().ok_or_else(|| FROM.missing(operator, "dateString"))?;
    let (format, timezone, on_error, on_null) = (next(), next(), next(), next());
    Ok(Node::Special(Box::new(FromString {
        text,
        format,
        timezone,
        on_error,
        on_null,
    })))
}

impl Evaluate for FromString {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        let optional = |part: &Option<Expression>| match part {
            Some(part) => part.evaluate_or_null(scope).map(Some),
            None => Ok(None),
        };
        let text = self.text.evaluate_in(scope)?;
        let (format, zone) = (optional(&self.format)?, optional(&self.timezone)?);
        if is_nullish(text.as_ref()) {
            return Ok(optional(&self.on_null)?.or(Some(Value::Null)));
        }
        if matches!(format, Some(Value::Null)) || matches!(zone, Some(Value::Null)) {
            return null();
        }
        match (
            instant(text.as_ref(), format.as_ref(), zone.as_ref()),
            &self.on_error,
        ) {
            (Err(error), Some(on_error)) if error.code == 241 => on_error.evaluate_in(scope),
            (result, _) => result.map(|millis| Some(Value::DateTime(millis))),
        }
    }
}

fn instant(text: Option<&Value>, format: Option<&Value>, zone: Option<&Value>) -> Result<i64> {
    let Some(Value::String(text)) = text else {
        let found = type_name(text);
        return Err(Error::new(
            241,
            format!("$dateFromString requires that 'dateString' be a string, found: {found}"),
        ));
    };
    let zone = match zone {
        None => None,
        Some(Value::String(name)) => Some(timezone::find(name)?),
        Some(other) => {
            let found = other.type_name();
            return Err(Error::new(
                40517,
                format!("timezone must evaluate to a string, found {found}"),
            ));
        }
    };
    let parsed = match format {
        None => Reader(text).free(),
        Some(Value::String(format)) => Reader(text).by_format(format)?,
        Some(other) => {
            let found = other.type_name();
            return Err(Error::new(
                40684,
                format!("$dateFromString requires that 'format' be a string, found: {found}"),
            ));
        }
    };
    let (time, own) = parsed.ok_or_else(|| unreadable(text))?;
    if own.is_some() && zone.is_some() {
        let message = format!(
            "you cannot pass in a date/time string with time zone information ('{text}') together with a timezone argument"
        );
        return Err(Error::new(241, message));
    }
    resolve(time, own.or(zone)).ok_or_else(|| unreadable(text))
}

fn unreadable(text: &str) -> Error {
    Error::new(241, format!("Error parsing date string '{text}'"))
}

fn resolve(time: DateTime, zone: Option<TimeZone>) -> Option<i64> {
    let zone = zone.unwrap_or(TimeZone::UTC);
    Some(
        zone.to_ambiguous_timestamp(time)
            .compatible()
            .ok()?
            .as_millisecond(),
    )
}

/// A text as `$toDate` reads it.
pub(super) fn parse(text: &str) -> Result<i64> {
    let time = Reader(text)
        .free()
        .and_then(|(time, zone)| resolve(time, zone));
    time.ok_or_else(|| unreadable(text))
}

/// A text that is read from the left.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a str);

impl Reader<'_> {
    /// ISO 8601 with its usual liberties: a blank for the `T`, parts left out
    /// from the right, any offset or none.
    fn free(mut self) -> Option<(DateTime, Option<TimeZone>)> {
        self.0 = self.0.trim();
        let date = self.date()?;
        if self.0.is_empty() {
            return Some((date.at(0, 0, 0, 0), None));
        }
        let time = if self.skip('T') || self.skip('t') || self.skip(' ') {
            self.time()?
        } else {
            return None;
        };
        self.0 = self.0.trim_start();
        let zone = self.zone()?;
        self.0.is_empty().then_some((date.to_datetime(time), zone))
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.number(4, 4)?;
        let separated = self.skip('-') || self.skip('/');
        let month = self.number(if separated { 1 } else { 2 }, 2)?;
        if separated && !(self.skip('-') || self.skip('/')) {
            return None;
        }
        let day = self.number(if separated { 1 } else { 2 }, 2)?;
        Date::new(year as i16, month as i8, day as i8).ok()
    }

    fn time(&mut self) -> Option<Time> {
        let hour = self.number(1, 2)?;
        let separated = self.skip(':');
        let minute = if separated || self.digit() {
            self.number(2, 2)?
        } else {
            0
        };
        let second = if self.skip(':') || (!separated && self.digit()) {
            self.number(2, 2)?
        } else {
            0
        };
        let millis = if self.skip('.') || self.skip(',') {
            self.fraction()?
        } else {
            0
        };
        Time::new(hour as i8, minute as i8, second as i8, millis * 1_000_000).ok()
    }

    /// Milliseconds; digits beyond the third are dropped.
    fn fraction(&mut self) -> Option<i32> {
        let end = self
            .0
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        let kept = format!("{digits:0<3}");
        if digits.is_empty() {
            None
        } else {
            kept[..3].parse().ok()
        }
    }

    fn zone(&mut self) -> Option<Option<TimeZone>> {
        let text = std::mem::take(&mut self.0);
        match text {
            "" => Some(None),
            "Z" | "z" => Some(Some(TimeZone::UTC)),
            _ => timezone::find(text).ok().map(Some),
        }
    }

    fn digit(&self) -> bool {
        self.0.starts_with(|c: char| c.is_ascii_digit())
    }

    fn skip(&mut self, character: char) -> bool {
        let rest = self.0.strip_prefix(character);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn number(&mut self, least: usize, most: usize) -> Option<i32> {
        let count = self
            .0
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        digits.parse().ok()
    }

    /// As the format says; `None` where the text isn't so.
    fn by_format(mut self, format: &str) -> Result<Option<(DateTime, Option<TimeZone>)>> {
        let mut fields = Fields::default();
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            let read = if character == '%' {
                let specifier = characters
                    .next()
                    .ok_or_else(|| Error::new(18535, "Unmatched '%' at end of format string"))?;
                self.field(specifier, &mut fields)?
            } else {
                self.skip(character).then_some(())
            };
            if read.is_none() {
                return Ok(None);
            }
        }
        Ok(if self.0.is_empty() {
            fields.finish()
        } else {
            None
        })
    }

    fn field(&mut self, specifier: char, fields: &mut Fields) -> Result<Option<()>> {
        let (least, most, slot) = match specifier {
            'Y' => (4, 4, &mut fields.year),
            'G' => (4, 4, &mut fields.iso_year),
            'm' => (1, 2, &mut fields.month),
            'd' => (1, 2, &mut fields.day),
            'H' => (1, 2, &mut fields.hour),
            'M' => (1, 2, &mut fields.minute),
            'S' => (1, 2, &mut fields.second),
            'L' => (1, 3, &mut fields.millis),
            'j' => (1, 3, &mut fields.day_of_year),
            'V' => (1, 2, &mut fields.iso_week),
            'u' => (1, 1, &mut fields.iso_day),
            '%' => return Ok(self.skip('%').then_some(())),
            'z' | 'Z' => return Ok(self.written_zone(fields)),
            'B' | 'b' => return Ok(self.month_name(fields)),
            other => {
                let message = format!("Invalid format character '%{other}' in format string");
                return Err(Error::new(18536, message));
            }
        };
        *slot = self.number(least, most);
        Ok(slot.map(|_| ()))
    }

    fn written_zone(&mut self, fields: &mut Fields) -> Option<()> {
        let end = self
            .0
            .find(|c: char| !(c.is_ascii_digit() || "+-:Z".contains(c)))
            .unwrap_or(self.0.len());
        let (text, rest) = self.0.split_at(end);
        self.0 = rest;
        fields.zone = Some(timezone::find(text).ok()?);
        Some(())
    }

    fn month_name(&mut self, fields: &mut Fields) -> Option<()> {
        let lower = self.0.to_ascii_lowercase();
        let starts = |name: &str| lower.starts_with(&name.to_ascii_lowercase());
        let at = MONTHS.iter().position(|name| starts(&name[..3]))?;
        let length = if starts(MONTHS[at]) {
            MONTHS[at].len()
        } else {
            3
        };
        self.0 = &self.0[length..];
        fields.month = Some(at as i32 + 1);
        Some(())
    }
}

#[derive(Default)]
struct Fields {
    year: Option<i32>,
    month: Option<i32>,
    day: Option<i32>,
    day_of_year: Option<i32>,
    iso_year: Option<i32>,
    iso_week: Option<i32>,
    iso_day: Option<i32>,
    hour: Option<i32>,
    minute: Option<i32>,
    second: Option<i32>,
    millis: Option<i32>,
    zone: Option<TimeZone>,
}

impl Fields {
    fn finish(self) -> Option<(DateTime, Option<TimeZone>)> {
        let or_zero = |part: Option<i32>| part.unwrap_or(0) as i8;
        let time = Time::new(
            or_zero(self.hour),
            or_zero(self.minute),
            or_zero(self.second),
            self.millis.unwrap_or(0) * 1_000_000,
        );
        Some((self.date()?.to_datetime(time.ok()?), self.zone))
    }

    fn date(&self) -> Option<Date> {
        if let Some(year) = self.iso_year {
            let day = Weekday::from_monday_one_offset(self.iso_day.unwrap_or(1) as i8).ok()?;
            let week = ISOWeekDate::new(year as i16, self.iso_week.unwrap_or(1) as i8, day);
            return Some(week.ok()?.date());
        }
        let year = self.year.unwrap_or(1970) as i16;
        if let Some(day) = self.day_of_year {
            return Date::new(year, 1, 1)
                .ok()?
                .with()
                .day_of_year(day as i16)
                .build()
                .ok();
        }
        Date::new(
            year,
            self.month.unwrap_or(1) as i8,
            self.day.unwrap_or(1) as i8,
        )
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, json, value, value_for};

    const ROOT: &str = r#"{"d": {"$date": 1709335815123}}"#;

    /// Formats write every specifier.
    #[test]
    fn dates_are_written_by_format() {
        for (expected, arguments) in [
            ("2024-03-01T23:30:15.123Z", r#""date": "$d""#),
            (
                "2024-03-02T00:30:15.123",
                r#""date": "$d", "timezone": "Europe/Berlin""#,
            ),
            (
                "01/03/2024 061 9",
                r#""date": "$d", "format": "%d/%m/%Y %j 9""#,
            ),
            (
                "+0545 345 2024 09 6 7 Mar March %",
                r#""date": "$d", "timezone": "+05:45", "format": "%z %Z %G %V %u %w %b %B %%""#,
            ),
            ("none", r#""date": null, "onNull": "none""#),
        ] {
            assert_eq!(
                json(&format!("\"{expected}\"")),
                value_for(ROOT, &format!(r#"{{"$dateToString": {{{arguments}}}}}"#))
            );
        }
        assert_eq!(
            18536,
            error(r#"{"$dateToString": {"date": {"$toDate": 0.0}, "format": "%Q"}}"#)
        );
    }

    /// Texts are read with and without a format, zones applied.
    #[test]
    fn texts_are_read() {
        let date = json(r#"{"$date": 1709335815123}"#);
        for arguments in [
            r#""dateString": "2024-03-01T23:30:15.123Z""#,
            r#""dateString": "2024-03-02 00:30:15.123+0100""#,
            r#""dateString": "2024-03-02T00:30:15.123", "timezone": "Europe/Berlin""#,
            r#""dateString": "1.3.2024 23h30 15,123", "format": "%d.%m.%Y %Hh%M %S,%L""#,
        ] {
            assert_eq!(
                date,
                value(&format!(r#"{{"$dateFromString": {{{arguments}}}}}"#)),
                "{arguments}"
            );
        }
        assert_eq!(241, error(r#"{"$dateFromString": {"dateString": "soon"}}"#));
        assert_eq!(
            value("1"),
            value(r#"{"$dateFromString": {"dateString": "soon", "onError": 1}}"#)
        );
    }
}
