//! The types that come less often: BSON's own, and Python's that have a form in BSON.

use mongolane_bson::element as tag;
use mongolane_bson::writer::{close, cstring, open};
use mongolane_bson::{Decimal128, DecimalError, Reader};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDate, PyDateTime, PyDict, PyFloat, PyFrozenSet, PyInt, PyList,
    PyMapping, PySet, PyString, PyTuple, PyType,
};

use super::any::{any, array, element, int, items};
use super::date::{date_ms, datetime_ms};
use super::{Encoder, shown, utf8};
use crate::errors::{Fault, Outcome};

/// Writes an ObjectId.
pub fn object_id<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let bytes = value.getattr(pyo3::intern!(encoder.py, "binary"))?;
    let bytes = bytes.cast::<PyBytes>()?;
    encoder.out.extend_from_slice(bytes.as_bytes());
    Ok(tag::OBJECT_ID)
}

/// Writes an ObjectId; anything else is a mismatch.
#[inline]
pub fn object_id_exact<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    match encoder.types.object_ids.bytes(value) {
        Some(id) => {
            encoder.out.extend_from_slice(&id);
            Ok(tag::OBJECT_ID)
        }
        None if value.get_type().is(&encoder.types.object_id) => object_id(encoder, value),
        None => Err(Fault::Mismatch),
    }
}

/// Writes whatever `any` did not know by its exact type.
pub fn value<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    if encoder.exact {
        return Err(Fault::Mismatch);
    }
    if let Ok(marker) = value.getattr(pyo3::intern!(encoder.py, "_type_marker"))
        && let Ok(marker) = marker.extract::<i64>()
        && let Some(done) = marked(encoder, value, marker)
    {
        return done;
    }
    let is = |class: &Py<PyType>| value.is_instance(class.bind(encoder.py));
    let types = encoder.types;
    if is(&types.enumeration)? {
        return any(encoder, &value.getattr("value")?);
    }
    if is(&types.uuid)? {
        let bytes = value.getattr("bytes")?;
        encoder.binary(4, bytes.extract::<&[u8]>()?)?;
        return Ok(tag::BINARY);
    }
    if is(&types.decimal)? {
        return decimal(encoder, value);
    }
    if is(&types.datetime_ms)? {
        return milliseconds(encoder, value.call_method0("__int__")?.extract()?);
    }
    if is(&types.pattern)? {
        return regex(encoder, value);
    }
    if let Ok(offered) = value.getattr(pyo3::intern!(encoder.py, "__bson__")) {
        return hook(encoder, &offered.call0()?);
    }
    subclasses(encoder, value)
}

/// An object's own answer: ready bytes, or something to encode.
fn hook<'py>(encoder: &mut Encoder<'py>, offered: &Bound<'py, PyAny>) -> Outcome<u8> {
    match offered.cast::<PyBytes>() {
        Ok(bytes) => ready(encoder, bytes.as_bytes()),
        Err(_) => encoder.deeper(|encoder| any(encoder, offered)),
    }
}

/// Ready BSON: its frame is checked, its elements are the giver's word.
fn ready(encoder: &mut Encoder<'_>, bytes: &[u8]) -> Outcome<u8> {
    Reader::new(bytes)?;
    encoder.room(bytes.len())?;
    encoder.out.extend_from_slice(bytes);
    Ok(tag::DOCUMENT)
}

/// PyMongo's own classes say what they are by a number.
fn marked<'py>(
    encoder: &mut Encoder<'py>,
    value: &Bound<'py, PyAny>,
    marker: i64,
) -> Option<Outcome<u8>> {
    Some(match marker {
        5 => subtyped(encoder, value),
        7 => object_id(encoder, value),
        11 => regex(encoder, value),
        13 => code(encoder, value),
        17 => timestamp(encoder, value),
        18 => int64(encoder, value),
        19 => decimal128(encoder, value),
        100 => dbref(encoder, value),
        101 => raw(encoder, value),
        255 => Ok(tag::MIN_KEY),
        127 => Ok(tag::MAX_KEY),
        _ => return None,
    })
}

