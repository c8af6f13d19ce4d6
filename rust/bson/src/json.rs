//! BSON straight to JSON bytes, as a web response wants it.
//!
//! Identifiers as hex, dates as ISO 8601, decimals as text, floats so that they
//! read back the same, NaN and infinities as null, binary as Base64 (UUIDs as
//! UUIDs); what JSON has no form for, as relaxed extended JSON. A value read
//! back from this has not always its old type: [`crate::extended`] is for that.

use crate::Decimal128;
use crate::calendar::Moment;
use crate::element as tag;
use crate::error::Result;
use crate::extended;
use crate::reader::{MAX_DEPTH, Reader};

/// Appends a document as a JSON object.
pub fn document(out: &mut Vec<u8>, reader: Reader<'_>) -> Result<()> {
    object(out, reader, 0)
}

/// Appends a document that lies `depth` documents deep as a JSON object.
pub fn object(out: &mut Vec<u8>, mut reader: Reader<'_>, depth: usize) -> Result<()> {
    out.push(b'{');
    let mut first = true;
    while let Some((kind, key)) = reader.next()? {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        text(out, reader.text(key)?);
        out.push(b':');
        value(out, kind, &mut reader, depth).map_err(|error| error.within(key))?;
    }
    out.push(b'}');
    Ok(())
}

fn array(out: &mut Vec<u8>, mut reader: Reader<'_>, depth: usize) -> Result<()> {
    out.push(b'[');
    let mut first = true;
    while let Some((kind, key)) = reader.next()? {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        value(out, kind, &mut reader, depth).map_err(|error| error.within(key))?;
    }
    out.push(b']');
    Ok(())
}

/// Appends one value that lies `depth` documents deep.
pub fn value(out: &mut Vec<u8>, kind: u8, reader: &mut Reader<'_>, depth: usize) -> Result<()> {
    match kind {
        tag::STRING | tag::SYMBOL | tag::CODE => {
            if !text_bytes(out, reader.string_bytes()?) {
                return Err(reader.error("text that is not UTF-8"));
            }
        }
        tag::INT32 => integer(out, reader.int32()?.into()),
        tag::INT64 => integer(out, reader.int64()?),
        tag::DOUBLE => float(out, reader.double()?),
        tag::BOOL => boolean(out, reader.boolean()?),
        tag::NULL | tag::UNDEFINED => out.extend_from_slice(b"null"),
        tag::OBJECT_ID => object_id(out, &reader.object_id()?),
        tag::DATE_TIME => date(out, reader.int64()?, true),
        tag::DECIMAL128 => decimal(out, reader.decimal128()?),
        tag::BINARY => {
            let (subtype, bytes) = reader.binary()?;
            binary(out, subtype, bytes);
        }
        tag::DOCUMENT | tag::ARRAY if depth >= MAX_DEPTH => {
            return Err(reader.error("nested too deeply"));
        }
        tag::DOCUMENT => return object(out, reader.document()?, depth + 1),
        tag::ARRAY => return array(out, reader.document()?, depth + 1),
        tag::DB_POINTER => db_pointer(out, reader)?,
        _ => return extended::value(out, kind, reader, extended::Form::Relaxed, depth),
    }
    Ok(())
}

/// Whether a byte can't stand in a JSON text as it is.
const ESCAPED: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 0x20 {
        table[at] = true;
        at += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

/// Appends a text in quotes from bytes that should be UTF-8; false if they are not.
#[inline]
#[must_use]
pub fn text_bytes(out: &mut Vec<u8>, bytes: &[u8]) -> bool {
    if is_plain(bytes) {
        out.reserve(bytes.len() + 2);
        out.push(b'"');
        out.extend_from_slice(bytes);
        out.push(b'"');
        return true;
    }
    match std::str::from_utf8(bytes) {
        Ok(valid) => {
            text(out, valid);
            true
        }
        Err(_) => false,
    }
}

/// Whether all bytes are ASCII that needs no escape; eight at a time.
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // The high bit of a byte is set where it was zero. A borrow may set the one above
    // it too, but only above a real find, and any find is enough.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let mut words = bytes.chunks_exact(8);
    for part in &mut words {
        let word = u64::from_le_bytes(part.try_into().unwrap_or_default());
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let slash = zero(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        if (quote | slash | control | word) & HIGHS != 0 {
            return false;
        }
    }
    let rest = words.remainder().iter();
    rest.fold(true, |plain, byte| {
        plain & (*byte < 0x80 && !ESCAPED[*byte as usize])
    })
}

/// Appends a text in quotes.
#[inline]
pub fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|b| ESCAPED[*b as usize]) {
        out.extend_from_slice(&rest[..at]);
        escape(out, rest[at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

#[cold]
fn escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        8 => b'b',
        9 => b't',
        10 => b'n',
        12 => b'f',
        13 => b'r',
        _ => {
            out.extend_from_slice(b"\\u00");
            hex(out, &[byte]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// The two hex digits of each byte.
const HEX: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut at = 0;
    while at < 256 {
        table[at] = [digits[at >> 4], digits[at & 15]];
        at += 1;
    }
    table
};

/// Appends bytes as hex digits, without quotes.
pub fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        out.extend_from_slice(&HEX[usize::from(*byte)]);
    }
}

/// Appends a whole number.
#[inline]
pub fn integer(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0u8; 20];
    let mut from = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        from -= 1;
        digits[from] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[from..]);
}

