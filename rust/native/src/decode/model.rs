//! Documents to instances of a class.
//!
//! Values are collected by field first and the instance is made last, with its
//! attributes in declared order: so an instance looks like one that pydantic
//! made, whatever order the document has, and nobody can see it half-made.

use mongolane_bson::Reader;
use mongolane_bson::element as tag;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PySet};

use super::typed::value_error;
use super::{Decoder, any, last_of_each};
use crate::errors::{Fault, Outcome};
use crate::ffi::copy_text_set;
use crate::plan::{Default, Extra, KeepRaw, Node, Private, Shape};

/// A document of its own; a mismatch goes to the class's fallback.
pub fn whole<'py>(
    decoder: &mut Decoder<'py>,
    reader: Reader<'_>,
    node: &Node,
) -> Outcome<Bound<'py, PyAny>> {
    let shape = node.shape(decoder.py)?;
    let start = decoder.marks();
    let made = match shape.whole {
        true => Err(Fault::Mismatch),
        false => typed(decoder, reader, shape),
    };
    let made = match made {
        Err(Fault::Mismatch) => {
            decoder.reset(start);
            misfit(decoder, reader, shape)
        }
        made => made,
    }?;
    keep_raw(decoder, &made, reader, shape)?;
    decoder.large.forget(start.2);
    Ok(made)
}

/// A document that the plan does not read: by its last keys, or as a plain one.
#[cold]
fn misfit<'py>(
    decoder: &mut Decoder<'py>,
    reader: Reader<'_>,
    shape: &Shape,
) -> Outcome<Bound<'py, PyAny>> {
    decoder.repeated = false;
    if let Some(made) = by_names(decoder, reader, shape)? {
        return Ok(made);
    }
    decoder.repeated = false;
    let plain = any::whole(decoder, reader)?;
    if decoder.repeated && !shape.whole {
        let start = decoder.marks();
        let last = last_of_each(decoder, reader)?;
        match typed(decoder, Reader::new(&last)?, shape) {
            Err(Fault::Mismatch) => decoder.reset(start),
            made => return made,
        }
    }
    fallback(decoder, plain, shape)
}

/// An embedded document; a mismatch is the outer document's.
pub fn embedded<'py>(
    decoder: &mut Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    node: &Node,
) -> Outcome<Bound<'py, PyAny>> {
    if tag != tag::DOCUMENT {
        return Err(Fault::Mismatch);
    }
    let inner = reader.document()?;
    let shape = node.shape(decoder.py)?;
    decoder.deeper(reader, |decoder| {
        let made = match shape.whole {
            true => embedded_whole(decoder, inner, shape),
            false => typed(decoder, inner, shape),
        }?;
        keep_raw(decoder, &made, inner, shape)?;
        Ok(made)
    })
}

/// An embedded document that pydantic reads.
fn embedded_whole<'py>(
    decoder: &mut Decoder<'py>,
    reader: Reader<'_>,
    shape: &Shape,
) -> Outcome<Bound<'py, PyAny>> {
    if let Some(made) = by_names(decoder, reader, shape)? {
        return Ok(made);
    }
    let made = any::whole(decoder, reader).and_then(|plain| fallback(decoder, plain, shape));
    made.map_err(|fault| match fault {
        Fault::Python(error) => value_error(decoder.py, *error),
        fault => fault,
    })
}

/// What pydantic makes of the document by the names of its fields; None where that
/// cannot be said so simply, or where it has something to say of it.
fn by_names<'py>(
    decoder: &mut Decoder<'py>,
    mut reader: Reader<'_>,
    shape: &Shape,
) -> Outcome<Option<Bound<'py, PyAny>>> {
    let Some(direct) = &shape.direct else {
        return Ok(None);
    };
    let py = decoder.py;
    let before = std::mem::take(&mut decoder.unusual);
    let (shown, mut count, mut next) = (PyDict::new(py), 0, 0);
    loop {
        let expected = shape.fields.get(next);
        let predicted =
            expected.and_then(|field| Some((reader.predicted(&field.key)?, field.key.key())));
        let (at, tag, key) = match predicted {
            Some((tag, key)) => (Some(next), tag, key),
            None => match reader.next()? {
                Some((tag, key)) => (shape.find(key), tag, key),
                None => break,
            },
        };
        let value = any::value(decoder, tag, &mut reader).map_err(|fault| fault.within(key))?;
        match at {
            Some(at) => {
                shown.set_item(shape.fields[at].name.bind(py), value)?;
                next = at + 1;
            }
            None => {
                decoder.unusual |= shape.names_only.iter().any(|name| **name == *key);
                shown.set_item(decoder.key(&reader, key)?, value)?;
            }
        }
        count += 1;
    }
    decoder.repeated |= shown.len() != count;
    let unusual = std::mem::replace(&mut decoder.unusual, before);
    match unusual || decoder.repeated {
        true => Ok(None),
        false => Ok(direct.bind(py).call1((shown,)).ok()),
    }
}

