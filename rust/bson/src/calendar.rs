//! Milliseconds since 1970 and the proleptic Gregorian calendar.
//!
//! By Howard Hinnant's algorithms:
//! <https://howardhinnant.github.io/date_algorithms.html>

/// 0001-01-01T00:00:00Z.
const FIRST: i64 = -62_135_596_800_000;
/// 9999-12-31T23:59:59.999Z.
const LAST: i64 = 253_402_300_799_999;

/// A point in time by the calendar, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Moment {
    pub year: i32,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub millisecond: u16,
}

impl Moment {
    /// The moment, if it lies in the years 1 to 9999.
    #[inline]
    #[must_use]
    pub fn new(milliseconds: i64) -> Option<Self> {
        if !(FIRST..=LAST).contains(&milliseconds) {
            return None;
        }
        let rest = milliseconds.rem_euclid(86_400_000) as u32;
        let (year, month, day) = civil(milliseconds.div_euclid(86_400_000));
        Some(Self {
            year,
            month,
            day,
            hour: (rest / 3_600_000) as u8,
            minute: (rest / 60_000 % 60) as u8,
            second: (rest / 1000 % 60) as u8,
            millisecond: (rest % 1000) as u16,
        })
    }
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Clock {
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub microsecond: u32,
}

impl Clock {
    /// Reads `23:59:59` or `23:59:59.000001`, as Python's `isoformat` writes them.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (time, fraction) = match text.len() {
            8 => (text, None),
            15 if text[8] == b'.' && text[9..] != *b"000000" => (&text[..8], Some(&text[9..])),
            _ => return None,
        };
        if time[2] != b':' || time[5] != b':' {
            return None;
        }
        let made = Self {
            hour: number(&time[0..2])? as u8,
            minute: number(&time[3..5])? as u8,
            second: number(&time[6..8])? as u8,
            microsecond: fraction.map_or(Some(0), number)?,
        };
        (made.hour < 24 && made.minute < 60 && made.second < 60).then_some(made)
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| {
        let digit = digit.is_ascii_digit().then(|| u32::from(digit - b'0'))?;
        Some(value * 10 + digit)
    })
}

/// Microseconds of a number of seconds: the nearest, of two as near the even one.
///
/// None: more than 999,999,999 days, or no number at all.
#[must_use]
pub fn microseconds(seconds: f64) -> Option<i64> {
    let (whole, rest) = (seconds.trunc(), seconds.fract());
    if whole.is_nan() || whole.abs() >= MOST_SECONDS {
        return None;
    }
    Some(whole as i64 * 1_000_000 + (rest * 1e6).round_ties_even() as i64)
}

/// What Python's longest durations fall short of.
const MOST_SECONDS: f64 = 86_400.0 * 999_999_999.0;

fn civil(days: i64) -> (i32, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097) as u32;
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = i64::from(year) + era * 400 + i64::from(month <= 2);
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    (year as i32, month as u8, day as u8)
}

/// Days since 1970-01-01.
#[must_use]
pub fn days(year: i32, month: u8, day: u8) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted = (i64::from(month) + 9) % 12;
    let of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_comes_back() {
        // An interpreter would be at it for an hour.
        let step = if cfg!(miri) { 9973 } else { 1 };
        for day in ((FIRST / 86_400_000)..=(LAST / 86_400_000)).step_by(step) {
            let (year, month, of_month) = civil(day);

            assert_eq!(day, days(year, month, of_month));
        }
    }

    #[test]
    fn times_of_day_are_read_as_they_are_written() {
        let clock = |hour, minute, second, microsecond| Clock {
            hour,
            minute,
            second,
            microsecond,
        };

        assert_eq!(Some(clock(1, 2, 3, 0)), Clock::parse(b"01:02:03"));
        assert_eq!(Some(clock(23, 59, 59, 5)), Clock::parse(b"23:59:59.000005"));
        for other in [
            "",
            "01:02",
            "24:00:00",
            "01:60:00",
            "1:02:03",
            "01-02-03",
            "01:02:03.5",
            "01:02:03.000000",
            "01:02:03+00:00:00",
            "01:02:03,000005",
            "01:0a:03",
        ] {
            assert_eq!(None, Clock::parse(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn seconds_are_rounded_to_even_microseconds() {
        assert_eq!(Some(1_500_000), microseconds(1.5));
        assert_eq!(Some(-1), microseconds(-0.000_001));
        assert_eq!(Some(0), microseconds(0.000_000_5));
        assert_eq!(Some(2), microseconds(0.000_001_5));
        assert_eq!(None, microseconds(f64::NAN));
        assert_eq!(None, microseconds(f64::INFINITY));
        assert_eq!(None, microseconds(86_400.0 * 1e9));
    }

    #[test]
    fn the_ends_are_the_calendars() {
        assert_eq!(Some(1), Moment::new(FIRST).map(|m| m.year));
        assert_eq!(Some(999), Moment::new(LAST).map(|m| m.millisecond));
        assert_eq!(None, Moment::new(LAST + 1));
        assert_eq!(None, Moment::new(FIRST - 1));
    }
}
