//! Decimal128: the sixteen bytes, their text, and their parts.
//!
//! Text follows the BSON Decimal128 specification: parsing is exact, so a
//! number that would have to be rounded is refused, and zeros move between
//! coefficient and exponent only where the value stays the same. Arithmetic
//! and ordering are not here; the engine has them.

use std::fmt;
use std::str::FromStr;

/// The most digits a coefficient holds.
pub const MAX_DIGITS: u32 = 34;
/// The largest exponent of a finite number.
pub const MAX_EXPONENT: i32 = 6111;
/// The smallest exponent of a finite number.
pub const MIN_EXPONENT: i32 = -6176;

const BIAS: i32 = 6176;
const MAX_COEFFICIENT: u128 = 10u128.pow(MAX_DIGITS) - 1;
const SIGN: u128 = 1 << 127;
const INFINITY: u128 = 0x1e << 122;
const NAN: u128 = 0x1f << 122;
const SPECIAL: u128 = 0x1f << 122;
const LARGE: u128 = 0x3 << 125;
const COEFFICIENT_BITS: u32 = 113;
const EXPONENT_MASK: u128 = 0x3fff;

/// One IEEE 754-2008 decimal128 number, binary integer encoding.
///
/// Equality is that of the bytes: `1.0` and `1.00` differ.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal128(u128);

/// What a [`Decimal128`] is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// `coefficient * 10^exponent`, with its sign (zero has one too).
    Finite {
        /// Whether the sign bit is set.
        negative: bool,
        /// At most 34 digits.
        coefficient: u128,
        /// From -6176 to 6111.
        exponent: i32,
    },
    /// An infinity.
    Infinity {
        /// Whether it is minus infinity.
        negative: bool,
    },
    /// Not a number; payloads are not told apart.
    NaN {
        /// Whether the sign bit is set.
        negative: bool,
    },
}

/// Why a text or a set of parts isn't a Decimal128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// The text isn't a decimal number at all.
    Syntax,
    /// More than 34 significant digits.
    Inexact,
    /// Too large, even with all 34 digits used.
    Overflow,
    /// Too close to zero.
    Underflow,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "not a decimal number",
            Self::Inexact => "more than 34 significant digits",
            Self::Overflow => "exponent too large for Decimal128",
            Self::Underflow => "exponent too small for Decimal128",
        })
    }
}

impl std::error::Error for DecimalError {}

impl Decimal128 {
    /// The number these little-endian bytes encode. Every pattern is one.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_le_bytes(bytes))
    }

    /// The little-endian bytes, as they came.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }

    /// Sign, coefficient and exponent. A coefficient that is out of range by
    /// the format counts as zero.
    #[must_use]
    pub fn parts(self) -> Parts {
        let negative = self.0 & SIGN != 0;
        if self.0 & LARGE != LARGE {
            let coefficient = self.0 & ((1 << COEFFICIENT_BITS) - 1);
            let coefficient = if coefficient > MAX_COEFFICIENT {
                0
            } else {
                coefficient
            };
            return Parts::Finite {
                negative,
                coefficient,
                exponent: self.exponent(COEFFICIENT_BITS),
            };
        }
        match self.0 & SPECIAL {
            NAN => Parts::NaN { negative },
            INFINITY => Parts::Infinity { negative },
            _ => Parts::Finite {
                negative,
                coefficient: 0,
                exponent: self.exponent(COEFFICIENT_BITS - 2),
            },
        }
    }

    fn exponent(self, shift: u32) -> i32 {
        i32::try_from((self.0 >> shift) & EXPONENT_MASK).expect("fourteen bits") - BIAS
    }

    /// The number made of `parts`, moving zeros between coefficient and
    /// exponent where the exponent alone would be out of range.
    ///
    /// # Errors
    /// When the value has no exact encoding.
    pub fn from_parts(parts: Parts) -> Result<Self, DecimalError> {
        let sign = |negative: bool| if negative { SIGN } else { 0 };
        match parts {
            Parts::NaN { negative } => Ok(Self(sign(negative) | NAN)),
            Parts::Infinity { negative } => Ok(Self(sign(negative) | INFINITY)),
            Parts::Finite {
                negative,
                coefficient,
                exponent,
            } => {
                let (coefficient, exponent) = fit(coefficient, i64::from(exponent))?;
                let biased = u128::try_from(exponent + BIAS).expect("in range");
                Ok(Self(
                    sign(negative) | (biased << COEFFICIENT_BITS) | coefficient,
                ))
            }
        }
    }
}

/// Brings coefficient and exponent into range without changing their value.
fn fit(mut coefficient: u128, mut exponent: i64) -> Result<(u128, i32), DecimalError> {
    let (least, most) = (i64::from(MIN_EXPONENT), i64::from(MAX_EXPONENT));
    if coefficient == 0 {
        return Ok((0, exponent.clamp(least, most) as i32));
    }
    while coefficient > MAX_COEFFICIENT || exponent < least {
        if !coefficient.is_multiple_of(10) {
            let inexact = coefficient > MAX_COEFFICIENT;
            return Err(if inexact {
                DecimalError::Inexact
            } else {
                DecimalError::Underflow
            });
        }
        coefficient /= 10;
        exponent += 1;
    }
    while exponent > most {
        if coefficient > MAX_COEFFICIENT / 10 {
            return Err(DecimalError::Overflow);
        }
        coefficient *= 10;
        exponent -= 1;
    }
    Ok((coefficient, exponent as i32))
}

