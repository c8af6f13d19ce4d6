//! [`Document`] from bytes and to bytes, and single fields read out of bytes.
//!
//! Every length, terminator, type and text is checked; no input panics. The
//! reader is recursive, so nesting is limited by [`MAX_DEPTH`].

use std::fmt;

use crate::{Document, Value};

mod write;

pub use write::{append_element, append_index_key, append_key, close, open, type_byte};

/// How deep documents may lie in documents: what MongoDB itself allows, and
/// some room for the command around them.
pub const MAX_DEPTH: usize = 220;

/// Why bytes are not a BSON document, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentError {
    /// Bytes from the start of the outermost document.
    pub offset: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid BSON at byte {}: {}", self.offset, self.what)
    }
}

impl std::error::Error for DocumentError {}

type Result<T> = std::result::Result<T, DocumentError>;

impl Document {
    /// Reads exactly one document that fills `bytes`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader { bytes, at: 0 };
        let document = reader.document(0)?;
        reader.end()?;
        Ok(document)
    }

    /// The document as BSON bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + self.len() * 24);
        self.append_to(&mut out);
        out
    }

    /// Appends the document as BSON bytes.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        let start = open(out);
        for (key, value) in self {
            append_element(out, key, value);
        }
        close(out, start);
    }
}

/// Checks that `bytes` are exactly one document, without building it.
pub fn validate(bytes: &[u8]) -> Result<()> {
    let mut reader = Reader { bytes, at: 0 };
    reader.skip_document(0)?;
    reader.end()
}

/// The length that the document at the start of `bytes` claims, if it can be
/// true.
pub fn document_length(bytes: &[u8]) -> Result<usize> {
    let mut reader = Reader { bytes, at: 0 };
    Ok(reader.frame(5)? + 4)
}

/// The top-level field `key` of a document; every other field is stepped over.
pub fn field(bytes: &[u8], key: &str) -> Result<Option<Value>> {
    let mut elements = Elements::new(bytes)?;
    while let Some((found, kind)) = elements.next_head()? {
        if found == key.as_bytes() {
            return elements.read(kind).map(Some);
        }
        elements.skip(kind)?;
    }
    Ok(None)
}

/// Walks the top-level elements of a document one after the other.
pub struct Elements<'a>(Reader<'a>);

impl<'a> Elements<'a> {
    /// Starts at the first element.
    pub fn new(bytes: &'a [u8]) -> Result<Self> {
        let mut reader = Reader { bytes, at: 0 };
        reader.frame(5)?;
        Ok(Self(reader))
    }

    /// Key and type of the next element; `read` or `skip` its value then.
    pub fn next_head(&mut self) -> Result<Option<(&'a [u8], u8)>> {
        match self.0.byte()? {
            0 => Ok(None),
            kind => Ok(Some((self.0.cstring_bytes()?, kind))),
        }
    }

    /// The value of the element whose head was just read.
    pub fn read(&mut self, kind: u8) -> Result<Value> {
        self.0.value(kind, 0)
    }

    /// Steps over the value of the element whose head was just read, and gives
    /// its bytes.
    pub fn skip(&mut self, kind: u8) -> Result<&'a [u8]> {
        let start = self.0.at;
        self.0.jump(kind)?;
        Ok(&self.0.bytes[start..self.0.at])
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn fail<T>(&self, what: &'static str) -> Result<T> {
        Err(DocumentError {
            offset: self.at,
            what,
        })
    }