fn subtyped<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let subtype: u8 = value.getattr("subtype")?.extract()?;
    encoder.binary(subtype, value.extract::<&[u8]>()?)?;
    Ok(tag::BINARY)
}

fn raw<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let bytes = encoder
        .py
        .get_type::<PyBytes>()
        .call1((value.getattr("raw")?,))?;
    ready(encoder, bytes.extract::<&[u8]>()?)
}

fn timestamp<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let increment: u32 = value.getattr("inc")?.extract()?;
    let seconds: u32 = value.getattr("time")?.extract()?;
    encoder.out.extend_from_slice(&increment.to_le_bytes());
    encoder.out.extend_from_slice(&seconds.to_le_bytes());
    Ok(tag::TIMESTAMP)
}

fn int64<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let Ok(number) = value.extract::<i64>() else {
        return int(encoder, value);
    };
    encoder.out.extend_from_slice(&number.to_le_bytes());
    Ok(tag::INT64)
}

fn decimal128<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let bytes = value.getattr("bid")?;
    encoder.out.extend_from_slice(bytes.extract::<&[u8]>()?);
    Ok(tag::DECIMAL128)
}

/// A `decimal.Decimal`, if its 34 digits suffice.
pub fn decimal<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let text = value.str()?;
    match utf8(&text)?.parse::<Decimal128>() {
        Ok(number) => {
            encoder.out.extend_from_slice(&number.to_bytes());
            Ok(tag::DECIMAL128)
        }
        Err(DecimalError::Inexact) => Err(Fault::refuse(format!(
            "the decimal {text} has more than the 34 digits of Decimal128; round it first"
        ))),
        Err(_) => Err(Fault::refuse(format!(
            "the decimal {text} has no place in Decimal128 (exponents from -6176 to 6111)"
        ))),
    }
}

/// Milliseconds as a date.
fn milliseconds(encoder: &mut Encoder<'_>, milliseconds: i64) -> Outcome<u8> {
    encoder.out.extend_from_slice(&milliseconds.to_le_bytes());
    Ok(tag::DATE_TIME)
}

fn code<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let text = value.cast::<PyString>()?;
    let scope = value.getattr("scope")?;
    if scope.is_none() {
        encoder.string(utf8(text)?.as_bytes())?;
        return Ok(tag::CODE);
    }
    let start = encoder.out.len();
    encoder.out.extend_from_slice(&[0; 4]);
    encoder.string(utf8(text)?.as_bytes())?;
    encoder.deeper(|encoder| super::mapping(encoder, &scope))?;
    let size = (encoder.out.len() - start) as u32;
    encoder.out[start..start + 4].copy_from_slice(&size.to_le_bytes());
    Ok(tag::CODE_WITH_SCOPE)
}

/// A `bson.Regex` or a compiled `re.Pattern`.
fn regex<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let pattern = value.getattr("pattern")?;
    let flags: u32 = value.getattr("flags")?.extract()?;
    let letters = [
        (2, b'i'),
        (4, b'l'),
        (8, b'm'),
        (16, b's'),
        (32, b'u'),
        (64, b'x'),
    ];
    let options: Vec<u8> = letters
        .iter()
        .filter(|(bit, _)| flags & bit != 0)
        .map(|l| l.1)
        .collect();
    let bytes = match pattern.cast::<PyString>() {
        Ok(text) => utf8(text)?.as_bytes(),
        Err(_) => pattern.extract::<&[u8]>()?,
    };
    if bytes.contains(&0) || std::str::from_utf8(bytes).is_err() {
        let hint = format!(
            "the pattern {} has a NUL in it or is not UTF-8",
            shown(&pattern)
        );
        return Err(Fault::refuse(hint));
    }
    encoder.room(bytes.len())?;
    cstring(&mut encoder.out, bytes);
    cstring(&mut encoder.out, &options);
    Ok(tag::REGEX)
}

