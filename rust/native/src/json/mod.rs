//! BSON to JSON by a plan, with no Python object in between where none is needed.
//!
//! A value that is not what its kind says makes the whole document go through an
//! instance: then pydantic decides what it is, and how it looks in JSON.

mod model;
mod typed;

use pyo3::prelude::*;

use crate::decode::Decoder;
use crate::errors::Outcome;

/// What the functions of one call share.
pub struct JsonWriter<'py> {
    pub decoder: Decoder<'py>,
    pub out: Vec<u8>,
    /// Type and place of each field of the documents being written.
    places: Vec<Option<(u8, usize)>>,
    depth: usize,
}

impl<'py> JsonWriter<'py> {
    /// A writer with an empty buffer.
    pub fn new(py: Python<'py>) -> PyResult<Self> {
        Ok(Self {
            decoder: Decoder::new(py)?,
            out: Vec::with_capacity(1024),
            places: Vec::new(),
            depth: 0,
        })
    }

    /// Ends the call.
    pub fn finish(self, outcome: Outcome<()>) -> PyResult<Vec<u8>> {
        self.decoder.finish(outcome)?;
        Ok(self.out)
    }

    /// Appends a comma, except in front of the first.
    #[inline]
    fn comma(&mut self, first: &mut bool) {
        if !std::mem::take(first) {
            self.out.push(b',');
        }
    }
}
