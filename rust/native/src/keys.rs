//! The cache of key texts: the same few keys come in every document.
//!
//! It is taken out of its thread's drawer while a call uses it. Making an
//! object can run the collector, that can run a finalizer, and that can call
//! the codec again: the inner call finds the drawer empty and takes a new one.

use std::cell::Cell;

use pyo3::prelude::*;

use crate::ffi;

const SLOTS: usize = 512;
const LONGEST: usize = 64;

struct Entry {
    bytes: Box<[u8]>,
    text: Py<PyAny>,
}

/// Key bytes to Python text, by hash, one entry a slot.
pub struct Keys(Vec<Option<Entry>>);

thread_local! {
    static DRAWER: Cell<Option<Keys>> = const { Cell::new(None) };
}

impl Keys {
    /// Takes this thread's cache; give it back with [`Keys::put_back`].
    pub fn take() -> Self {
        let kept = DRAWER.try_with(Cell::take).ok().flatten();
        kept.unwrap_or_else(|| Self((0..SLOTS).map(|_| None).collect()))
    }

    /// Lays the cache into the drawer.
    pub fn put_back(self) {
        let _ = DRAWER.try_with(|drawer| drawer.set(Some(self)));
    }

    /// The text of `key`; None when it is not UTF-8.
    #[inline]
    pub fn text<'py>(&mut self, py: Python<'py>, key: &[u8]) -> Option<Bound<'py, PyAny>> {
        if key.len() > LONGEST {
            return ffi::text(py, key);
        }
        let slot = &mut self.0[hash(key) as usize % SLOTS];
        if let Some(entry) = slot
            && *entry.bytes == *key
        {
            return Some(entry.text.clone_ref(py).into_bound(py));
        }
        let text = ffi::text(py, key)?;
        let bytes = key.into();
        let kept = text.clone().unbind();
        *slot = Some(Entry { bytes, text: kept });
        Some(text)
    }
}

/// A quick hash for short keys.
#[inline]
pub fn hash(key: &[u8]) -> u64 {
    let mut hash = key.len() as u64;
    for part in key.chunks(8) {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        hash ^= hash >> 29;
    }
    hash
}