fn dbref<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let document = value.call_method0("as_doc")?;
    let pairs = document.cast::<PyMapping>()?;
    encoder.deeper(|encoder| items(encoder, pairs))?;
    Ok(tag::DOCUMENT)
}

/// Subclasses of what BSON knows, other mappings and collections.
fn subclasses<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    if let Ok(flag) = value.cast::<PyBool>() {
        encoder.out.push(u8::from(flag.is_true()));
        return Ok(tag::BOOL);
    }
    let numpy = foreign(value)?;
    if !numpy && let Ok(text) = value.cast::<PyString>() {
        encoder.string(utf8(text)?.as_bytes())?;
        return Ok(tag::STRING);
    }
    if value.is_instance_of::<PyInt>() {
        return int(encoder, value);
    }
    if !numpy && let Ok(number) = value.cast::<PyFloat>() {
        encoder.out.extend_from_slice(&number.value().to_le_bytes());
        return Ok(tag::DOUBLE);
    }
    if let Ok(moment) = value.cast::<PyDateTime>() {
        let number = datetime_ms(encoder, moment)?;
        return milliseconds(encoder, number);
    }
    if let Ok(day) = value.cast::<PyDate>() {
        return milliseconds(encoder, date_ms(day));
    }
    if !numpy && let Ok(bytes) = value.cast::<PyBytes>() {
        encoder.binary(0, bytes.as_bytes())?;
        return Ok(tag::BINARY);
    }
    collections(encoder, value)
}

fn collections<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    if let Ok(bytes) = value.cast::<PyByteArray>() {
        let bytes = bytes.to_vec();
        encoder.binary(0, &bytes)?;
        return Ok(tag::BINARY);
    }
    let sequence = value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyTuple>()
        || value.is_instance_of::<PySet>()
        || value.is_instance_of::<PyFrozenSet>()
        || value.is_instance(encoder.types.deque.bind(encoder.py))?;
    if sequence {
        let list = PyList::empty(encoder.py);
        list.call_method1("extend", (value,))?;
        return array(encoder, list.iter());
    }
    if let Ok(dict) = value.cast::<PyDict>() {
        let pairs = dict.as_mapping().clone();
        encoder.deeper(|encoder| items(encoder, &pairs))?;
        return Ok(tag::DOCUMENT);
    }
    if value.is_instance(encoder.types.mapping.bind(encoder.py))? {
        encoder.deeper(|encoder| other_mapping(encoder, value))?;
        return Ok(tag::DOCUMENT);
    }
    Err(unknown(encoder, value))
}

/// A mapping that is no dict: its keys, in its own order.
fn other_mapping<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<()> {
    let start = open(&mut encoder.out);
    for key in value.try_iter()? {
        let key = key?;
        let item = value.get_item(&key)?;
        element(encoder, &key, &item)?;
    }
    close(&mut encoder.out, start);
    Ok(())
}

/// Whether the value is one of NumPy's scalars, some of which are also Python's.
fn foreign(value: &Bound<'_, PyAny>) -> Outcome<bool> {
    let module = value.get_type().module()?;
    Ok(module == "numpy")
}

/// The refusal, with a way out where one is known.
fn unknown(encoder: &Encoder<'_>, value: &Bound<'_, PyAny>) -> Fault {
    let kind = value.get_type().fully_qualified_name();
    let kind = kind.map_or_else(|_| "?".into(), |name| name.to_string());
    let is = |class: &Py<PyType>| value.is_instance(class.bind(encoder.py)).unwrap_or(false);
    let hint = if kind.starts_with("numpy.") {
        "; convert it with .item() or .tolist()"
    } else if is(&encoder.types.timedelta) {
        "; store its total_seconds()"
    } else if is(&encoder.types.time) {
        "; store its isoformat()"
    } else if value.hasattr("__fspath__").unwrap_or(false) {
        "; store it as str"
    } else {
        ""
    };
    Fault::refuse(format!(
        "{} of type {kind} has no form in BSON{hint}",
        shown(value)
    ))
}
