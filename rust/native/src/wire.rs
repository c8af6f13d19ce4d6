//! Whole replies in a connection's buffer.

use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes};

const OP_MSG: u32 = 2013;
/// Header, flags, and the kind of the first section.
const BEFORE: usize = 21;

/// The reply's document, if the first `filled` bytes are the whole answer to `awaited`
/// and nothing else; None for whatever else lies there (see `wire.conversation`).
#[pyfunction]
pub fn whole_reply<'py>(
    buffer: &Bound<'py, PyByteArray>,
    filled: usize,
    awaited: u32,
) -> Option<Bound<'py, PyBytes>> {
    crate::ffi::copied(buffer, |bytes| document(bytes.get(..filled)?, awaited))
}

fn document(message: &[u8], awaited: u32) -> Option<&[u8]> {
    let document = message.get(BEFORE..)?;
    let word = |at: usize| -> Option<u32> {
        let bytes = message.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    // Unknown optional flags (bits 16 to 31) are ignored.
    let fits = word(0)? as usize == message.len()
        && awaited != 0
        && word(8)? == awaited
        && word(12)? == OP_MSG
        && word(16)? & 0xFFFF == 0
        && message[20] == 0
        && word(BEFORE)? as usize == document.len();
    fits.then_some(document)
}
