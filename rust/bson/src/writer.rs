//! Elements into a growing buffer, lengths patched when a document ends.
//!
//! The head of an element (type and key) and its value are written apart, since
//! a caller often learns the type only while writing the value: [`Mark`]
//! remembers where the type byte stands.

use crate::error::Error;

pub use crate::document::{close, open};

/// Where an element's type byte stands, still to be set.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Mark(usize);

/// Appends an element's head whose type is not known yet.
///
/// `key` must hold no NUL; see [`check_key`].
#[inline]
pub fn head(out: &mut Vec<u8>, key: &[u8]) -> Mark {
    let mark = Mark(out.len());
    out.push(0);
    out.extend_from_slice(key);
    out.push(0);
    mark
}

impl Mark {
    /// Sets the type.
    #[inline]
    pub fn set(self, out: &mut [u8], tag: u8) {
        out[self.0] = tag;
    }

    /// Takes the element back, head and all.
    pub fn undo(self, out: &mut Vec<u8>) {
        out.truncate(self.0);
    }
}

/// Refuses a key that would end before its end.
pub fn check_key(key: &[u8]) -> Result<(), Error> {
    match key.iter().position(|b| *b == 0) {
        Some(at) => Err(Error::new("a key with a NUL in it", at)),
        None => Ok(()),
    }
}

/// Appends a string value.
#[inline]
pub fn string(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(&(text.len() as u32 + 1).to_le_bytes());
    out.extend_from_slice(text);
    out.push(0);
}

/// Appends a binary value; the old subtype 2 gets its second length.
#[inline]
pub fn binary(out: &mut Vec<u8>, subtype: u8, bytes: &[u8]) {
    let size = bytes.len() as u32;
    if subtype == 2 {
        out.extend_from_slice(&(size + 4).to_le_bytes());
        out.push(subtype);
        out.extend_from_slice(&size.to_le_bytes());
    } else {
        out.extend_from_slice(&size.to_le_bytes());
        out.push(subtype);
    }
    out.extend_from_slice(bytes);
}

/// Appends a NUL-terminated text, which must hold no NUL itself.
pub fn cstring(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(text);
    out.push(0);
}

/// Appends an integer in as few bytes as MongoDB's own: int32 where it fits. Gives the type.
#[inline]
pub fn integer(out: &mut Vec<u8>, value: i64) -> u8 {
    if let Ok(small) = i32::try_from(value) {
        out.extend_from_slice(&small.to_le_bytes());
        crate::element::INT32
    } else {
        out.extend_from_slice(&value.to_le_bytes());
        crate::element::INT64
    }
}

/// Appends an array's key: the position in decimal, and its NUL.
#[inline]
pub fn index(out: &mut Vec<u8>, at: usize) -> Mark {
    let mark = Mark(out.len());
    out.push(0);
    let mut digits = [0u8; 20];
    let mut from = digits.len();
    let mut rest = at;
    loop {
        from -= 1;
        digits[from] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[from..]);
    out.push(0);
    mark
}
