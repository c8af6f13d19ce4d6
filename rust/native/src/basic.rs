//! Encoding and decoding without a plan.

use mongolane_bson::extended::{self, Form};
use mongolane_bson::{Reader, json};
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::decode::{Decoder, whole};
use crate::encode::{Encoder, mapping};
use crate::errors::Outcome;
use crate::kept::Kept;

/// One document as a dict, with the same values as `bson.decode`.
#[pyfunction]
#[pyo3(signature = (data, *, tz_aware = true))]
pub fn decode<'py>(
    py: Python<'py>,
    data: &Bound<'py, PyAny>,
    tz_aware: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let data = contiguous(data)?;
    let mut decoder = Decoder::new(py)?;
    decoder.aware = tz_aware;
    let made = open(data.as_bytes()).and_then(|reader| whole(&mut decoder, reader));
    decoder.finish(made)
}

fn open(bytes: &[u8]) -> Outcome<Reader<'_>> {
    Ok(Reader::new(bytes)?)
}

/// `bytes` as they are, other buffers (bytearray, memoryview) copied.
pub fn contiguous<'py>(data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = data.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    let py = data.py();
    if let Ok(kept) = data.cast::<Kept>() {
        return kept.get().whole(py);
    }
    let buffer = PyBuffer::<u8>::get(data)?;
    Ok(PyBytes::new(py, &buffer.to_vec(py)?))
}

/// A mapping as a BSON document.
#[pyfunction]
pub fn encode<'py>(py: Python<'py>, document: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let mut encoder = Encoder::new(py)?;
    match mapping(&mut encoder, document) {
        Ok(()) => crate::ffi::bytes(py, &encoder.out),
        Err(fault) => Err(fault.raise(py)),
    }
}

/// A mapping, or elements that are ready, as a BSON document; `tail` (elements, ready)
/// behind them.
#[pyfunction]
pub fn encode_command<'py>(
    py: Python<'py>,
    body: &Bound<'py, PyAny>,
    tail: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(elements) = body.cast::<PyBytes>() {
        return joined(py, elements.as_bytes(), tail);
    }
    let mut encoder = Encoder::new(py)?;
    mapping(&mut encoder, body).map_err(|fault| fault.raise(py))?;
    encoder.room(tail.len()).map_err(|fault| fault.raise(py))?;
    encoder.out.pop();
    encoder.out.extend_from_slice(tail);
    encoder.out.push(0);
    let size = (encoder.out.len() as u32).to_le_bytes();
    encoder.out[..4].copy_from_slice(&size);
    crate::ffi::bytes(py, &encoder.out)
}

/// `head`, a filter, and `tail` as elements: if each name in the filter is known, and
/// its value of the type that is stored as it is. None if not.
#[pyfunction]
pub fn encode_natural<'py>(
    py: Python<'py>,
    head: &[u8],
    filter: &Bound<'py, PyDict>,
    natural: &Bound<'py, PyDict>,
    tail: &[u8],
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let mut encoder = Encoder::new(py)?;
    encoder.out.extend_from_slice(head);
    match crate::encode::natural(&mut encoder, filter, natural) {
        Ok(false) => return Ok(None),
        Ok(true) => {}
        Err(fault) => return Err(fault.raise(py)),
    }
    encoder.room(tail.len()).map_err(|fault| fault.raise(py))?;
    encoder.out.extend_from_slice(tail);
    crate::ffi::bytes(py, &encoder.out).map(Some)
}

fn joined<'py>(py: Python<'py>, elements: &[u8], tail: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let size = elements.len() + tail.len() + 5;
    PyBytes::new_with(py, size, |out| {
        let (head, rest) = out.split_at_mut(4);
        head.copy_from_slice(&(size as u32).to_le_bytes());
        let (body, rest) = rest.split_at_mut(elements.len());
        body.copy_from_slice(elements);
        // The last byte is zero already.
        rest[..tail.len()].copy_from_slice(tail);
        Ok(())
    })
}

/// One document as JSON bytes, for a response: see ``docs/design/codec.md``.
#[pyfunction]
pub fn to_json<'py>(py: Python<'py>, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let data = contiguous(data)?;
    let mut out = Vec::with_capacity(data.as_bytes().len() * 2);
    let written = open(data.as_bytes()).and_then(|reader| Ok(json::document(&mut out, reader)?));
    written.map_err(|fault| fault.raise(py))?;
    Ok(PyBytes::new(py, &out))
}

/// One document as extended JSON, version 2: every type is kept.
#[pyfunction]
#[pyo3(signature = (data, *, canonical = false))]
pub fn to_extended_json(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    canonical: bool,
) -> PyResult<String> {
    let data = contiguous(data)?;
    let form = if canonical {
        Form::Canonical
    } else {
        Form::Relaxed
    };
    let mut out = Vec::with_capacity(data.as_bytes().len() * 3);
    let written =
        open(data.as_bytes()).and_then(|reader| Ok(extended::document(&mut out, reader, form)?));
    written.map_err(|fault| fault.raise(py))?;
    Ok(String::from_utf8(out)?)
}

/// Extended JSON text (canonical or relaxed) as a BSON document.
#[pyfunction]
pub fn from_json<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyBytes>> {
    let document =
        extended::from_text(text).map_err(|error| crate::errors::Fault::from(error).raise(py))?;
    Ok(PyBytes::new(py, &document.to_bytes()))
}
