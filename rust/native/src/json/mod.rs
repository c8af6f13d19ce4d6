//! BSON to JSON by a plan, with no Python object in between where none is needed.
//!
//! A value that is not what its kind says makes the whole document go through an
//! instance: then pydantic decides what it is, and how it looks in JSON.

mod model;
mod typed;

use std::cell::Cell;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::decode::Decoder;
use crate::errors::Outcome;

/// No larger buffer is kept for the next call.
const MOST_KEPT: usize = 4 << 20;

thread_local! {
    // A new buffer of this size is new pages from the system each time, which cost
    // as much as the JSON itself. A call within a call finds none here and makes one.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What the functions of one call share.
pub struct JsonWriter<'py> {
    pub decoder: Decoder<'py>,
    pub out: Vec<u8>,
    /// Type and place of each field of the documents being written.
    places: Vec<Option<(u8, usize)>>,
    depth: usize,
    /// What is written is an instance's own BSON, which must say all of it.
    exact: bool,
    /// Documents whose fields did not come in declared order.
    disorder: u32,
}

impl<'py> JsonWriter<'py> {
    /// A writer with an empty buffer.
    pub fn new(py: Python<'py>) -> PyResult<Self> {
        Ok(Self {
            decoder: Decoder::new(py)?,
            out: BUFFER.try_with(Cell::take).unwrap_or_default(),
            places: Vec::new(),
            depth: 0,
            exact: false,
            disorder: 0,
        })
    }

    /// Ends the call.
    pub fn finish(mut self, outcome: Outcome<()>) -> PyResult<Bound<'py, PyBytes>> {
        let py = self.decoder.py;
        let made = self.decoder.finish(outcome);
        let made = made.and_then(|()| crate::ffi::bytes(py, &self.out));
        if self.out.capacity() <= MOST_KEPT {
            self.out.clear();
            let _ = BUFFER.try_with(|kept| kept.set(self.out));
        }
        made
    }

    /// Appends a comma, except in front of the first.
    #[inline]
    fn comma(&mut self, first: &mut bool) {
        if !std::mem::take(first) {
            self.out.push(b',');
        }
    }
}
