//! Any value, as `bson.decode` gives it.

use mongolane_bson::Reader;
use mongolane_bson::element as tag;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::Decoder;
use super::date::datetime_or_ms;
use crate::errors::{Fault, Outcome};

/// The document under `reader` as a dict.
pub fn whole<'py>(
    decoder: &mut Decoder<'py>,
    mut reader: Reader<'_>,
) -> Outcome<Bound<'py, PyDict>> {
    let (made, mut count) = (PyDict::new(decoder.py), 0);
    while let Some((tag, key)) = reader.next()? {
        let name = decoder.key(&reader, key)?;
        let item = value(decoder, tag, &mut reader).map_err(|fault| fault.within(key))?;
        made.set_item(name, item)?;
        count += 1;
    }
    decoder.repeated |= made.len() != count;
    Ok(made)
}

/// One value as an attribute without a type holds it: decimals are Python's own.
pub fn held<'py>(
    decoder: &mut Decoder<'py>,
    kind: u8,
    reader: &mut Reader<'_>,
) -> Outcome<Bound<'py, PyAny>> {
    let before = std::mem::replace(&mut decoder.decimals, true);
    let made = value(decoder, kind, reader);
    decoder.decimals = before;
    made
}

/// One value.
pub fn value<'py>(
    decoder: &mut Decoder<'py>,
    kind: u8,
    reader: &mut Reader<'_>,
) -> Outcome<Bound<'py, PyAny>> {
    let py = decoder.py;
    match kind {
        tag::STRING => {
            let bytes = reader.string_bytes()?;
            decoder.text(reader, bytes)
        }
        tag::INT32 => Ok(reader.int32()?.into_bound_py_any(py)?),
        tag::DOUBLE => Ok(reader.double()?.into_bound_py_any(py)?),
        tag::BOOL => Ok(reader.boolean()?.into_bound_py_any(py)?),
        tag::NULL | tag::UNDEFINED => Ok(py.None().into_bound(py)),
        tag::OBJECT_ID => Ok(decoder.types.object_ids.make(py, &reader.object_id()?)?),
        tag::DATE_TIME => {
            let milliseconds = reader.int64()?;
            datetime_or_ms(decoder, milliseconds)
        }
        tag::DOCUMENT => {
            let inner = reader.document()?;
            decoder.deeper(reader, |decoder| document(decoder, inner))
        }
        tag::ARRAY => {
            let inner = reader.document()?;
            decoder.deeper(reader, |decoder| array(decoder, inner))
        }
        tag::INT64 => Ok(decoder.types.int64.bind(py).call1((reader.int64()?,))?),
        _ => rare(decoder, kind, reader),
    }
}

fn document<'py>(decoder: &mut Decoder<'py>, reader: Reader<'_>) -> Outcome<Bound<'py, PyAny>> {
    let made = whole(decoder, reader)?;
    match made.get_item("$ref")? {
        Some(collection) => dbref(decoder, made, collection),
        None => Ok(made.into_any()),
    }
}

/// A document with `$ref` and `$id` is a DBRef; one that only looks alike stays a dict.
fn dbref<'py>(
    decoder: &mut Decoder<'py>,
    made: Bound<'py, PyDict>,
    collection: Bound<'py, PyAny>,
) -> Outcome<Bound<'py, PyAny>> {
    let database = made.get_item("$db")?;
    let named = database
        .as_ref()
        .is_none_or(|d| d.is_none() || d.is_instance_of::<PyString>());
    let (true, true, Some(id)) = (
        collection.is_instance_of::<PyString>(),
        named,
        made.get_item("$id")?,
    ) else {
        return Ok(made.into_any());
    };
    for key in ["$ref", "$id", "$db"] {
        if made.contains(key)? {
            made.del_item(key)?;
        }
    }
    decoder.unusual = true;
    let class = decoder.types.dbref.bind(decoder.py);
    Ok(class.call1((collection, id, database, made))?)
}

fn array<'py>(decoder: &mut Decoder<'py>, mut reader: Reader<'_>) -> Outcome<Bound<'py, PyAny>> {
    let mut items = Vec::new();
    while let Some((tag, key)) = reader.next()? {
        items.push(value(decoder, tag, &mut reader).map_err(|fault| fault.within(key))?);
    }
    Ok(PyList::new(decoder.py, items)?.into_any())
}

/// UUIDs as such, plain bytes as such, everything else with its subtype.
fn binary<'py>(decoder: &mut Decoder<'py>, reader: &mut Reader<'_>) -> Outcome<Bound<'py, PyAny>> {
    let (subtype, bytes) = reader.binary()?;
    Ok(match (subtype, bytes.len()) {
        (0, _) => {
            let made = crate::ffi::bytes(decoder.py, bytes)?.into_any();
            decoder.large.add(bytes, &made);
            made
        }
        (4, 16) => decoder.types.make_uuid(decoder.py, bytes)?,
        _ => {
            decoder.unusual = true;
            decoder.types.make_binary(decoder.py, subtype, bytes)?
        }
    })
}

#[inline(never)]
fn rare<'py>(
    decoder: &mut Decoder<'py>,
    kind: u8,
    reader: &mut Reader<'_>,
) -> Outcome<Bound<'py, PyAny>> {
    let (py, types) = (decoder.py, decoder.types);
    decoder.unusual |= kind != tag::BINARY;
    Ok(match kind {
        tag::BINARY => binary(decoder, reader)?,
        tag::DECIMAL128 if decoder.decimals => types.make_decimal(py, reader.decimal128()?)?,
        tag::DECIMAL128 => types.make_decimal128(py, reader.decimal128()?)?,
        tag::TIMESTAMP => types.timestamp.bind(py).call1(reader.timestamp()?)?,
        tag::REGEX => {
            let (pattern, options) = (reader.cstring()?, reader.cstring()?);
            let arguments = (pattern, regex_flags(options));
            types.regex.bind(py).call1(arguments)?
        }
        tag::CODE => types.code.bind(py).call1((reader.string()?,))?,
        tag::CODE_WITH_SCOPE => {
            let (code, scope) = reader.code_with_scope()?;
            let scope = decoder.deeper(reader, |decoder| whole(decoder, scope))?;
            types.code.bind(py).call1((code, scope))?
        }
        tag::SYMBOL => {
            let bytes = reader.string_bytes()?;
            decoder.text(reader, bytes)?
        }
        tag::DB_POINTER => {
            let (collection, id) = reader.db_pointer()?;
            types
                .dbref
                .bind(py)
                .call1((collection, types.object_ids.make(py, &id)?))?
        }
        tag::MIN_KEY => types.min_key.bind(py).call0()?,
        tag::MAX_KEY => types.max_key.bind(py).call0()?,
        _ => return Err(Fault::from(reader.error("an unknown type"))),
    })
}

/// Python's `re` flags for BSON's letters.
fn regex_flags(options: &str) -> u32 {
    options.bytes().fold(0, |flags, letter| {
        flags
            | match letter {
                b'i' => 2,
                b'l' => 4,
                b'm' => 8,
                b's' => 16,
                b'u' => 32,
                b'x' => 64,
                _ => 0,
            }
    })
}
