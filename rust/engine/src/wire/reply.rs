//! Replies, built in place: one buffer from the first field to the socket.

use mongolane_bson::{Value, document};

use super::Header;
use crate::Error;

/// Header, flags and the kind of the only section.
const BODY: usize = Header::SIZE + 5;
const OP_REPLY: i32 = 1;
const OP_MSG: i32 = 2013;

/// A reply on its way.
#[derive(Clone, Debug)]
pub struct Reply {
    bytes: Vec<u8>,
    /// Whether it says `ok: 1`.
    pub is_ok: bool,
}

impl Default for Reply {
    fn default() -> Self {
        Self::new()
    }
}

impl Reply {
    /// A reply without fields yet.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(512)
    }

    /// The same, with room for what will come.
    #[must_use]
    pub fn with_capacity(size: usize) -> Self {
        let mut bytes = Vec::with_capacity(BODY + size);
        bytes.resize(BODY + 4, 0);
        Self { bytes, is_ok: true }
    }

    /// A refusal.
    #[must_use]
    pub fn error(error: &Error) -> Self {
        let mut reply = Self::new();
        reply.is_ok = false;
        reply.put("errmsg", error.message.as_str());
        reply.put("code", error.code);
        reply.put("codeName", error.code_name());
        for (key, value) in error.details.iter().flat_map(|details| details.iter()) {
            reply.value(key, value);
        }
        reply
    }

    /// Appends a field.
    pub fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.value(key, &value.into());
    }

    /// Appends a field.
    pub fn value(&mut self, key: &str, value: &Value) {
        document::append_element(&mut self.bytes, key, value);
    }

    /// Appends a document that is bytes already.
    pub fn raw(&mut self, key: &str, bytes: &[u8]) {
        document::append_key(&mut self.bytes, 0x03, key);
        self.bytes.extend_from_slice(bytes);
    }

    /// Opens an embedded document, to be closed with [`Reply::close`].
    #[must_use]
    pub fn open_document(&mut self, key: &str) -> usize {
        document::append_key(&mut self.bytes, 0x03, key);
        document::open(&mut self.bytes)
    }

    /// Opens an array, to be closed with [`Reply::close`].
    #[must_use]
    pub fn open_array(&mut self, key: &str) -> usize {
        document::append_key(&mut self.bytes, 0x04, key);
        document::open(&mut self.bytes)
    }

    /// Appends an element of an array of documents.
    pub fn item(&mut self, at: usize, bytes: &[u8]) {
        document::append_index_key(&mut self.bytes, 0x03, at);
        self.bytes.extend_from_slice(bytes);
    }

    /// Closes what was opened at `start`.
    pub fn close(&mut self, start: usize) {
        document::close(&mut self.bytes, start);
    }

    /// Makes room for what is about to be appended.
    pub fn reserve(&mut self, size: usize) {
        self.bytes.reserve(size);
    }

    /// How many bytes there are so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() - BODY
    }

    /// Whether no field is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 4
    }

    /// Ends the body.
    pub fn finish(&mut self) {
        document::close(&mut self.bytes, BODY);
    }

    /// The whole message in answer to `request_id`, its body being finished.
    #[must_use]
    pub fn message(mut self, request_id: i32, id: i32) -> Vec<u8> {
        let size = self.bytes.len() as u32;
        self.bytes[0..4].copy_from_slice(&size.to_le_bytes());
        self.bytes[4..8].copy_from_slice(&id.to_le_bytes());
        self.bytes[8..12].copy_from_slice(&request_id.to_le_bytes());
        self.bytes[12..16].copy_from_slice(&OP_MSG.to_le_bytes());
        self.bytes
    }

    /// The same as OP_REPLY, for a request that came as OP_QUERY.
    #[must_use]
    pub fn legacy_message(self, request_id: i32, id: i32) -> Vec<u8> {
        let body = &self.bytes[BODY..];
        let mut out = Vec::with_capacity(36 + body.len());
        let size = 36 + body.len() as u32;
        out.extend_from_slice(&size.to_le_bytes());
        out.extend_from_slice(&id.to_le_bytes());
        out.extend_from_slice(&request_id.to_le_bytes());
        out.extend_from_slice(&OP_REPLY.to_le_bytes());
        out.extend_from_slice(&8u32.to_le_bytes());
        out.extend_from_slice(&[0; 12]);
        out.extend_from_slice(&1u32.to_le_bytes());
        out.extend_from_slice(body);
        out
    }
}
