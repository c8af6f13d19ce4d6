//! Enumerations and literals: the stored value chooses.

use mongolane_bson::Reader;
use mongolane_bson::element as tag;
use pyo3::prelude::*;

use super::{Decoder, any, scalar};
use crate::errors::{Fault, Outcome};
use crate::kind::Choice;

/// The member, or the literal, for the value under `reader`.
pub fn value<'py>(
    decoder: &mut Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    choice: &Choice,
) -> Outcome<Bound<'py, PyAny>> {
    let found = match tag {
        tag::STRING | tag::SYMBOL => text(choice, reader.string_bytes()?),
        tag::INT32 | tag::INT64 => {
            let number = scalar::integer(tag, reader)?;
            choice
                .ints
                .iter()
                .find(|(known, _)| Some(*known) == number)
                .map(|c| &c.1)
        }
        tag::BOOL => choice.bools[usize::from(reader.boolean()?)].as_ref(),
        tag::NULL | tag::UNDEFINED => choice.null.as_ref(),
        _ => return other(decoder, tag, reader, choice),
    };
    match found {
        Some(member) => Ok(member.bind(decoder.py).clone()),
        None => Err(Fault::Mismatch),
    }
}

#[inline]
fn text<'a>(choice: &'a Choice, bytes: &[u8]) -> Option<&'a Py<PyAny>> {
    let same = |known: &&(Box<str>, Py<PyAny>)| known.0.as_bytes() == bytes;
    choice.texts.iter().find(same).map(|c| &c.1)
}

fn other<'py>(
    decoder: &mut Decoder<'py>,
    tag: u8,
    reader: &mut Reader<'_>,
    choice: &Choice,
) -> Outcome<Bound<'py, PyAny>> {
    let others = choice.others.bind(decoder.py);
    if others.is_empty() {
        return Err(Fault::Mismatch);
    }
    let plain = any::value(decoder, tag, reader)?;
    if plain.hash().is_err() {
        return Err(Fault::Mismatch);
    }
    others.get_item(plain)?.ok_or(Fault::Mismatch)
}
