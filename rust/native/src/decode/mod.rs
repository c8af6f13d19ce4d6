//! BSON to Python objects.
//!
//! Each kind of value has a file, with one function that is given the type byte
//! and a reader standing at the value. [`Decoder`] is what they share in a call.

mod adopt;
mod any;
mod choice;
mod date;
mod list;
mod model;
mod repeated;
mod scalar;
mod temporal;
mod through;
mod typed;
mod union;

pub use adopt::adopted;
pub use any::{value, whole};
pub use model::whole as instance;
pub use repeated::last_of_each;
pub use scalar::{double, exactly, integer};
pub use temporal::midnight;
pub use typed::{is_null, value_error};
pub use union::tagged;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView, PySlice};

use crate::errors::{Fault, Outcome};
use crate::ffi::{Hidden, Texts};
use crate::kept::{LARGE, LargeValues};
use crate::keys::Keys;
use crate::types::{Types, types};
use mongolane_bson::{MAX_DEPTH, Reader};

/// From so many documents on, or so many bytes, what is made ready for a batch pays.
const MANY: usize = 16;

/// What the functions of one call share.
pub struct Decoder<'py> {
    pub py: Python<'py>,
    pub types: &'static Types,
    pub keys: Keys,
    /// Dates aware (UTC) or naive.
    pub aware: bool,
    /// Text that is not UTF-8 is repaired instead of refused.
    pub lossy: bool,
    /// A dict was made of a document in which a key stands twice.
    pub repeated: bool,
    /// A value of an unusual type was made.
    pub unusual: bool,
    /// Decimal128 as Python's Decimal.
    pub decimals: bool,
    /// Items of the lists in the making.
    pub items: Vec<Bound<'py, PyAny>>,
    /// Values of the instances in the making, by field.
    pub slots: Vec<Option<Bound<'py, PyAny>>>,
    /// Large values, which need no second copy.
    pub large: LargeValues<'py>,
    /// The bytes object that is read, where there is one.
    pub source: Option<Bound<'py, PyBytes>>,
    /// Containers that the collector will hear of; None: it does at once.
    hidden: Option<Hidden<'py>>,
    /// Texts that came before; None: they are not kept.
    texts: Option<Texts<'py>>,
    depth: usize,
}

impl<'py> Decoder<'py> {
    /// A decoder that makes aware dates and refuses bad text.
    pub fn new(py: Python<'py>) -> PyResult<Self> {
        Ok(Self {
            py,
            types: types(py)?,
            keys: Keys::take(),
            aware: true,
            lossy: false,
            repeated: false,
            unusual: false,
            decimals: false,
            items: Vec::new(),
            slots: Vec::new(),
            large: LargeValues::default(),
            source: None,
            hidden: None,
            texts: None,
            depth: 0,
        })
    }

    /// A document's bytes, to be kept; without a copy where that costs nothing else.
    pub fn kept(&self, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let is_large = bytes.len() >= LARGE;
        if is_large && let Some(kept) = self.large.kept(bytes) {
            return Ok(Bound::new(self.py, kept)?.into_any());
        }
        match self.part(bytes)? {
            Some(part) => Ok(part),
            None => Ok(crate::ffi::bytes(self.py, bytes)?.into_any()),
        }
    }

    /// All of the source, or most of a large one.
    fn part(&self, bytes: &[u8]) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(source) = &self.source else {
            return Ok(None);
        };
        let all = source.as_bytes();
        if all.len() == bytes.len() {
            return Ok(Some(source.clone().into_any()));
        }
        let start = (bytes.as_ptr() as usize).wrapping_sub(all.as_ptr() as usize);
        let inside = start < all.len() && bytes.len() <= all.len() - start;
        // A part keeps the whole alive.
        if !inside || bytes.len() < LARGE || bytes.len() < all.len() / 2 {
            return Ok(None);
        }
        let (first, end) = (start as isize, (start + bytes.len()) as isize);
        let view = PyMemoryView::from(source)?;
        view.get_item(PySlice::new(self.py, first, end, 1))
            .map(Some)
    }

    /// Prepares for so many documents of one class, in so many bytes.
    pub fn expect(&mut self, count: usize, size: usize) {
        if count >= MANY || size >= LARGE {
            self.hidden = Some(Hidden::default());
            self.texts = Some(Texts::new());
        }
    }

    /// Takes note of a container that was just made.
    #[inline]
    pub fn hide(&mut self, made: &Bound<'py, PyAny>) {
        if let Some(hidden) = &mut self.hidden {
            hidden.add(made);
        }
    }

    /// Runs `inner` one level deeper, if there may be one.
    #[inline]
    pub fn deeper<T>(
        &mut self,
        reader: &Reader<'_>,
        inner: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        if self.depth >= MAX_DEPTH {
            return Err(reader.error("nested too deeply").into());
        }
        self.depth += 1;
        let outcome = inner(self);
        self.depth -= 1;
        outcome
    }

    /// The same for values of Python: too deep is a mismatch.
    pub fn level<T>(&mut self, inner: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::Mismatch);
        }
        self.depth += 1;
        let outcome = inner(self);
        self.depth -= 1;
        outcome
    }

    /// Where the stacks end: for `reset`.
    pub fn marks(&self) -> (usize, usize, usize) {
        (self.items.len(), self.slots.len(), self.large.mark())
    }

    /// Forgets what a document left behind that did not fit.
    pub fn reset(&mut self, (items, slots, large): (usize, usize, usize)) {
        self.items.truncate(items);
        self.slots.truncate(slots);
        self.large.forget(large);
    }

    /// Text from a string's bytes.
    #[inline]
    pub fn text(&mut self, reader: &Reader<'_>, bytes: &[u8]) -> Outcome<Bound<'py, PyAny>> {
        let text = match &mut self.texts {
            Some(texts) if texts.pays() => texts.text(self.py, bytes),
            _ => crate::ffi::text(self.py, bytes),
        };
        match text {
            Some(text) => {
                self.large.add(bytes, &text);
                Ok(text)
            }
            None => self.repair(reader, bytes),
        }
    }

    /// A key's text, from the cache.
    #[inline]
    pub fn key(&mut self, reader: &Reader<'_>, bytes: &[u8]) -> Outcome<Bound<'py, PyAny>> {
        if let Some(text) = self.keys.text(self.py, bytes) {
            return Ok(text);
        }
        self.repair(reader, bytes)
    }

    #[cold]
    fn repair(&self, reader: &Reader<'_>, bytes: &[u8]) -> Outcome<Bound<'py, PyAny>> {
        let repaired = self.lossy.then(|| crate::ffi::lossy_text(self.py, bytes));
        let wrong = || Fault::from(reader.error("text that is not UTF-8"));
        repaired.flatten().ok_or_else(wrong)
    }

    /// Ends the call: gives the key cache back.
    pub fn finish<T>(self, outcome: Outcome<T>) -> PyResult<T> {
        self.keys.put_back();
        outcome.map_err(|fault| fault.raise(self.py))
    }
}
