//! One value as its kind has it; anything else is a mismatch.

use mongolane_bson::Reader;
use mongolane_bson::element as tag;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::{Decoder, any, choice, list, model, scalar, temporal, union};
use crate::errors::{Fault, Outcome};
use crate::kind::Kind;

impl Kind {
    /// Makes the value under `reader`.
    #[inline]
    pub fn decode<'py>(
        &self,
        decoder: &mut Decoder<'py>,
        tag: u8,
        reader: &mut Reader<'_>,
    ) -> Outcome<Bound<'py, PyAny>> {
        match self {
            Self::Text(lengths, rules) => {
                scalar::text(decoder, tag, reader, *lengths, rules.as_deref())
            }
            Self::Int(bounds) => scalar::int(decoder, tag, reader, bounds),
            Self::Float(bounds) => scalar::float(decoder, tag, reader, bounds),
            Self::Bool => scalar::boolean(decoder, tag, reader),
            Self::ObjectId => scalar::object_id(decoder, tag, reader),
            Self::Date { aware } => scalar::date(decoder, tag, reader, *aware),
            Self::Nullable(_) if is_null(tag) => Ok(decoder.py.None().into_bound(decoder.py)),
            Self::Nullable(inner) => inner.decode(decoder, tag, reader),
            Self::List(list) => list::value(decoder, tag, reader, list),
            Self::Model(node) => model::embedded(decoder, tag, reader, node),
            Self::Any => any::held(decoder, tag, reader),
            _ => self.decode_rare(decoder, tag, reader),
        }
    }

    fn decode_rare<'py>(
        &self,
        decoder: &mut Decoder<'py>,
        tag: u8,
        reader: &mut Reader<'_>,
    ) -> Outcome<Bound<'py, PyAny>> {
        match self {
            Self::Decimal(bounds) => scalar::decimal(decoder, tag, reader, bounds),
            Self::Decimal128 => scalar::decimal128(decoder, tag, reader),
            Self::Bytes(lengths) => scalar::bytes(decoder, tag, reader, *lengths),
            Self::Uuid => scalar::uuid(decoder, tag, reader),
            Self::Day => temporal::day(decoder, tag, reader),
            Self::Clock => temporal::clock(decoder, tag, reader),
            Self::Span => temporal::span(decoder, tag, reader),
            Self::Exactly(class) => scalar::exactly(decoder, tag, reader, class),
            Self::Choice(choice) => choice::value(decoder, tag, reader, choice),
            Self::Fixed(kinds) => list::fixed(decoder, tag, reader, kinds),
            Self::Dict(value) => dict(decoder, tag, reader, value),
            Self::Union(union) => union::value(decoder, tag, reader, union),
            Self::Through(through) => through.decode(decoder, tag, reader),
            _ => Err(Fault::Mismatch),
        }
    }
}

/// Undefined, deprecated, is null everywhere else as well.
#[inline]
pub fn is_null(tag: u8) -> bool {
    tag == tag::NULL || tag == tag::UNDEFINED
}

fn dict<'py>(
    decoder: &mut Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    value: &Kind,
) -> Outcome<Bound<'py, PyAny>> {
    if tag != tag::DOCUMENT {
        return Err(Fault::Mismatch);
    }
    let mut inner = reader.document()?;
    decoder.deeper(reader, |decoder| {
        let (made, mut count) = (PyDict::new(decoder.py), 0);
        while let Some((tag, key)) = inner.next()? {
            let name = decoder.key(&inner, key)?;
            let item = value
                .decode(decoder, tag, &mut inner)
                .map_err(|f| f.within(key))?;
            made.set_item(name, item)?;
            count += 1;
        }
        decoder.repeated |= made.len() != count;
        Ok(made.into_any())
    })
}

/// A ValueError is a mismatch; anything else is the callable's own fault.
pub fn value_error(py: Python<'_>, error: PyErr) -> Fault {
    match error.is_instance_of::<PyValueError>(py) {
        true => Fault::Mismatch,
        false => error.into(),
    }
}
