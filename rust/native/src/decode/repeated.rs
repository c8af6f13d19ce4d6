//! Documents in which a key stands twice, which no driver makes but any may hold.
//!
//! A dict keeps the last value, and so must an instance: where an earlier one does not
//! fit the plan, the document is read again without it.

use mongolane_bson::Reader;

use super::{Decoder, any};
use crate::encode::{Encoder, mapping};
use crate::errors::Outcome;

/// The document with each key once: where it came first, with the value that came last.
#[cold]
pub fn last_of_each(decoder: &mut Decoder<'_>, reader: Reader<'_>) -> Outcome<Vec<u8>> {
    let plain = any::whole(decoder, reader)?;
    let mut encoder = Encoder::new(decoder.py)?;
    mapping(&mut encoder, plain.as_any())?;
    Ok(encoder.out)
}
