//! BSON to extended JSON.

use std::io::Write;

use super::Form;
use crate::Decimal128;
use crate::calendar::Moment;
use crate::element as tag;
use crate::error::Result;
use crate::json::{base64, boolean, calendar, digits, hex, integer, text};
use crate::reader::{MAX_DEPTH, Reader};

/// Appends a document.
pub fn document(out: &mut Vec<u8>, reader: Reader<'_>, form: Form) -> Result<()> {
    object(out, reader, form, 0)
}

fn object(out: &mut Vec<u8>, mut reader: Reader<'_>, form: Form, depth: usize) -> Result<()> {
    out.push(b'{');
    let mut first = true;
    while let Some((kind, key)) = reader.next()? {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        text(out, reader.text(key)?);
        out.push(b':');
        value(out, kind, &mut reader, form, depth).map_err(|error| error.within(key))?;
    }
    out.push(b'}');
    Ok(())
}

fn array(out: &mut Vec<u8>, mut reader: Reader<'_>, form: Form, depth: usize) -> Result<()> {
    out.push(b'[');
    let mut first = true;
    while let Some((kind, key)) = reader.next()? {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        value(out, kind, &mut reader, form, depth).map_err(|error| error.within(key))?;
    }
    out.push(b']');
    Ok(())
}

/// Appends one value that lies `depth` documents deep.
pub fn value(
    out: &mut Vec<u8>,
    kind: u8,
    reader: &mut Reader<'_>,
    form: Form,
    depth: usize,
) -> Result<()> {
    match kind {
        tag::STRING => text(out, reader.string()?),
        tag::BOOL => boolean(out, reader.boolean()?),
        tag::NULL => out.extend_from_slice(b"null"),
        tag::INT32 => number(out, "$numberInt", reader.int32()?.into(), form),
        tag::INT64 => number(out, "$numberLong", reader.int64()?, form),
        tag::DOUBLE => double(out, reader.double()?, form),
        tag::DATE_TIME => date(out, reader.int64()?, form),
        tag::DOCUMENT | tag::ARRAY | tag::CODE_WITH_SCOPE if depth >= MAX_DEPTH => {
            return Err(reader.error("nested too deeply"));
        }
        tag::DOCUMENT => return object(out, reader.document()?, form, depth + 1),
        tag::ARRAY => return array(out, reader.document()?, form, depth + 1),
        tag::CODE_WITH_SCOPE => {
            let (code, scope) = reader.code_with_scope()?;
            out.extend_from_slice(b"{\"$code\":");
            text(out, code);
            out.extend_from_slice(b",\"$scope\":");
            object(out, scope, form, depth + 1)?;
            out.push(b'}');
        }
        _ => return plain(out, kind, reader),
    }
    Ok(())
}

/// The types that look the same in both forms.
fn plain(out: &mut Vec<u8>, kind: u8, reader: &mut Reader<'_>) -> Result<()> {
    match kind {
        tag::OBJECT_ID => object_id(out, &reader.object_id()?),
        tag::SYMBOL => wrapped(out, "$symbol", reader.string()?),
        tag::CODE => wrapped(out, "$code", reader.string()?),
        tag::UNDEFINED => out.extend_from_slice(b"{\"$undefined\":true}"),
        tag::MIN_KEY => out.extend_from_slice(b"{\"$minKey\":1}"),
        tag::MAX_KEY => out.extend_from_slice(b"{\"$maxKey\":1}"),
        tag::BINARY => binary(out, reader.binary()?),
        tag::DECIMAL128 => {
            let number = Decimal128::from_bytes(reader.decimal128()?);
            wrapped(out, "$numberDecimal", &number.to_string());
        }
        tag::TIMESTAMP => {
            let (seconds, increment) = reader.timestamp()?;
            let _ = write!(
                out,
                "{{\"$timestamp\":{{\"t\":{seconds},\"i\":{increment}}}}}"
            );
        }
        tag::REGEX => regex(out, reader.cstring()?, reader.cstring()?),
        tag::DB_POINTER => {
            let (namespace, id) = reader.db_pointer()?;
            out.extend_from_slice(b"{\"$dbPointer\":{\"$ref\":");
            text(out, namespace);
            out.extend_from_slice(b",\"$id\":");
            object_id(out, &id);
            out.extend_from_slice(b"}}");
        }
        _ => return Err(reader.error("an unknown type")),
    }
    Ok(())
}

fn wrapped(out: &mut Vec<u8>, key: &str, content: &str) {
    out.push(b'{');
    text(out, key);
    out.push(b':');
    text(out, content);
    out.push(b'}');
}

fn object_id(out: &mut Vec<u8>, id: &[u8; 12]) {
    out.extend_from_slice(b"{\"$oid\":\"");
    hex(out, id);
    out.extend_from_slice(b"\"}");
}

fn regex(out: &mut Vec<u8>, pattern: &str, options: &str) {
    let mut letters: Vec<char> = options.chars().collect();
    letters.sort_unstable();
    out.extend_from_slice(b"{\"$regularExpression\":{\"pattern\":");
    text(out, pattern);
    out.extend_from_slice(b",\"options\":");
    text(out, &letters.into_iter().collect::<String>());
    out.extend_from_slice(b"}}");
}

fn binary(out: &mut Vec<u8>, (subtype, bytes): (u8, &[u8])) {
    out.extend_from_slice(b"{\"$binary\":{\"base64\":\"");
    base64(out, bytes);
    out.extend_from_slice(b"\",\"subType\":\"");
    hex(out, &[subtype]);
    out.extend_from_slice(b"\"}}");
}

fn number(out: &mut Vec<u8>, key: &str, value: i64, form: Form) {
    match form {
        Form::Relaxed => integer(out, value),
        Form::Canonical => wrapped(out, key, &value.to_string()),
    }
}

fn double(out: &mut Vec<u8>, value: f64, form: Form) {
    let name = match value {
        _ if value.is_nan() => "NaN".to_owned(),
        _ if value == f64::INFINITY => "Infinity".to_owned(),
        _ if value == f64::NEG_INFINITY => "-Infinity".to_owned(),
        _ if form == Form::Relaxed => {
            let _ = write!(out, "{value:?}");
            return;
        }
        _ => format!("{value:?}")
            .replace('e', "E")
            .replace("E", if value.abs() >= 1.0 { "E+" } else { "E" }),
    };
    wrapped(out, "$numberDouble", &name);
}

/// The relaxed form names only moments from 1970 to 9999.
fn date(out: &mut Vec<u8>, milliseconds: i64, form: Form) {
    let named = Moment::new(milliseconds).filter(|_| form == Form::Relaxed && milliseconds >= 0);
    let Some(moment) = named else {
        let _ = write!(out, "{{\"$date\":{{\"$numberLong\":\"{milliseconds}\"}}}}");
        return;
    };
    out.extend_from_slice(b"{\"$date\":\"");
    calendar(out, &moment);
    if moment.millisecond != 0 {
        out.push(b'.');
        digits(out, moment.millisecond.into(), 3);
    }
    out.extend_from_slice(b"Z\"}");
}
