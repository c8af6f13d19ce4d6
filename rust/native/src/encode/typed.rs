//! One value as its kind has it; a value of another type is a mismatch.

use std::iter::repeat;

use mongolane_bson::element as tag;
use mongolane_bson::writer::{close, integer, open};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::{Encoder, any, date, model, rare, temporal, utf8};
use crate::errors::{Fault, Outcome};
use crate::ffi::{DictWalk, attribute};
use crate::kind::{Choice, Container, Kind, List, Record, Through, Union};

impl Kind {
    /// Writes the value and gives its type.
    #[inline]
    pub fn encode<'py>(
        &self,
        encoder: &mut Encoder<'py>,
        value: &Bound<'py, PyAny>,
    ) -> Outcome<u8> {
        match self {
            Self::Text(..) => {
                let text = exact(value.cast_exact::<PyString>())?;
                encoder.string(utf8(text)?.as_bytes())?;
                Ok(tag::STRING)
            }
            Self::Int(_) => {
                exact(value.cast_exact::<PyInt>())?;
                match value.extract::<i64>() {
                    Ok(number) => Ok(integer(&mut encoder.out, number)),
                    Err(_) => any(encoder, value),
                }
            }
            Self::Float(_) => {
                let number = exact(value.cast_exact::<PyFloat>())?;
                encoder.out.extend_from_slice(&number.value().to_le_bytes());
                Ok(tag::DOUBLE)
            }
            Self::Bool => {
                let flag = exact(value.cast_exact::<PyBool>())?;
                encoder.out.push(u8::from(flag.is_true()));
                Ok(tag::BOOL)
            }
            Self::Nullable(_) if value.is_none() => Ok(tag::NULL),
            Self::Nullable(inner) => inner.encode(encoder, value),
            Self::List(list) => array(encoder, value, list),
            Self::Model(node) => model::embedded(encoder, value, node),
            Self::Any => any(encoder, value),
            _ => self.encode_rare(encoder, value),
        }
    }

    fn encode_rare<'py>(
        &self,
        encoder: &mut Encoder<'py>,
        value: &Bound<'py, PyAny>,
    ) -> Outcome<u8> {
        let is = |class: &Py<pyo3::types::PyType>| match value.get_type().is(class) {
            true => Ok(()),
            false => Err(Fault::Mismatch),
        };
        match self {
            Self::ObjectId => rare::object_id_exact(encoder, value),
            Self::Date { .. } => moment(encoder, value),
            Self::Decimal(_) => {
                is(&encoder.types.decimal)?;
                rare::decimal(encoder, value)
            }
            Self::Decimal128 => {
                is(&encoder.types.decimal128)?;
                any(encoder, value)
            }
            Self::Bytes(_) => {
                let bytes = exact(value.cast_exact::<PyBytes>())?;
                encoder.binary(0, bytes.as_bytes())?;
                Ok(tag::BINARY)
            }
            Self::Uuid => {
                is(&encoder.types.uuid)?;
                any(encoder, value)
            }
            Self::Day => temporal::day(encoder, value),
            Self::Clock => temporal::clock(encoder, value),
            Self::Span => temporal::span(encoder, value),
            Self::Exactly(class) => {
                is(class)?;
                any(encoder, value)
            }
            Self::Choice(choice) => choose(encoder, value, choice),
            Self::Fixed(kinds) => fixed(encoder, value, kinds),
            Self::Dict(inner) => dict(encoder, value, inner),
            Self::Union(union) => alternatives(encoder, value, union),
            Self::Through(through) => by_python(encoder, value, through),
            _ => Err(Fault::Mismatch),
        }
    }
}

/// By the kind that the value is of besides, if it is one; else what `dump` makes of it.
fn by_python<'py>(
    encoder: &mut Encoder<'py>,
    value: &Bound<'py, PyAny>,
    through: &Through,
) -> Outcome<u8> {
    if encoder.exact {
        return Err(Fault::Mismatch);
    }
    let start = encoder.out.len();
    let mut written = Err(Fault::Mismatch);
    if let Some(inner) = &through.inner {
        written = inner.encode(encoder, value);
    }
    for node in &through.models {
        let class = node.shape(encoder.py)?.maker.class(encoder.py);
        if value.get_type().is(class) {
            written = model::embedded(encoder, value, node);
        }
    }
    if let Some(record) = &through.record
        && value.get_type().is(&record.class)
    {
        written = encoder.deeper(|encoder| attributes(encoder, value, record));
    }
    // Whatever was wrong, it is wrong for `dump` as well, which says it best.
    match written {
        Err(Fault::Mismatch | Fault::Encode(_)) => {}
        Err(Fault::Python(error)) if error.is_instance_of::<PyException>(encoder.py) => {}
        written => return written,
    }
    encoder.out.truncate(start);
    encoder.doubtful = true;
    let plain = through.dump.bind(encoder.py).call1((value,))?;
    any(encoder, &plain)
}

