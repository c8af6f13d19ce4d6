//! Any value, as `bson.encode` writes it, and a few more.

use mongolane_bson::element as tag;
use mongolane_bson::writer::{close, integer, open};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple,
};

use super::date::datetime_ms;
use super::{Encoder, rare, utf8};
use crate::errors::{Fault, Outcome};
use crate::ffi::DictWalk;

/// Writes a mapping as a document.
pub fn mapping<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<()> {
    if let Ok(dict) = value.cast::<PyDict>()
        && value.get_type().is(encoder.py.get_type::<PyDict>())
    {
        return document(encoder, dict);
    }
    match any(encoder, value)? {
        tag::DOCUMENT => Ok(()),
        _ => {
            let kind = value.get_type().name()?;
            Err(Fault::refuse(format!(
                "a document must be a mapping, not {kind}"
            )))
        }
    }
}

/// Writes a value and gives its type.
#[inline]
pub fn any<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        encoder.string(utf8(text)?.as_bytes())?;
        return Ok(tag::STRING);
    }
    if value.cast_exact::<PyInt>().is_ok() {
        return int(encoder, value);
    }
    if value.is_none() {
        return Ok(tag::NULL);
    }
    if let Ok(flag) = value.cast_exact::<PyBool>() {
        encoder.out.push(u8::from(flag.is_true()));
        return Ok(tag::BOOL);
    }
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        encoder.out.extend_from_slice(&number.value().to_le_bytes());
        return Ok(tag::DOUBLE);
    }
    containers(encoder, value)
}

#[inline]
fn containers<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        encoder.deeper(|encoder| document(encoder, dict))?;
        return Ok(tag::DOCUMENT);
    }
    if let Ok(list) = value.cast_exact::<PyList>() {
        return array(encoder, list.iter());
    }
    if value.get_type().is(&encoder.types.object_id) {
        return rare::object_id_exact(encoder, value);
    }
    if let Ok(moment) = value.cast_exact::<PyDateTime>() {
        let milliseconds = datetime_ms(encoder, moment)?;
        encoder.out.extend_from_slice(&milliseconds.to_le_bytes());
        return Ok(tag::DATE_TIME);
    }
    if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        return array(encoder, tuple.iter());
    }
    if let Ok(bytes) = value.cast_exact::<PyBytes>() {
        encoder.binary(0, bytes.as_bytes())?;
        return Ok(tag::BINARY);
    }
    rare::value(encoder, value)
}

/// An integer as int32 or int64, by its size.
pub fn int<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    match value.extract::<i64>() {
        Ok(number) => Ok(integer(&mut encoder.out, number)),
        Err(_) => Err(Fault::refuse(format!(
            "the integer {} needs more than 64 bits; store it as Decimal128 or text",
            super::shown(value)
        ))),
    }
}

/// The items of a dict.
pub fn document<'py>(encoder: &mut Encoder<'py>, dict: &Bound<'py, PyDict>) -> Outcome<()> {
    let start = open(&mut encoder.out);
    let mut walk = DictWalk::new(dict);
    while let Some((key, item)) = walk.next()? {
        element(encoder, &key, &item)?;
    }
    close(&mut encoder.out, start);
    Ok(())
}

/// Writes a filter whose names are all in `natural`, which gives the stored key and the
/// type of value that is stored as it is; false if one is not, or a key stands twice.
pub fn natural<'py>(
    encoder: &mut Encoder<'py>,
    filter: &Bound<'py, PyDict>,
    natural: &Bound<'py, PyDict>,
) -> Outcome<bool> {
    let start = open(&mut encoder.out);
    let mut keys: Vec<Bound<'py, PyAny>> = Vec::new();
    let mut walk = DictWalk::new(filter);
    while let Some((name, value)) = walk.next()? {
        if name.cast_exact::<PyString>().is_err() {
            return Ok(false);
        }
        let Some(found) = natural.get_item(&name)? else {
            return Ok(false);
        };
        let (key, kind) = found.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>()?;
        if !value.get_type().is(&kind) {
            return Ok(false);
        }
        if filter.len() > 1 {
            for one in &keys {
                if one.eq(&key)? {
                    return Ok(false);
                }
            }
            keys.push(key.clone());
        }
        element(encoder, &key, &value)?;
    }
    close(&mut encoder.out, start);
    Ok(true)
}

/// One key and its value.
#[inline]
pub fn element<'py>(
    encoder: &mut Encoder<'py>,
    key: &Bound<'py, PyAny>,
    value: &Bound<'py, PyAny>,
) -> Outcome<()> {
    let mark = encoder.head(key)?;
    match any(encoder, value) {
        Ok(tag) => {
            mark.set(&mut encoder.out, tag);
            Ok(())
        }
        Err(fault) => Err(fault.within(key.to_string().as_bytes())),
    }
}

/// The items of a mapping that is not a dict.
pub fn items<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyMapping>) -> Outcome<()> {
    let start = open(&mut encoder.out);
    for item in value.items()?.iter() {
        let (key, item) = item.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>()?;
        element(encoder, &key, &item)?;
    }
    close(&mut encoder.out, start);
    Ok(())
}

/// Items in their order as an array.
pub fn array<'py>(
    encoder: &mut Encoder<'py>,
    items: impl Iterator<Item = Bound<'py, PyAny>>,
) -> Outcome<u8> {
    encoder.deeper(|encoder| {
        let start = open(&mut encoder.out);
        for (at, item) in items.enumerate() {
            let mark = encoder.place(at)?;
            let tag = any(encoder, &item).map_err(|f| f.within(at.to_string().as_bytes()))?;
            mark.set(&mut encoder.out, tag);
        }
        close(&mut encoder.out, start);
        Ok(tag::ARRAY)
    })
}