/// The plain document, given to pydantic.
#[cold]
fn fallback<'py>(
    decoder: &Decoder<'py>,
    plain: Bound<'py, PyDict>,
    shape: &Shape,
) -> Outcome<Bound<'py, PyAny>> {
    match &shape.fallback {
        Some(fallback) => Ok(fallback.bind(decoder.py).call1((plain,))?),
        None => Err(unexplained(decoder, &plain, shape)),
    }
}

/// The error for a document that does not fit, where nobody else explains it.
#[cold]
fn unexplained<'py>(decoder: &Decoder<'py>, plain: &Bound<'py, PyDict>, shape: &Shape) -> Fault {
    let py = decoder.py;
    let make = || -> PyResult<Bound<'py, PyAny>> {
        let class = py
            .import("mongolane.errors")?
            .getattr("DocumentDecodeError")?;
        let name = shape.maker.class(py).name()?;
        let problems = vec![("", "a value is not of the declared type")];
        class.call1((name, plain.get_item("_id")?, problems))
    };
    Fault::from(make().map_or_else(|error| error, PyErr::from_value))
}

fn keep_raw(
    decoder: &Decoder<'_>,
    made: &Bound<'_, PyAny>,
    reader: Reader<'_>,
    shape: &Shape,
) -> Outcome<()> {
    let Some(place) = &shape.keep_raw else {
        return Ok(());
    };
    let py = decoder.py;
    let raw = decoder.kept(reader.bytes())?;
    match place {
        KeepRaw::Attribute(attribute) => attribute.set(made, raw)?,
        KeepRaw::Private(name) => {
            let private = made.getattr(pyo3::intern!(py, "__pydantic_private__"))?;
            private.set_item(name, raw)?;
        }
    }
    Ok(())
}

fn typed<'py>(
    decoder: &mut Decoder<'py>,
    mut reader: Reader<'_>,
    shape: &Shape,
) -> Outcome<Bound<'py, PyAny>> {
    let start = decoder.slots.len();
    decoder.slots.resize(start + shape.fields.len(), None);
    let extra = (shape.extra == Extra::Allow).then(|| PyDict::new(decoder.py));
    let seen = collect(decoder, &mut reader, shape, start, extra.as_ref())?;
    finish(decoder, shape, start, seen, extra)
}

/// The instance of the values that lie in the slots, by which fields came.
pub fn finish<'py>(
    decoder: &mut Decoder<'py>,
    shape: &Shape,
    start: usize,
    seen: u128,
    extra: Option<Bound<'py, PyDict>>,
) -> Outcome<Bound<'py, PyAny>> {
    let fields_set = fields_set(decoder, shape, start, seen, extra.as_ref())?;
    if seen != full(shape) {
        fill(decoder, shape, start)?;
    }
    let py = decoder.py;
    let none = || py.None().into_bound(py);
    let beside = [
        fields_set,
        extra.map_or_else(none, Bound::into_any),
        private(py, shape)?,
    ];
    let values = decoder.slots.drain(start..);
    let items = shape.fields.iter().zip(values);
    let items = items.filter_map(|(field, value)| Some((field.name.bind(py), value?)));
    let made = shape.maker.make(py, items, beside)?;
    decoder.hide(&made);
    match &shape.after {
        Some(after) => called(after, &made),
        None => Ok(made),
    }
}

/// What a check makes of a value. Whatever was wrong, pydantic meets it again, and
/// says it.
pub fn called<'py>(check: &Py<PyAny>, value: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
    let py = value.py();
    let made = check.bind(py).call1((value,));
    made.map_err(|error| match error.is_instance_of::<PyException>(py) {
        true => Fault::Mismatch,
        false => error.into(),
    })
}

/// How many fields a mask has room for; its highest bit stays 0.
pub const MASKED: usize = 127;

/// The mask of a document that has all fields; never equal when there are too
/// many fields for a mask.
#[inline]
fn full(shape: &Shape) -> u128 {
    match shape.fields.len() {
        count @ 0..=MASKED => (1 << count) - 1,
        _ => u128::MAX,
    }
}