    fn end(&self) -> Result<()> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            self.fail("bytes after the end")
        }
    }

    fn take(&mut self, size: usize) -> Result<&'a [u8]> {
        match self
            .at
            .checked_add(size)
            .and_then(|end| self.bytes.get(self.at..end))
        {
            Some(part) => {
                self.at += size;
                Ok(part)
            }
            None => self.fail("the input ends too early"),
        }
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        let part = self.take(N)?;
        Ok(<[u8; N]>::try_from(part).unwrap_or([0; N]))
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.fixed::<1>()?[0])
    }

    fn size(&mut self) -> Result<usize> {
        let size = i32::from_le_bytes(self.fixed()?);
        usize::try_from(size).or_else(|_| self.fail("a negative length"))
    }

    /// A length that counts its own four bytes; how many follow.
    fn frame(&mut self, least: usize) -> Result<usize> {
        let size = self.size()?;
        if size < least || size - 4 > self.bytes.len() - self.at {
            return self.fail("a length that can't be");
        }
        Ok(size - 4)
    }

    fn cstring_bytes(&mut self) -> Result<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        match rest.iter().position(|b| *b == 0) {
            Some(end) => {
                self.at += end + 1;
                Ok(&rest[..end])
            }
            None => self.fail("a key without its end"),
        }
    }

    fn cstring(&mut self) -> Result<&'a str> {
        let bytes = self.cstring_bytes()?;
        std::str::from_utf8(bytes).or_else(|_| self.fail("text that is not UTF-8"))
    }

    fn string(&mut self) -> Result<&'a str> {
        let size = self.size()?;
        if size == 0 {
            return self.fail("a text without its end");
        }
        let bytes = self.take(size - 1)?;
        if self.byte()? != 0 {
            return self.fail("a text without its end");
        }
        std::str::from_utf8(bytes).or_else(|_| self.fail("text that is not UTF-8"))
    }

    fn binary(&mut self) -> Result<(u8, &'a [u8])> {
        let size = self.size()?;
        let kind = self.byte()?;
        if kind != 2 {
            return Ok((kind, self.take(size)?));
        }
        let inner = self.size()?;
        if inner.checked_add(4) != Some(size) {
            return self.fail("an old binary whose lengths differ");
        }
        Ok((kind, self.take(inner)?))
    }

    fn boolean(&mut self) -> Result<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => self.fail("a boolean that is neither 0 nor 1"),
        }
    }

    fn deeper(&self, depth: usize) -> Result<usize> {
        if depth >= MAX_DEPTH {
            self.fail("nested too deeply")
        } else {
            Ok(depth + 1)
        }
    }

    /// Opens a document; gives where its terminator must be.
    fn begin(&mut self) -> Result<usize> {
        let size = self.frame(5)?;
        Ok(self.at + size - 1)
    }

    fn finish(&mut self, end: usize) -> Result<()> {
        if self.at != end + 1 {
            self.fail("a length that is not the document's")
        } else {
            Ok(())
        }
    }

    fn document(&mut self, depth: usize) -> Result<Document> {
        let end = self.begin()?;
        let mut document = Document::new();
        loop {
            let kind = self.byte()?;
            if kind == 0 {
                break;
            }
            let key = self.cstring()?;
            document.push(key, self.value(kind, depth)?);
        }
        self.finish(end)?;
        Ok(document)
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Value>> {
        let end = self.begin()?;
        let mut items = Vec::new();
        loop {
            let kind = self.byte()?;
            if kind == 0 {
                break;
            }
            self.cstring()?;
            items.push(self.value(kind, depth)?);
        }
        self.finish(end)?;
        Ok(items)
    }

    fn value(&mut self, kind: u8, depth: usize) -> Result<Value> {
        Ok(match kind {
            0x01 => Value::Double(f64::from_le_bytes(self.fixed()?)),
            0x02 => Value::String(self.string()?.to_owned()),
            0x03 => Value::Document(self.document(self.deeper(depth)?)?),
            0x04 => Value::Array(self.array(self.deeper(depth)?)?),
            0x05 => {
                let (kind, bytes) = self.binary()?;
                Value::Binary(kind, bytes.to_vec())
            }
            0x06 => Value::Undefined,
            0x07 => Value::ObjectId(self.fixed()?),
            0x08 => Value::Bool(self.boolean()?),
            0x09 => Value::DateTime(i64::from_le_bytes(self.fixed()?)),
            0x0A => Value::Null,
            0x0B => Value::Regex(self.cstring()?.to_owned(), self.cstring()?.to_owned()),
            0x0C => Value::DbPointer(self.string()?.to_owned(), self.fixed()?),
            0x0D => Value::Code(self.string()?.to_owned()),
            0x0E => Value::Symbol(self.string()?.to_owned()),
            0x0F => self.scoped(self.deeper(depth)?)?,
            0x10 => Value::Int32(i32::from_le_bytes(self.fixed()?)),
            0x11 => {
                let increment = u32::from_le_bytes(self.fixed()?);
                Value::Timestamp(u32::from_le_bytes(self.fixed()?), increment)
            }
            0x12 => Value::Int64(i64::from_le_bytes(self.fixed()?)),
            0x13 => Value::Decimal128(self.fixed()?),
            0xFF => Value::MinKey,
            0x7F => Value::MaxKey,
            _ => return self.fail("an unknown type"),
        })
    }

    fn scoped(&mut self, depth: usize) -> Result<Value> {
        let start = self.at;
        let size = self.frame(14)? + 4;
        let code = self.string()?.to_owned();
        let scope = self.document(depth)?;
        if self.at != start + size {
            return self.fail("a length that is not the code's");
        }
        Ok(Value::CodeWithScope(code, scope))
    }

    fn skip_document(&mut self, depth: usize) -> Result<()> {
        let end = self.begin()?;
        loop {
            let kind = self.byte()?;
            if kind == 0 {
                return self.finish(end);
            }
            self.cstring()?;
            self.check(kind, depth)?;
        }
    }

    /// Steps over a value and checks it.
    fn check(&mut self, kind: u8, depth: usize) -> Result<()> {
        match kind {
            0x02 | 0x0D | 0x0E => self.string().map(drop),
            0x03 | 0x04 => self.skip_document(self.deeper(depth)?),
            0x05 => self.binary().map(drop),
            0x08 => self.boolean().map(drop),
            0x0B => {
                self.cstring()?;
                self.cstring().map(drop)
            }
            0x0C => {
                self.string()?;
                self.take(12).map(drop)
            }
            0x0F => self.scoped(self.deeper(depth)?).map(drop),
            _ => self.jump(kind),
        }
    }

    /// Steps over a value by its lengths alone.
    fn jump(&mut self, kind: u8) -> Result<()> {
        let size = match kind {
            0x01 | 0x09 | 0x11 | 0x12 => 8,
            0x02 | 0x0D | 0x0E => self.size()?,
            0x03 | 0x04 | 0x0F => self.frame(5)?,
            0x05 => self.size()? + 1,
            0x06 | 0x0A | 0x7F | 0xFF => 0,
            0x07 => 12,
            0x08 => 1,
            0x0B => {
                self.cstring_bytes()?;
                self.cstring_bytes()?;
                0
            }
            0x0C => self.size()? + 12,
            0x10 => 4,
            0x13 => 16,
            _ => return self.fail("an unknown type"),
        };
        self.take(size).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_type() -> Document {
        let mut inner = Document::new();
        inner.push("x", 1);
        let values = vec![
            Value::Double(1.5),
            Value::from("text\0with nul"),
            Value::Document(inner.clone()),
            Value::Array(vec![Value::Int32(1), Value::Null]),
            Value::Binary(0, vec![1, 2, 3]),
            Value::Binary(2, vec![1, 2, 3]),
            Value::Undefined,
            Value::ObjectId([7; 12]),
            Value::Bool(true),
            Value::DateTime(-5),
            Value::Null,
            Value::Regex("^a".into(), "i".into()),
            Value::DbPointer("a.b".into(), [1; 12]),
            Value::Code("f()".into()),
            Value::Symbol("s".into()),
            Value::CodeWithScope("g()".into(), inner),
            Value::Int32(-1),
            Value::Timestamp(1, 2),
            Value::Int64(i64::MIN),
            Value::Decimal128([9; 16]),
            Value::MinKey,
            Value::MaxKey,
        ];
        values
            .into_iter()
            .enumerate()
            .map(|(at, value)| (format!("k{at}"), value))
            .collect()
    }

    #[test]
    fn every_type_comes_back_as_it_went() {
        let document = every_type();

        assert_eq!(
            Ok(document.clone()),
            Document::from_bytes(&document.to_bytes())
        );
        assert_eq!(Ok(()), validate(&document.to_bytes()));
    }

    #[test]
    fn every_field_is_found_alone() {
        let document = every_type();
        let bytes = document.to_bytes();
        for (key, value) in &document {
            assert_eq!(Ok(Some(value.clone())), field(&bytes, key));
        }

        assert_eq!(Ok(None), field(&bytes, "absent"));
    }

    #[test]
    fn a_cut_document_is_refused() {
        let bytes = every_type().to_bytes();
        for end in 0..bytes.len() {
            assert!(Document::from_bytes(&bytes[..end]).is_err());
            assert!(validate(&bytes[..end]).is_err());
        }
    }

    #[test]
    fn a_changed_byte_never_panics() {
        let bytes = every_type().to_bytes();
        let step = if cfg!(miri) { 7 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            for change in [0, 1, 0x7F, 0x80, 0xFF] {
                let mut changed = bytes.clone();
                changed[at] = change;
                let read = Document::from_bytes(&changed).is_ok();

                assert_eq!(read, validate(&changed).is_ok());
                let _ = field(&changed, "k21");
            }
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let mut document = Document::new();
        for _ in 0..=MAX_DEPTH {
            let mut outer = Document::new();
            outer.push("d", document);
            document = outer;
        }

        assert!(Document::from_bytes(&document.to_bytes()).is_err());
    }
}
