//! Values with a BSON type of their own.

use mongolane_bson::element as tag;
use mongolane_bson::{Decimal128, Reader};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString, PyType};

use super::date::datetime;
use super::{Decoder, any};
use crate::errors::{Fault, Outcome};
use crate::limits::{Bounds, Lengths, Rules};

type Made<'py> = Outcome<Bound<'py, PyAny>>;

/// Refuses a value of another type, or one that a constraint forbids.
#[inline]
fn must(holds: bool) -> Outcome<()> {
    match holds {
        true => Ok(()),
        false => Err(Fault::Mismatch),
    }
}

#[inline]
pub fn text<'py>(
    decoder: &mut Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    lengths: Lengths,
    rules: Option<&Rules>,
) -> Made<'py> {
    // A symbol, deprecated, is a text everywhere else as well.
    must(tag == tag::STRING || tag == tag::SYMBOL)?;
    let bytes = reader.string_bytes()?;
    let Some(rules) = rules else {
        must(lengths.allow_text(bytes))?;
        return decoder.text(reader, bytes);
    };
    let made = rules.made(bytes, lengths).ok_or(Fault::Mismatch)?;
    match made.len() == bytes.len() && *made == *bytes {
        true => decoder.text(reader, bytes),
        false => crate::ffi::text(decoder.py, &made).ok_or(Fault::Mismatch),
    }
}

/// A whole number of either width; None for any other type.
#[inline]
pub fn integer(tag: u8, reader: &mut Reader<'_>) -> Outcome<Option<i64>> {
    Ok(match tag {
        tag::INT32 => Some(reader.int32()?.into()),
        tag::INT64 => Some(reader.int64()?),
        _ => None,
    })
}

#[inline]
pub fn int<'py>(
    decoder: &Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    bounds: &Bounds,
) -> Made<'py> {
    let value = integer(tag, reader)?.ok_or(Fault::Mismatch)?;
    must(bounds.allow_int(decoder.py, value)?)?;
    Ok(value.into_bound_py_any(decoder.py)?)
}

/// A double, or a whole number that becomes one; None for any other type.
#[inline]
pub fn double(tag: u8, reader: &mut Reader<'_>) -> Outcome<Option<f64>> {
    if tag == tag::DOUBLE {
        return Ok(Some(reader.double()?));
    }
    Ok(integer(tag, reader)?.map(|value| value as f64))
}

#[inline]
pub fn float<'py>(
    decoder: &Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    bounds: &Bounds,
) -> Made<'py> {
    let value = double(tag, reader)?.ok_or(Fault::Mismatch)?;
    must(bounds.allow_float(decoder.py, value)?)?;
    Ok(PyFloat::new(decoder.py, value).into_any())
}

#[inline]
pub fn boolean<'py>(decoder: &Decoder<'py>, tag: u8, reader: &mut Reader<'_>) -> Made<'py> {
    must(tag == tag::BOOL)?;
    Ok(reader.boolean()?.into_bound_py_any(decoder.py)?)
}

#[inline]
pub fn object_id<'py>(decoder: &Decoder<'py>, tag: u8, reader: &mut Reader<'_>) -> Made<'py> {
    must(tag == tag::OBJECT_ID)?;
    Ok(decoder
        .types
        .object_ids
        .make(decoder.py, &reader.object_id()?)?)
}

#[inline]
pub fn date<'py>(
    decoder: &Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    aware: bool,
) -> Made<'py> {
    must(tag == tag::DATE_TIME)?;
    let milliseconds = reader.int64()?;
    datetime(decoder, milliseconds, aware)?.ok_or(Fault::Mismatch)
}

pub fn decimal<'py>(
    decoder: &Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    bounds: &Bounds,
) -> Made<'py> {
    must(tag == tag::DECIMAL128)?;
    let text = Decimal128::from_bytes(reader.decimal128()?).to_string();
    must(!text.contains("NaN") && !text.contains("Inf"))?;
    let class = decoder.types.decimal.bind(decoder.py);
    let value = class.call1((PyString::new(decoder.py, &text),))?;
    must(bounds.allow(&value)?)?;
    Ok(value)
}

pub fn decimal128<'py>(decoder: &Decoder<'py>, tag: u8, reader: &mut Reader<'_>) -> Made<'py> {
    must(tag == tag::DECIMAL128)?;
    Ok(decoder
        .types
        .make_decimal128(decoder.py, reader.decimal128()?)?)
}

pub fn bytes<'py>(
    decoder: &mut Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    lengths: Lengths,
) -> Made<'py> {
    must(tag == tag::BINARY)?;
    let (subtype, bytes) = reader.binary()?;
    must(subtype == 0 && lengths.allow(bytes.len()))?;
    let made = crate::ffi::bytes(decoder.py, bytes)?.into_any();
    decoder.large.add(bytes, &made);
    Ok(made)
}

pub fn uuid<'py>(decoder: &Decoder<'py>, tag: u8, reader: &mut Reader<'_>) -> Made<'py> {
    must(tag == tag::BINARY)?;
    let (subtype, bytes) = reader.binary()?;
    must(subtype == 4 && bytes.len() == 16)?;
    Ok(decoder.types.make_uuid(decoder.py, bytes)?)
}

/// A value of one of `bson`'s own classes: binary whatever its subtype, and an int32
/// where an `Int64` is declared.
pub fn exactly<'py>(
    decoder: &mut Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    class: &Py<PyType>,
) -> Outcome<Bound<'py, PyAny>> {
    let (py, types) = (decoder.py, decoder.types);
    if tag == tag::BINARY && class.is(&types.binary) {
        let (subtype, bytes) = reader.binary()?;
        return Ok(types.make_binary(py, subtype, bytes)?);
    }
    if tag == tag::INT32 && class.is(&types.int64) {
        return Ok(types.int64.bind(py).call1((reader.int32()?,))?);
    }
    let value = any::value(decoder, tag, reader)?;
    match value.get_type().is(class) {
        true => Ok(value),
        false => Err(Fault::Mismatch),
    }
}