impl FromStr for Decimal128 {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        match rest.to_ascii_lowercase().as_str() {
            "inf" | "infinity" => Self::from_parts(Parts::Infinity { negative }),
            "nan" => Self::from_parts(Parts::NaN { negative: false }),
            number => parse_finite(negative, number),
        }
    }
}

fn parse_finite(negative: bool, number: &str) -> Result<Decimal128, DecimalError> {
    let (digits, power) = number.split_once('e').unwrap_or((number, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return Err(DecimalError::Syntax);
    }
    let mut exponent = parse_exponent(power)?.saturating_sub(fraction.len() as i64);
    let mut digits = [whole, fraction].concat();
    digits.drain(..digits.len() - digits.trim_start_matches('0').len());
    // A u128 holds 38 digits for sure; zeros beyond go to the exponent here,
    // the rest is for `from_parts`.
    while digits.len() > 38 {
        if digits.pop() != Some('0') {
            return Err(DecimalError::Inexact);
        }
        exponent = exponent.saturating_add(1);
    }
    let coefficient = if digits.is_empty() {
        0
    } else {
        digits.parse().expect("digits")
    };
    // Far beyond every limit, and far within an i32.
    let exponent = exponent.clamp(-100_000, 100_000) as i32;
    Decimal128::from_parts(Parts::Finite {
        negative,
        coefficient,
        exponent,
    })
}

fn parse_exponent(power: &str) -> Result<i64, DecimalError> {
    let digits = power.strip_prefix(['+', '-']).unwrap_or(power);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecimalError::Syntax);
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX / 2);
    Ok(if power.starts_with('-') { -size } else { size })
}

impl fmt::Display for Decimal128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            Parts::NaN { .. } => f.write_str("NaN"),
            Parts::Infinity { negative: false } => f.write_str("Infinity"),
            Parts::Infinity { negative: true } => f.write_str("-Infinity"),
            Parts::Finite {
                negative,
                coefficient,
                exponent,
            } => {
                if negative {
                    f.write_str("-")?;
                }
                write_finite(f, &coefficient.to_string(), exponent)
            }
        }
    }
}

fn write_finite(f: &mut fmt::Formatter<'_>, digits: &str, exponent: i32) -> fmt::Result {
    let length = i32::try_from(digits.len()).expect("at most 34");
    let scientific = exponent + length - 1;
    if exponent > 0 || scientific < -6 {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return write!(f, "{first}{point}{rest}E{scientific:+}");
    }
    if exponent == 0 {
        return f.write_str(digits);
    }
    let whole = length + exponent;
    if whole > 0 {
        let (whole, fraction) = digits.split_at(whole as usize);
        return write!(f, "{whole}.{fraction}");
    }
    write!(f, "0.{}{digits}", "0".repeat(whole.unsigned_abs() as usize))
}

impl fmt::Debug for Decimal128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal128({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str) -> String {
        text.parse::<Decimal128>().expect(text).to_string()
    }

    /// Canonical texts come back as they were.
    #[test]
    fn canonical_texts_survive() {
        for text in [
            "0",
            "-0",
            "1",
            "-1",
            "0.1",
            "0.001234",
            "0.00000",
            "1.2E+3",
            "1E-7",
            "0E+3",
            "-0E-8",
            "123456789012345678901234567890.1234",
            "9.999999999999999999999999999999999E+6144",
            "1E-6176",
            "NaN",
            "Infinity",
            "-Infinity",
            "0.000001",
            "1.0",
        ] {
            assert_eq!(text, round(text));
        }
    }

    /// Other spellings come back canonical, with the same value.
    #[test]
    fn spellings_become_canonical() {
        for (text, canonical) in [
            ("+1", "1"),
            (".1", "0.1"),
            ("1.", "1"),
            ("1e5", "1E+5"),
            ("inf", "Infinity"),
            ("-nan", "NaN"),
            ("0e99999", "0E+6111"),
            ("0e-99999", "0E-6176"),
            ("007", "7"),
            ("1E6112", "1.0E+6112"),
            ("10E-6177", "1E-6176"),
            (
                "1000000000000000000000000000000000000000000",
                "1.000000000000000000000000000000000E+42",
            ),
        ] {
            assert_eq!(canonical, round(text));
        }
    }

    /// What has no exact encoding is refused with the reason.
    #[test]
    fn inexact_texts_are_refused() {
        for (text, reason) in [
            ("", DecimalError::Syntax),
            ("E5", DecimalError::Syntax),
            ("1e", DecimalError::Syntax),
            (".", DecimalError::Syntax),
            ("1.2.3", DecimalError::Syntax),
            (" 1", DecimalError::Syntax),
            ("12345678901234567890123456789012345", DecimalError::Inexact),
            ("1E-6177", DecimalError::Underflow),
            ("1E6145", DecimalError::Overflow),
            ("1E+99999999999999999999", DecimalError::Overflow),
        ] {
            assert_eq!(Err(reason), text.parse::<Decimal128>(), "{text}");
        }
    }

    /// The bytes are those of the specification's corpus.
    #[test]
    fn bytes_match_corpus() {
        let mut one = [0u8; 16];
        (one[0], one[14], one[15]) = (1, 0x40, 0x30);

        assert_eq!(one, "1".parse::<Decimal128>().unwrap().to_bytes());
    }

    /// A coefficient that the format can write but not mean counts as zero.
    #[test]
    fn oversized_coefficient_is_zero() {
        let mut bytes = [0u8; 16];
        (bytes[14], bytes[15]) = (0x10, 0x6c);

        assert_eq!("0", Decimal128::from_bytes(bytes).to_string());
    }
}