/// Puts each value into its field's slot; gives the mask of the fields that came.
#[inline]
fn collect<'py>(
    decoder: &mut Decoder<'py>,
    reader: &mut Reader<'_>,
    shape: &Shape,
    start: usize,
    extra: Option<&Bound<'py, PyDict>>,
) -> Outcome<u128> {
    let (mut seen, mut next) = (0u128, 0);
    loop {
        let expected = shape.fields.get(next);
        let predicted = expected.and_then(|field| reader.predicted(&field.key));
        let (at, tag) = match predicted {
            Some(tag) => (next, tag),
            None => {
                let Some((tag, key)) = reader.next()? else {
                    return Ok(seen);
                };
                match shape.find(key) {
                    Some(at) => (at, tag),
                    None => {
                        unknown(decoder, reader, tag, key, extra, shape)?;
                        continue;
                    }
                }
            }
        };
        let field = &shape.fields[at];
        let value = field.kind.decode(decoder, tag, reader);
        let value = value.map_err(|f| f.within(field.key.key()))?;
        decoder.slots[start + at] = Some(value);
        if at < MASKED {
            seen |= 1 << at;
        }
        next = at + 1;
    }
}

/// A key that no field has.
fn unknown<'py>(
    decoder: &mut Decoder<'py>,
    reader: &mut Reader<'_>,
    tag: u8,
    key: &[u8],
    extra: Option<&Bound<'py, PyDict>>,
    shape: &Shape,
) -> Outcome<()> {
    match (shape.extra, extra) {
        (Extra::Forbid, _) => Err(Fault::Mismatch),
        (Extra::Allow, Some(extra)) => {
            let name = decoder.key(reader, key)?;
            let value = any::held(decoder, tag, reader).map_err(|f| f.within(key))?;
            let before = extra.len();
            extra.set_item(name, value)?;
            decoder.repeated |= extra.len() == before;
            Ok(())
        }
        _ => {
            reader.skip(tag).map_err(|error| error.within(key))?;
            Ok(())
        }
    }
}

/// `__pydantic_fields_set__`: frozen where the class's instances may share it, else
/// the instance's own.
fn fields_set<'py>(
    decoder: &Decoder<'py>,
    shape: &Shape,
    start: usize,
    seen: u128,
    extra: Option<&Bound<'py, PyDict>>,
) -> Outcome<Bound<'py, PyAny>> {
    let py = decoder.py;
    let known = match seen == full(shape) {
        true => shape.all_set.bind(py).clone(),
        false => partial_set(decoder, shape, start, seen)?,
    };
    let extra = extra.filter(|extra| !extra.is_empty());
    if shape.shares && extra.is_none() {
        return Ok(known);
    }
    let set = copy_text_set(&known)?;
    if let Some(extra) = extra {
        let set = set.cast::<PySet>()?;
        for name in extra.keys().iter() {
            set.add(name)?;
        }
    }
    Ok(set)
}

/// Documents that lack fields mostly lack the same ones.
fn partial_set<'py>(
    decoder: &Decoder<'py>,
    shape: &Shape,
    start: usize,
    seen: u128,
) -> Outcome<Bound<'py, PyAny>> {
    let py = decoder.py;
    let few = shape.fields.len() <= MASKED;
    let kept = shape.last_set.try_lock().ok().filter(|_| few);
    if let Some(kept) = kept.as_deref()
        && let Some((mask, set)) = kept
        && *mask == seen
    {
        return Ok(set.bind(py).clone());
    }
    drop(kept);
    let slots = shape.fields.iter().zip(&decoder.slots[start..]);
    let names = slots.filter_map(|(field, slot)| slot.as_ref().map(|_| field.name.bind(py)));
    let set = PyFrozenSet::new(py, names)?.into_any();
    if few && let Ok(mut last) = shape.last_set.try_lock() {
        *last = Some((seen, set.clone().unbind()));
    }
    Ok(set)
}

/// Gives the fields that did not come their defaults.
fn fill<'py>(decoder: &mut Decoder<'py>, shape: &Shape, start: usize) -> Outcome<()> {
    let py = decoder.py;
    for (at, field) in shape.fields.iter().enumerate() {
        if decoder.slots[start + at].is_some() {
            continue;
        }
        let value = match &field.default {
            Default::Missing => return Err(Fault::Mismatch),
            Default::Value(value) => value.bind(py).clone(),
            Default::Factory(factory) => factory.bind(py).call0()?,
        };
        decoder.slots[start + at] = Some(value);
    }
    Ok(())
}

fn private<'py>(py: Python<'py>, shape: &Shape) -> PyResult<Bound<'py, PyAny>> {
    Ok(match &shape.private {
        Private::None => py.None().into_bound(py),
        Private::Copied(dict) => dict.bind(py).copy()?.into_any(),
        Private::Called(all) => {
            let made = PyDict::new(py);
            for (name, value, called) in all {
                match called {
                    true => made.set_item(name, value.bind(py).call0()?)?,
                    false => made.set_item(name, value)?,
                }
            }
            made.into_any()
        }
    })
}
