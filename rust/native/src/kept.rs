//! The bytes that a document was read from, where most of them are in its values.
//!
//! An instance keeps what it was read from, for `changed`. Of a document with a
//! large text or large bytes that would be a second copy of what the instance holds
//! anyhow: so those values themselves are kept, and what lies between them.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// From this size on a value is worth it.
pub const LARGE: usize = 16 * 1024;

/// Large values of the document that is being read, and where they lie in memory.
#[derive(Default)]
pub struct LargeValues<'py>(Vec<(usize, usize, Bound<'py, PyAny>)>);

impl<'py> LargeValues<'py> {
    /// Takes note of a value that was just made of `bytes`: a text of just this UTF-8,
    /// or these bytes.
    #[inline]
    pub fn add(&mut self, bytes: &[u8], made: &Bound<'py, PyAny>) {
        if bytes.len() >= LARGE {
            let at = bytes.as_ptr() as usize;
            self.0.push((at, bytes.len(), made.clone()));
        }
    }

    /// How many there are: for `forget`.
    pub fn mark(&self) -> usize {
        self.0.len()
    }

    /// Forgets those that came later.
    pub fn forget(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    /// The document of these bytes, if most of it is in large values.
    pub fn kept(&self, document: &[u8]) -> Option<Kept> {
        let start = document.as_ptr() as usize;
        let mut places: Vec<_> = self.0.iter().collect();
        places.retain(|(at, size, _)| *at >= start && at + size <= start + document.len());
        places.sort_by_key(|(at, ..)| *at);
        places.dedup_by_key(|(at, ..)| *at);
        let large: usize = places.iter().map(|(_, size, _)| size).sum();
        if large < document.len() / 2 {
            return None;
        }
        let (mut parts, mut done) = (Vec::new(), 0);
        for (at, size, value) in places {
            let from = at - start;
            parts.push((document[done..from].into(), value.clone().unbind()));
            done = from + size;
        }
        Some(Kept {
            parts,
            end: document[done..].into(),
            size: document.len(),
        })
    }
}

/// A document's bytes; ``bytes()`` gives them.
#[pyclass(module = "mongolane.codec", frozen)]
pub struct Kept {
    /// What lies in front of a value, and the value.
    parts: Vec<(Box<[u8]>, Py<PyAny>)>,
    end: Box<[u8]>,
    size: usize,
}

#[pymethods]
impl Kept {
    /// The bytes, put together.
    #[pyo3(name = "__bytes__")]
    pub fn whole<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut all = Vec::with_capacity(self.size);
        for (before, value) in &self.parts {
            all.extend_from_slice(before);
            match value.bind(py).cast::<PyString>() {
                Ok(text) => all.extend_from_slice(text.encode_utf8()?.as_bytes()),
                Err(_) => all.extend_from_slice(value.bind(py).cast::<PyBytes>()?.as_bytes()),
            }
        }
        all.extend_from_slice(&self.end);
        crate::ffi::bytes(py, &all)
    }

    fn __len__(&self) -> usize {
        self.size
    }
}
