//! Python objects to BSON.
//!
//! What is written is written into one buffer, lengths patched at the end; on a
//! refused value the whole buffer is dropped, so nothing is ever half-written.

mod any;
mod date;
mod model;
mod rare;
mod temporal;
mod typed;

pub use any::{any, mapping, natural};
pub use model::{fields, whole as instance};

use mongolane_bson::MAX_DEPTH;
use mongolane_bson::writer::{Mark, binary, close, head, index, string};
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors::{Fault, Outcome};
use crate::types::{Types, types};

/// A document's length is an int32.
const MOST: usize = i32::MAX as usize - SMALL;
/// Bytes of an element besides its key, text and bytes.
const SMALL: usize = 48;

/// What the functions of one call share.
pub struct Encoder<'py> {
    pub py: Python<'py>,
    pub types: &'static Types,
    pub out: Vec<u8>,
    /// What BSON does not hold just as it is, is a mismatch.
    pub exact: bool,
    /// Whether something was written that is not as the plan says.
    pub doubtful: bool,
    depth: usize,
}

impl<'py> Encoder<'py> {
    /// An encoder with an empty buffer.
    pub fn new(py: Python<'py>) -> PyResult<Self> {
        Ok(Self {
            py,
            types: types(py)?,
            out: Vec::with_capacity(512),
            exact: false,
            doubtful: false,
            depth: 0,
        })
    }

    /// Sees to it that so many bytes, and a small value besides, have room.
    #[inline]
    pub fn room(&mut self, size: usize) -> Outcome<()> {
        match self.out.capacity() - self.out.len() < size.saturating_add(SMALL) {
            true => self.grow(size),
            false => Ok(()),
        }
    }

    #[cold]
    fn grow(&mut self, size: usize) -> Outcome<()> {
        let wanted = self.out.len().saturating_add(size);
        if wanted > MOST {
            let megabytes = wanted >> 20;
            return Err(Fault::refuse(format!(
                "with {megabytes} MiB the document is larger than BSON can say (2 GiB)"
            )));
        }
        // A document that is too large for memory is an error, not the process's end.
        let grown = self.out.try_reserve(size + SMALL);
        let grown = grown.or_else(|_| self.out.try_reserve_exact(size + SMALL));
        grown.map_err(|_| PyMemoryError::new_err(()).into())
    }

    /// Writes a text.
    #[inline]
    pub fn string(&mut self, text: &[u8]) -> Outcome<()> {
        self.room(text.len())?;
        string(&mut self.out, text);
        Ok(())
    }

    /// Writes bytes.
    #[inline]
    pub fn binary(&mut self, subtype: u8, bytes: &[u8]) -> Outcome<()> {
        self.room(bytes.len())?;
        binary(&mut self.out, subtype, bytes);
        Ok(())
    }

    /// Puts elements behind those of the one whole document that was written.
    pub fn append(&mut self, elements: &[u8]) -> Outcome<()> {
        self.room(elements.len())?;
        self.out.pop();
        self.out.extend_from_slice(elements);
        close(&mut self.out, 0);
        Ok(())
    }

    /// The head of an array's item.
    #[inline]
    pub fn place(&mut self, at: usize) -> Outcome<Mark> {
        self.room(0)?;
        Ok(index(&mut self.out, at))
    }

    /// Runs `inner` one level deeper, if there may be one.
    #[inline]
    pub fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth >= MAX_DEPTH {
            let hint = format!(
                "nested more than {MAX_DEPTH} levels deep, or a value that contains itself"
            );
            return Err(Fault::refuse(hint));
        }
        self.depth += 1;
        let outcome = inner(self);
        self.depth -= 1;
        outcome
    }

    /// An element's head from a key that is checked.
    pub fn head(&mut self, key: &Bound<'py, PyAny>) -> Outcome<Mark> {
        let Ok(text) = key.cast::<PyString>() else {
            let kind = key.get_type().name()?;
            let hint = format!(
                "the key {} is {kind}, not str; convert it first",
                shown(key)
            );
            return Err(Fault::refuse(hint));
        };
        let key = utf8(text)?;
        if key.as_bytes().contains(&0) {
            return Err(Fault::refuse(format!("the key {key:?} has a NUL in it")));
        }
        self.room(key.len())?;
        Ok(head(&mut self.out, key.as_bytes()))
    }
}

/// The text as UTF-8, which a lone surrogate has no place in.
#[inline]
pub fn utf8<'a>(text: &'a Bound<'_, PyString>) -> Outcome<&'a str> {
    text.to_str().map_err(|_| {
        let hint = "the text has a lone surrogate and no UTF-8 form; \
                    decode its source with errors='replace'";
        Fault::refuse(format!("{hint}: {}", shown(text)))
    })
}

/// A short `repr` for a message.
pub fn shown(value: &Bound<'_, PyAny>) -> String {
    let text = value.repr().map(|text| text.to_string_lossy().into_owned());
    let text = text.unwrap_or_else(|_| "(no repr)".into());
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
