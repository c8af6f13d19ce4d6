//! Arrays, and what they become.

use mongolane_bson::Reader;
use mongolane_bson::element as tag;
use pyo3::prelude::*;
use pyo3::types::{PyFrozenSet, PyList, PySet, PyTuple};

use super::Decoder;
use super::typed::value_error;
use crate::errors::{Fault, Outcome};
use crate::kind::{Container, Kind, List};

/// The array under `reader`.
#[inline]
pub fn value<'py>(
    decoder: &mut Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    list: &List,
) -> Outcome<Bound<'py, PyAny>> {
    if tag != tag::ARRAY {
        return Err(Fault::Mismatch);
    }
    let inner = reader.document()?;
    decoder.deeper(reader, |decoder| {
        let start = decoder.items.len();
        let made = collect(decoder, inner, list).and_then(|()| finish(decoder, start, list));
        decoder.items.truncate(start);
        made
    })
}

/// The array under `reader` as a tuple, each item of its own kind.
pub fn fixed<'py>(
    decoder: &mut Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    kinds: &[Kind],
) -> Outcome<Bound<'py, PyAny>> {
    if tag != tag::ARRAY {
        return Err(Fault::Mismatch);
    }
    let mut inner = reader.document()?;
    decoder.deeper(reader, |decoder| {
        let start = decoder.items.len();
        let made = each(decoder, &mut inner, kinds)
            .and_then(|()| Ok(PyTuple::new(decoder.py, decoder.items.drain(start..))?.into_any()));
        decoder.items.truncate(start);
        made
    })
}

fn each(decoder: &mut Decoder<'_>, reader: &mut Reader<'_>, kinds: &[Kind]) -> Outcome<()> {
    for kind in kinds {
        let (tag, key) = reader.next()?.ok_or(Fault::Mismatch)?;
        let item = kind.decode(decoder, tag, reader);
        decoder.items.push(item.map_err(|fault| fault.within(key))?);
    }
    match reader.next()? {
        None => Ok(()),
        Some(_) => Err(Fault::Mismatch),
    }
}

/// Puts the items on the decoder's stack, so that the list is made at its size.
fn collect(decoder: &mut Decoder<'_>, mut reader: Reader<'_>, list: &List) -> Outcome<()> {
    while let Some((tag, key)) = reader.next()? {
        let item = list.item.decode(decoder, tag, &mut reader);
        let item = item.map_err(|fault| fault.within(key))?;
        decoder.items.push(item);
    }
    Ok(())
}

fn finish<'py>(
    decoder: &mut Decoder<'py>,
    start: usize,
    list: &List,
) -> Outcome<Bound<'py, PyAny>> {
    let py = decoder.py;
    let items = decoder.items.drain(start..);
    let made = match list.container {
        Container::List => {
            let made = PyList::new(py, items)?.into_any();
            decoder.hide(&made);
            made
        }
        Container::Tuple => PyTuple::new(py, items)?.into_any(),
        Container::Set => {
            let set = PySet::empty(py)?;
            for item in items {
                set.add(item).map_err(|error| hashing(py, error))?;
            }
            set.into_any()
        }
        Container::FrozenSet => {
            let list = PyList::new(py, items)?;
            let set = py.get_type::<PyFrozenSet>().call1((list,));
            set.map_err(|error| hashing(py, error))?
        }
        Container::Deque => decoder
            .types
            .deque
            .bind(py)
            .call1((PyList::new(py, items)?,))?,
    };
    match list.lengths.allow(made.len()?) {
        true => Ok(made),
        false => Err(Fault::Mismatch),
    }
}

/// What can't be hashed doesn't belong in a set: pydantic will say so.
fn hashing(py: Python<'_>, error: PyErr) -> Fault {
    match error.is_instance_of::<pyo3::exceptions::PyTypeError>(py) {
        true => Fault::Mismatch,
        false => value_error(py, error),
    }
}
