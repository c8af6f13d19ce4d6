//! Unions: by BSON type, or by a key's value.

use std::sync::Arc;

use mongolane_bson::Reader;
use mongolane_bson::element as tag;
use pyo3::prelude::*;

use super::{Decoder, any, model};
use crate::errors::{Fault, Outcome};
use crate::kind::{Kind, Tagged, Union};
use crate::plan::Node;

/// The value of whichever alternative takes it.
pub fn value<'py>(
    decoder: &mut Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    union: &Union,
) -> Outcome<Bound<'py, PyAny>> {
    if tag == tag::DOCUMENT && union.discriminator.is_some() {
        let mut ahead = *reader;
        if let Some(node) = tagged(decoder, ahead.document()?, union)? {
            return model::embedded(decoder, tag, reader, node);
        }
    }
    // An integer belongs to an int before it belongs to a float.
    let exact = union.alternatives.iter().filter(|kind| kind.takes(tag));
    let others = union.alternatives.iter().filter(|kind| !kind.takes(tag));
    let start = reader.position();
    for kind in exact.chain(others) {
        reader.seek(start);
        match kind.decode(decoder, tag, reader) {
            Err(Fault::Mismatch) => {}
            outcome => return outcome,
        }
    }
    Err(Fault::Mismatch)
}

impl Kind {
    /// Whether the kind takes this type without changing it.
    pub fn takes(&self, tag: u8) -> bool {
        match self {
            Self::Float(_) => tag == tag::DOUBLE,
            Self::Through(_) => false,
            _ => true,
        }
    }
}

/// The class that the discriminator names, if it names one.
pub fn tagged<'a>(
    decoder: &mut Decoder<'_>,
    mut reader: Reader<'_>,
    union: &'a Union,
) -> Outcome<Option<&'a Arc<Node>>> {
    let Some(wanted) = &union.discriminator else {
        return Ok(None);
    };
    let document = reader;
    while let Some((tag, key)) = reader.next()? {
        if *key != **wanted {
            reader.skip(tag)?;
            continue;
        }
        if matches!(tag, tag::STRING | tag::SYMBOL) {
            let text = reader.string_bytes()?;
            let mut texts = union.texts.iter();
            let place = texts.find(|(known, _)| **known == *text).map(|t| t.1);
            return chosen(decoder, document, union, place);
        }
        let value = any::value(decoder, tag, &mut reader)?;
        let place = other(decoder, &value, union)?;
        return chosen(decoder, document, union, place);
    }
    Ok(None)
}

/// The class at that place; where a union is, the one that its own key names.
fn chosen<'a>(
    decoder: &mut Decoder<'_>,
    document: Reader<'_>,
    union: &'a Union,
    place: Option<usize>,
) -> Outcome<Option<&'a Arc<Node>>> {
    match place.and_then(|place| union.tagged.get(place)) {
        Some(Tagged::Model(node)) => Ok(Some(node)),
        Some(Tagged::Union(inner)) => tagged(decoder, document, inner),
        None => Ok(None),
    }
}

fn other(decoder: &Decoder<'_>, value: &Bound<'_, PyAny>, union: &Union) -> Outcome<Option<usize>> {
    if value.hash().is_err() {
        return Ok(None);
    }
    let place = union.others.bind(decoder.py).get_item(value)?;
    Ok(place.map(|place| place.extract()).transpose()?)
}
