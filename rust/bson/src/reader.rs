//! A cursor over one document that gives type, key and value of each element.
//!
//! A [`Reader`] lies over exactly the bytes of one document: whoever opens it has
//! checked that the length in front is the slice's and that the last byte is
//! the terminator, and no value may reach over that terminator. So a length
//! that lies is found where it stands, and an inner document can't read on in
//! the outer one. Nothing recurses here; how deep to go is the caller's choice
//! ([`MAX_DEPTH`] is the limit of ours).

use crate::element::{
    ARRAY, BINARY, BOOL, CODE, CODE_WITH_SCOPE, DATE_TIME, DB_POINTER, DECIMAL128, DOCUMENT,
    DOUBLE, INT32, INT64, MAX_KEY, MIN_KEY, NULL, OBJECT_ID, REGEX, STRING, SYMBOL, TIMESTAMP,
    UNDEFINED,
};
use crate::error::{Error, Result};

/// How deep documents may lie in documents before reading and writing refuse.
pub const MAX_DEPTH: usize = 200;

/// A cursor over one document.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    base: usize,
}

/// A key that probably comes next, ready to be compared.
#[derive(Clone, Debug)]
pub struct Expected {
    /// With its NUL.
    key: Box<[u8]>,
    /// The key as one number, and the bits that count; no bits when it is longer.
    word: u128,
    mask: u128,
}

impl Expected {
    /// A key without its NUL.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        let key: Box<[u8]> = [key, b"\0"].concat().into();
        let mut bytes = [0; 16];
        let mut bits = [0; 16];
        if key.len() <= bytes.len() {
            bytes[..key.len()].copy_from_slice(&key);
            bits[..key.len()].fill(0xFF);
        }
        let (word, mask) = (u128::from_le_bytes(bytes), u128::from_le_bytes(bits));
        Self { key, word, mask }
    }

    /// The key, without its NUL.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key[..self.key.len() - 1]
    }
}

/// The head of an element: its type and its key, not yet checked to be UTF-8.
pub type Head<'a> = (u8, &'a [u8]);

impl<'a> Reader<'a> {
    /// Opens a document that fills `bytes`. Checks length and terminator.
    pub fn new(bytes: &'a [u8]) -> Result<Self> {
        Self::inside(bytes, 0)
    }

    /// Opens a document that fills `bytes` and lies `base` bytes deep in another.
    pub fn inside(bytes: &'a [u8], base: usize) -> Result<Self> {
        let Some(head) = bytes.first_chunk::<4>() else {
            return Err(Error::new("fewer bytes than a document's length", base));
        };
        if i64::from(i32::from_le_bytes(*head)) != bytes.len() as i64 || bytes.len() < 5 {
            return Err(Error::new("a length that is not the document's", base));
        }
        if bytes[bytes.len() - 1] != 0 {
            let end = base + bytes.len() - 1;
            return Err(Error::new("a document without its end", end));
        }
        let at = 4;
        Ok(Self { bytes, at, base })
    }

