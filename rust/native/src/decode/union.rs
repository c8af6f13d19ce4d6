//! Unions: by BSON type, or by a key's value.

use std::sync::Arc;

use mongolane_bson::Reader;
use mongolane_bson::element as tag;
use pyo3::prelude::*;

use super::{Decoder, any, model};
use crate::errors::{Fault, Outcome};
use crate::kind::{Kind, Union};
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
    while let Some((tag, key)) = reader.next()? {
        if *key != **wanted {
            reader.skip(tag)?;
            continue;
        }
        if matches!(tag, tag::STRING | tag::SYMBOL) {
            let text = reader.string_bytes()?;
            return Ok(union
                .texts
                .iter()
                .find(|(known, _)| **known == *text)
                .map(|t| &t.1));
        }
        let value = any::value(decoder, tag, &mut reader)?;
        return other(decoder, &value, union);
    }
    Ok(None)
}

fn other<'a>(
    decoder: &Decoder<'_>,
    value: &Bound<'_, PyAny>,
    union: &'a Union,
) -> Outcome<Option<&'a Arc<Node>>> {
    if value.hash().is_err() {
        return Ok(None);
    }
    let place = union.others.bind(decoder.py).get_item(value)?;
    let place: Option<usize> = place.map(|place| place.extract()).transpose()?;
    Ok(place.and_then(|place| union.nodes.get(place)))
}
