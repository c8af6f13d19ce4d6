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
    fn the_ends_are_the_calendars() {
        assert_eq!(Some(1), Moment::new(FIRST).map(|m| m.year));
        assert_eq!(Some(999), Moment::new(LAST).map(|m| m.millisecond));
        assert_eq!(None, Moment::new(LAST + 1));
        assert_eq!(None, Moment::new(FIRST - 1));
    }
}
