//! Requests.

use mongolane_bson::{Document, Value, document};

use crate::{Error, Result};

/// The largest message that is read.
pub const MAX_MESSAGE: usize = 48_000_000;

const OP_QUERY: i32 = 2004;
const OP_MSG: i32 = 2013;
const CHECKSUM_PRESENT: u32 = 1;
const MORE_TO_COME: u32 = 2;
/// Unknown flags in the lower half must be refused.
const REQUIRED: u32 = 0xFFFF;

/// The sixteen bytes before every message.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// How many bytes follow the header.
    pub rest: usize,
    /// The client's number for the message.
    pub request_id: i32,
    /// The kind of message.
    pub opcode: i32,
}

impl Header {
    /// How many bytes it has.
    pub const SIZE: usize = 16;

    /// Reads a header; the length it gives was checked.
    pub fn parse(bytes: &[u8; Self::SIZE]) -> Result<Self> {
        let word = |at: usize| {
            i32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let size = usize::try_from(word(0)).unwrap_or(0);
        if !(Self::SIZE + 5..=MAX_MESSAGE).contains(&size) {
            return Err(protocol("a message length that can't be"));
        }
        Ok(Self {
            rest: size - Self::SIZE,
            request_id: word(4),
            opcode: word(12),
        })
    }
}

/// One request: a command, and the document sequences beside it.
#[derive(Debug)]
pub struct Request<'m> {
    /// The command.
    pub body: Document,
    /// Documents by the name of the field they stand for, as bytes that were
    /// checked.
    pub sequences: Vec<(&'m str, Vec<&'m [u8]>)>,
    /// Whether the client waits for no reply.
    pub is_silent: bool,
    /// Whether it came as OP_QUERY and is answered as OP_REPLY.
    pub is_legacy: bool,
}

impl<'m> Request<'m> {
    /// Reads what follows a header. An `Err` of code 22 leaves the connection
    /// usable, any other means that nothing on it can be trusted any more.
    pub fn parse(opcode: i32, bytes: &'m [u8]) -> Result<Self> {
        match opcode {
            OP_MSG => parse_message(bytes),
            OP_QUERY => parse_query(bytes),
            other => Err(protocol(&format!(
                "an opcode this server doesn't speak: {other}"
            ))),
        }
    }
}

fn protocol(what: &str) -> Error {
    Error::new(17, what)
}

fn parse_message(bytes: &[u8]) -> Result<Request<'_>> {
    let (flags, mut rest) = split_u32(bytes)?;
    if flags & REQUIRED & !(CHECKSUM_PRESENT | MORE_TO_COME) != 0 {
        return Err(protocol("unknown required flags"));
    }
    if flags & CHECKSUM_PRESENT != 0 {
        let end = rest
            .len()
            .checked_sub(4)
            .ok_or_else(|| protocol("no room for a checksum"))?;
        rest = &rest[..end];
    }
    let (mut body, mut sequences) = (None, Vec::new());
    while let Some((kind, after)) = rest.split_first() {
        rest = match kind {
            0 if body.is_none() => {
                let (document, after) = split_document(after)?;
                body = Some(Document::from_bytes(document).map_err(invalid)?);
                after
            }
            1 => {
                let (sequence, after) = split_sequence(after)?;
                sequences.push(sequence);
                after
            }
            _ => return Err(protocol("an unknown or second section")),
        };
    }
    let body = body.ok_or_else(|| protocol("a message without a body"))?;
    Ok(Request {
        body,
        sequences,
        is_silent: flags & MORE_TO_COME != 0,
        is_legacy: false,
    })
}

fn split_u32(bytes: &[u8]) -> Result<(u32, &[u8])> {
    match bytes.split_first_chunk::<4>() {
        Some((word, rest)) => Ok((u32::from_le_bytes(*word), rest)),
        None => Err(protocol("a message that ends too early")),
    }
}

fn split_document(bytes: &[u8]) -> Result<(&[u8], &[u8])> {
    let size = document::document_length(bytes).map_err(|e| protocol(&e.to_string()))?;
    Ok(bytes.split_at(size))
}

fn split_cstring(bytes: &[u8]) -> Result<(&str, &[u8])> {
    let end = bytes
        .iter()
        .position(|b| *b == 0)
        .ok_or_else(|| protocol("a name without end"))?;
    let name =
        std::str::from_utf8(&bytes[..end]).map_err(|_| protocol("a name that is not UTF-8"))?;
    Ok((name, &bytes[end + 1..]))
}

type Sequence<'m> = (&'m str, Vec<&'m [u8]>);

fn split_sequence(bytes: &[u8]) -> Result<(Sequence<'_>, &[u8])> {
    let (size, _) = split_u32(bytes)?;
    let size = size as usize;
    if size < 5 || size > bytes.len() {
        return Err(protocol("a section length that can't be"));
    }
    let (section, after) = bytes.split_at(size);
    let (name, mut rest) = split_cstring(&section[4..])?;
    let mut documents = Vec::new();
    while !rest.is_empty() {
        let (document, after) = split_document(rest)?;
        document::validate(document).map_err(invalid)?;
        documents.push(document);
        rest = after;
    }
    Ok(((name, documents), after))
}

fn invalid(error: document::DocumentError) -> Error {
    Error::new(22, error.to_string())
}

/// The query that older handshakes use; only commands are taken.
fn parse_query(bytes: &[u8]) -> Result<Request<'_>> {
    let (_, rest) = split_u32(bytes)?;
    let (namespace, rest) = split_cstring(rest)?;
    let (_, rest) = split_u32(rest)?;
    let (_, rest) = split_u32(rest)?;
    let (document, _) = split_document(rest)?;
    let mut body = Document::from_bytes(document).map_err(invalid)?;
    if let Some(Value::Document(inner)) = body.get("$query") {
        body = inner.clone();
    }
    let Some(database) = namespace.strip_suffix(".$cmd") else {
        return Err(protocol("OP_QUERY is only taken for commands"));
    };
    if !body.contains_key("$db") {
        body.push("$db", database);
    }
    Ok(Request {
        body,
        sequences: Vec::new(),
        is_silent: false,
        is_legacy: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sections_are_read() {
        let mut body = Document::new();
        body.push("insert", "c");
        let one = Document::new().to_bytes();
        let mut bytes = vec![0; 4];
        bytes.push(1);
        bytes.extend_from_slice(&(4 + 10 + one.len() as u32).to_le_bytes());
        bytes.extend_from_slice(b"documents\0");
        bytes.extend_from_slice(&one);
        bytes.push(0);
        body.append_to(&mut bytes);
        let request = Request::parse(OP_MSG, &bytes).unwrap();

        assert_eq!(body, request.body);
        assert_eq!(vec![("documents", vec![one.as_slice()])], request.sequences);
    }

    #[test]
    fn cut_messages_are_refused() {
        let mut bytes = vec![0; 5];
        Document::new().append_to(&mut bytes);
        for end in 0..bytes.len() {
            assert!(Request::parse(OP_MSG, &bytes[..end]).is_err());
        }
    }
}