/// An object as a document of its attributes.
fn attributes<'py>(
    encoder: &mut Encoder<'py>,
    value: &Bound<'py, PyAny>,
    record: &Record,
) -> Outcome<u8> {
    let start = open(&mut encoder.out);
    for name in &record.names {
        let name = name.bind(encoder.py);
        let item = attribute(value, name)?.ok_or(Fault::Mismatch)?;
        any::element(encoder, name, &item)?;
    }
    close(&mut encoder.out, start);
    Ok(tag::DOCUMENT)
}

#[inline]
fn exact<T, E>(cast: Result<T, E>) -> Outcome<T> {
    cast.map_err(|_| Fault::Mismatch)
}

fn moment<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>) -> Outcome<u8> {
    let moment = exact(value.cast_exact::<PyDateTime>())?;
    let milliseconds = date::datetime_ms(encoder, moment)?;
    encoder.out.extend_from_slice(&milliseconds.to_le_bytes());
    Ok(tag::DATE_TIME)
}

fn array<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>, list: &List) -> Outcome<u8> {
    if list.container == Container::List {
        let items = exact(value.cast_exact::<PyList>())?;
        return sequence(encoder, items.iter().zip(repeat(&list.item)));
    }
    let name = value.get_type().name()?;
    let expected = match list.container {
        Container::Tuple => "tuple",
        Container::Set => "set",
        Container::FrozenSet => "frozenset",
        _ => "deque",
    };
    if name != expected {
        return Err(Fault::Mismatch);
    }
    let items = PyList::empty(encoder.py);
    items.call_method1("extend", (value,))?;
    sequence(encoder, items.iter().zip(repeat(&list.item)))
}

#[inline]
fn sequence<'a, 'py>(
    encoder: &mut Encoder<'py>,
    items: impl Iterator<Item = (Bound<'py, PyAny>, &'a Kind)>,
) -> Outcome<u8> {
    encoder.deeper(|encoder| {
        let start = open(&mut encoder.out);
        for (at, (item, kind)) in items.enumerate() {
            let mark = encoder.place(at)?;
            let tag = kind.encode(encoder, &item);
            let tag = tag.map_err(|fault| fault.within(at.to_string().as_bytes()))?;
            mark.set(&mut encoder.out, tag);
        }
        close(&mut encoder.out, start);
        Ok(tag::ARRAY)
    })
}

/// A tuple of so many items, each of its own kind.
fn fixed<'py>(
    encoder: &mut Encoder<'py>,
    value: &Bound<'py, PyAny>,
    kinds: &[Kind],
) -> Outcome<u8> {
    let items = exact(value.cast_exact::<PyTuple>())?;
    if items.len() != kinds.len() {
        return Err(Fault::Mismatch);
    }
    sequence(encoder, items.iter().zip(kinds))
}

fn dict<'py>(encoder: &mut Encoder<'py>, value: &Bound<'py, PyAny>, kind: &Kind) -> Outcome<u8> {
    let dict = exact(value.cast_exact::<PyDict>())?;
    encoder.deeper(|encoder| {
        let start = open(&mut encoder.out);
        let mut walk = DictWalk::new(dict);
        while let Some((key, item)) = walk.next()? {
            let mark = encoder.head(&key)?;
            let tag = kind.encode(encoder, &item);
            let tag = tag.map_err(|fault| fault.within(key.to_string().as_bytes()))?;
            mark.set(&mut encoder.out, tag);
        }
        close(&mut encoder.out, start);
        Ok(tag::DOCUMENT)
    })
}

/// A member by its value, a literal as it is.
fn choose<'py>(
    encoder: &mut Encoder<'py>,
    value: &Bound<'py, PyAny>,
    choice: &Choice,
) -> Outcome<u8> {
    match &choice.class {
        Some(class) if value.is_instance(class.bind(encoder.py))? => {
            let stored = value.getattr(pyo3::intern!(encoder.py, "value"))?;
            any(encoder, &stored)
        }
        Some(_) => Err(Fault::Mismatch),
        None => any(encoder, value),
    }
}

/// The first alternative that takes the value; an instance belongs to its own class.
fn alternatives<'py>(
    encoder: &mut Encoder<'py>,
    value: &Bound<'py, PyAny>,
    union: &Union,
) -> Outcome<u8> {
    let (py, class) = (encoder.py, value.get_type());
    let own = union.each_tagged(&mut |node| {
        let shape = node.shape(py);
        let same = shape.map(|shape| class.is(shape.maker.class(py)));
        same.map(|same| same.then(|| node.clone())).transpose()
    });
    if let Some(node) = own.transpose()? {
        return model::embedded(encoder, value, &node);
    }
    let start = encoder.out.len();
    for kind in &union.alternatives {
        match kind.encode(encoder, value) {
            Err(Fault::Mismatch) => encoder.out.truncate(start),
            outcome => return outcome,
        }
    }
    Err(Fault::Mismatch)
}
