//! Requests and whole replies, as bytes.

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

/// A request's bytes: the message, with elements from four places in one document.
#[pyfunction]
pub fn request_message<'py>(
    py: Python<'py>,
    number: i32,
    elements: &[u8],
    tail: &[u8],
    session: &[u8],
    cluster: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let parts = [elements, tail, session, cluster];
    let document = 5 + parts.iter().map(|part| part.len()).sum::<usize>();
    let size = BEFORE + document;
    PyBytes::new_with(py, size, |out| {
        // Flags, kind and the document's last byte are zero already.
        for (at, word) in [(0, size as u32), (4, number as u32), (12, OP_MSG)] {
            out[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        out[BEFORE..BEFORE + 4].copy_from_slice(&(document as u32).to_le_bytes());
        let mut rest = &mut out[BEFORE + 4..];
        for part in parts {
            let (here, behind) = rest.split_at_mut(part.len());
            here.copy_from_slice(part);
            rest = behind;
        }
        Ok(())
    })
}