    /// The whole document, its length and terminator included.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The elements alone: no length in front, no terminator behind.
    #[must_use]
    pub fn elements(&self) -> &'a [u8] {
        &self.bytes[4..self.bytes.len() - 1]
    }

    /// Where the cursor stands, from the start of the outermost document.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.base + self.at
    }

    /// Whether only the terminator is left.
    #[inline]
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.at + 1 >= self.bytes.len()
    }

    /// Where the cursor stands in this document.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// Puts the cursor where [`Reader::position`] once was.
    pub fn seek(&mut self, position: usize) {
        self.at = position.clamp(4, self.bytes.len());
    }

    /// An error where the cursor stands.
    #[cold]
    #[must_use]
    pub fn error(&self, what: &'static str) -> Error {
        Error::new(what, self.offset())
    }

    /// Type and key of the next element; None at the end of the document.
    #[inline]
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Head<'a>>> {
        let tag = self.tag()?;
        if tag == 0 {
            return Ok(None);
        }
        Ok(Some((tag, self.cstring_bytes()?)))
    }

    #[inline]
    fn tag(&mut self) -> Result<u8> {
        let Some(&tag) = self.bytes.get(self.at) else {
            return Err(self.error("the document ends too early"));
        };
        self.at += 1;
        if tag == 0 && self.at != self.bytes.len() {
            return Err(self.error("bytes after the document's end"));
        }
        Ok(tag)
    }

    /// The type of the next element if its key is the expected one.
    ///
    /// Leaves the cursor alone otherwise. Documents of one class have their
    /// fields in one order nearly always, so this saves looking for the key's
    /// end and looking the key up.
    #[inline]
    pub fn predicted(&mut self, expected: &Expected) -> Option<u8> {
        let (&tag, rest) = self.bytes.get(self.at..)?.split_first()?;
        let same = match rest.first_chunk::<16>() {
            Some(head) if expected.mask != 0 => {
                (u128::from_le_bytes(*head) ^ expected.word) & expected.mask == 0
            }
            _ => rest.starts_with(&expected.key),
        };
        if tag == 0 || !same {
            return None;
        }
        self.at += 1 + expected.key.len();
        Some(tag)
    }

    /// The next `size` bytes; never the terminator.
    #[inline]
    pub fn take(&mut self, size: usize) -> Result<&'a [u8]> {
        let end = self.bytes.len() - 1;
        if self.at > end || size > end - self.at {
            return Err(self.error("a value that reaches over the document's end"));
        }
        let part = &self.bytes[self.at..self.at + size];
        self.at += size;
        Ok(part)
    }

    #[inline]
    fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        let part = self.take(N)?;
        part.try_into()
            .map_err(|_| self.error("a value that reaches over the document's end"))
    }

    #[inline]
    fn size(&mut self) -> Result<usize> {
        let size = self.int32()?;
        usize::try_from(size).map_err(|_| self.error("a negative length"))
    }

    /// A NUL-terminated text, without the NUL.
    #[inline]
    pub fn cstring_bytes(&mut self) -> Result<&'a [u8]> {
        let end = self.bytes.len() - 1;
        let rest = self.bytes.get(self.at..end).unwrap_or_default();
        match rest.iter().position(|b| *b == 0) {
            Some(size) => {
                self.at += size + 1;
                Ok(&rest[..size])
            }
            None => Err(self.error("a key without its end")),
        }
    }

    /// [`Reader::cstring_bytes`], checked to be UTF-8.
    pub fn cstring(&mut self) -> Result<&'a str> {
        let bytes = self.cstring_bytes()?;
        self.text(bytes)
    }

    /// `bytes`, checked to be UTF-8.
    pub fn text(&self, bytes: &'a [u8]) -> Result<&'a str> {
        std::str::from_utf8(bytes).map_err(|_| self.error("text that is not UTF-8"))
    }

    /// A string's bytes, not yet checked to be UTF-8.
    #[inline]
    pub fn string_bytes(&mut self) -> Result<&'a [u8]> {
        let size = self.size()?;
        match self.take(size)?.split_last() {
            Some((0, text)) => Ok(text),
            _ => Err(self.error("a text without its end")),
        }
    }

    /// A string (also code and symbol), checked to be UTF-8.
    pub fn string(&mut self) -> Result<&'a str> {
        let bytes = self.string_bytes()?;
        self.text(bytes)
    }

    /// A double.
    #[inline]
    pub fn double(&mut self) -> Result<f64> {
        Ok(f64::from_le_bytes(self.fixed()?))
    }

    /// An int32.
    #[inline]
    pub fn int32(&mut self) -> Result<i32> {
        Ok(i32::from_le_bytes(self.fixed()?))
    }

    /// An int64, also the milliseconds of a date.
    #[inline]
    pub fn int64(&mut self) -> Result<i64> {
        Ok(i64::from_le_bytes(self.fixed()?))
    }

    /// A boolean; its byte must be 0 or 1.
    #[inline]
    pub fn boolean(&mut self) -> Result<bool> {
        match self.fixed::<1>()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(self.error("a boolean that is neither 0 nor 1")),
        }
    }

    /// An ObjectId.
    #[inline]
    pub fn object_id(&mut self) -> Result<[u8; 12]> {
        self.fixed()
    }

    /// The sixteen bytes of a decimal, little-endian.
    #[inline]
    pub fn decimal128(&mut self) -> Result<[u8; 16]> {
        self.fixed()
    }

    /// Seconds and increment.
    pub fn timestamp(&mut self) -> Result<(u32, u32)> {
        let increment = u32::from_le_bytes(self.fixed()?);
        Ok((u32::from_le_bytes(self.fixed()?), increment))
    }

    /// Subtype and bytes. The inner length of subtype 2 is checked and left out.
    #[inline]
    pub fn binary(&mut self) -> Result<(u8, &'a [u8])> {
        let size = self.size()?;
        let [subtype] = self.fixed::<1>()?;
        if subtype != 2 {
            return Ok((subtype, self.take(size)?));
        }
        let inner = self.size()?;
        if inner.checked_add(4) != Some(size) {
            return Err(self.error("an old binary whose lengths differ"));
        }
        Ok((subtype, self.take(inner)?))
    }

    /// Opens an embedded document or array and steps over it.
    #[inline]
    pub fn document(&mut self) -> Result<Reader<'a>> {
        let start = self.at;
        let base = self.offset();
        let size = self.size()?;
        self.at = start;
        Reader::inside(self.take(size)?, base)
    }

    /// Code with its scope.
    pub fn code_with_scope(&mut self) -> Result<(&'a str, Reader<'a>)> {
        let start = self.at;
        let size = self.size()?;
        let code = self.string()?;
        let scope = self.document()?;
        if self.at - start != size {
            return Err(self.error("a length that is not the code's"));
        }
        Ok((code, scope))
    }

    /// Namespace and id of a DBPointer.
    pub fn db_pointer(&mut self) -> Result<(&'a str, [u8; 12])> {
        Ok((self.string()?, self.object_id()?))
    }

    /// Steps over a value by its lengths alone, and gives its bytes.
    pub fn skip(&mut self, tag: u8) -> Result<&'a [u8]> {
        let start = self.at;
        match tag {
            DOUBLE | DATE_TIME | TIMESTAMP | INT64 => drop(self.take(8)?),
            STRING | CODE | SYMBOL => drop(self.string_bytes()?),
            DOCUMENT | ARRAY => drop(self.document()?),
            BINARY => drop(self.binary()?),
            UNDEFINED | NULL | MIN_KEY | MAX_KEY => {}
            OBJECT_ID => drop(self.take(12)?),
            BOOL => drop(self.boolean()?),
            REGEX => {
                self.cstring_bytes()?;
                self.cstring_bytes()?;
            }
            DB_POINTER => {
                self.string_bytes()?;
                self.take(12)?;
            }
            CODE_WITH_SCOPE => drop(self.code_with_scope()?),
            INT32 => drop(self.take(4)?),
            DECIMAL128 => drop(self.take(16)?),
            _ => return Err(self.error("an unknown type")),
        }
        Ok(&self.bytes[start..self.at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &[u8] = b"\x0c\0\0\0\x10a\0\x01\0\0\0\0";

    #[test]
    fn elements_come_in_order_and_end() {
        let mut reader = Reader::new(SMALL).unwrap();

        assert_eq!(Some((INT32, b"a".as_slice())), reader.next().unwrap());
        assert_eq!(1, reader.int32().unwrap());
        assert_eq!(None, reader.next().unwrap());
    }

    #[test]
    fn a_predicted_key_is_found_without_looking() {
        let mut reader = Reader::new(SMALL).unwrap();

        assert_eq!(None, reader.predicted(&Expected::new(b"b")));
        assert_eq!(Some(INT32), reader.predicted(&Expected::new(b"a")));
    }

    #[test]
    fn a_cut_or_longer_document_is_refused() {
        for end in 0..SMALL.len() {
            assert!(Reader::new(&SMALL[..end]).is_err());
        }

        assert!(Reader::new(&[SMALL, b"\0"].concat()).is_err());
    }

    #[test]
    fn the_terminator_is_nobodys_value() {
        let mut reader = Reader::new(b"\x08\0\0\0\x08a\0\0").unwrap();
        reader.next().unwrap();

        assert!(reader.boolean().is_err());
    }
}