/// Appends a double, as short as reads back the same; null when JSON has none.
#[inline]
pub fn float(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        let mut digits = ryu::Buffer::new();
        out.extend_from_slice(digits.format_finite(value).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// Appends `true` or `false`.
pub fn boolean(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// Appends an ObjectId as hex in quotes.
#[inline]
pub fn object_id(out: &mut Vec<u8>, id: &[u8; 12]) {
    let mut text = [b'"'; 26];
    for (byte, digits) in id.iter().zip(text[1..25].chunks_exact_mut(2)) {
        digits.copy_from_slice(&HEX[usize::from(*byte)]);
    }
    out.extend_from_slice(&text);
}

/// Appends a decimal as text.
pub fn decimal(out: &mut Vec<u8>, bytes: [u8; 16]) {
    use std::io::Write;
    let _ = write!(out, "\"{}\"", Decimal128::from_bytes(bytes));
}

/// Appends binary: a UUID as its text, anything else as Base64.
pub fn binary(out: &mut Vec<u8>, subtype: u8, bytes: &[u8]) {
    if subtype == 4 && bytes.len() == 16 {
        return uuid(out, bytes);
    }
    out.push(b'"');
    base64(out, bytes);
    out.push(b'"');
}

/// Appends what points to a document as the reference that took its place.
fn db_pointer(out: &mut Vec<u8>, reader: &mut Reader<'_>) -> Result<()> {
    let (collection, id) = reader.db_pointer()?;
    out.extend_from_slice(b"{\"$ref\":");
    text(out, collection);
    out.extend_from_slice(b",\"$id\":");
    object_id(out, &id);
    out.push(b'}');
    Ok(())
}

/// Appends sixteen bytes as a UUID's text in quotes.
pub fn uuid(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.extend_from_slice(&HEX[usize::from(*byte)]);
    }
    out.push(b'"');
}

/// Appends bytes as padded Base64, without quotes.
pub fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for part in bytes.chunks(3) {
        let mut word = [0u8; 4];
        word[1..=part.len()].copy_from_slice(part);
        let word = u32::from_be_bytes(word);
        for at in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= part.len() { digit } else { b'=' });
        }
    }
}

/// Appends a date as ISO 8601 in quotes, `Z` behind it when `aware`; one that has
/// no place in the calendar as extended JSON.
#[inline]
pub fn date(out: &mut Vec<u8>, milliseconds: i64, aware: bool) {
    let Some(moment) = Moment::new(milliseconds) else {
        out.extend_from_slice(b"{\"$date\":{\"$numberLong\":\"");
        integer(out, milliseconds);
        out.extend_from_slice(b"\"}}");
        return;
    };
    let mut text = *b"\"0000-00-00T00:00:00.000000Z\"";
    text[1..20].copy_from_slice(&spelled(&moment));
    let mut end = 20;
    if moment.millisecond != 0 {
        text[21] = b'0' + (moment.millisecond / 100) as u8;
        text[22..24].copy_from_slice(&pair(moment.millisecond % 100));
        end = 27;
    }
    out.extend_from_slice(&text[..end]);
    out.extend_from_slice(if aware { b"Z\"" } else { b"\"" });
}

/// Appends `"2024-01-31"`.
pub fn day(out: &mut Vec<u8>, moment: &Moment) {
    out.push(b'"');
    out.extend_from_slice(&spelled(moment)[..10]);
    out.push(b'"');
}

/// Appends `2024-01-31T23:59:59`.
pub fn calendar(out: &mut Vec<u8>, moment: &Moment) {
    out.extend_from_slice(&spelled(moment));
}

/// `2024-01-31T23:59:59`
#[inline]
fn spelled(moment: &Moment) -> [u8; 19] {
    let mut text = *b"0000-00-00T00:00:00";
    let year = moment.year.unsigned_abs() as u16;
    let small = [
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
    ];
    text[0..2].copy_from_slice(&pair(year / 100));
    text[2..4].copy_from_slice(&pair(year % 100));
    for (at, part) in small.into_iter().enumerate() {
        let start = 5 + 3 * at;
        text[start..start + 2].copy_from_slice(&pair(part.into()));
    }
    text
}

/// Two decimal digits of a number below 100.
#[inline]
fn pair(value: u16) -> [u8; 2] {
    [b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8]
}

/// Appends `value` with leading zeros.
pub fn digits(out: &mut Vec<u8>, value: u32, width: u32) {
    for place in (0..width).rev() {
        out.push(b'0' + (value / 10u32.pow(place) % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(
            r#""a\"\\\n\u0001é""#,
            written(|out| text(out, "a\"\\\n\u{1}é"))
        );
    }

    #[test]
    fn plain_texts_are_those_without_escapes() {
        let longest = if cfg!(miri) { 3 } else { 20 };
        for length in 1..longest {
            for at in 0..length {
                for byte in 0..=255u8 {
                    let mut bytes = vec![b'a'; length];
                    bytes[at] = byte;
                    let plain = byte < 0x80 && !ESCAPED[byte as usize];

                    assert_eq!(plain, is_plain(&bytes), "{byte} at {at} of {length}");
                }
            }
        }
    }

    #[test]
    fn base64_is_padded() {
        assert_eq!("TQ==", written(|out| base64(out, b"M")));
        assert_eq!("TWE=", written(|out| base64(out, b"Ma")));
        assert_eq!("TWFu", written(|out| base64(out, b"Man")));
    }

    #[test]
    fn dates_are_iso() {
        assert_eq!(
            "\"1970-01-01T00:00:00Z\"",
            written(|out| date(out, 0, true))
        );
        assert_eq!(
            "\"1969-12-31T23:59:59.999000\"",
            written(|out| date(out, -1, false))
        );
    }

    #[test]
    fn numbers_read_back() {
        assert_eq!(
            "-9223372036854775808",
            written(|out| integer(out, i64::MIN))
        );
        assert_eq!("0.1", written(|out| float(out, 0.1)));
        assert_eq!("null", written(|out| float(out, f64::NAN)));
    }
}
