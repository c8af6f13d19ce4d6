//! Documents, elements and values appended to bytes.

use crate::writer::{binary, index, string};
use crate::{Document, Value};

/// Starts a document in `out`; give what comes back to [`close`].
#[must_use]
pub fn open(out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(&[0; 4]);
    out.len() - 4
}

/// Ends the document that [`open`] started at `start`.
pub fn close(out: &mut Vec<u8>, start: usize) {
    out.push(0);
    let size = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&size.to_le_bytes());
}

/// Appends one element: type, key, value. A NUL inside a key would end it, so
/// the key stops there.
pub fn append_element(out: &mut Vec<u8>, key: &str, value: &Value) {
    append_key(out, type_byte(value), key);
    append_value(out, value);
}

/// Appends the head of an element: its type and its key.
pub fn append_key(out: &mut Vec<u8>, kind: u8, key: &str) {
    out.push(kind);
    append_cstring(out, key);
}

/// Appends the head of an array's element.
pub fn append_index_key(out: &mut Vec<u8>, kind: u8, at: usize) {
    index(out, at).set(out, kind);
}

fn append_cstring(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    out.extend_from_slice(&bytes[..end]);
    out.push(0);
}

/// The type byte of an element that holds `value`.
#[must_use]
pub fn type_byte(value: &Value) -> u8 {
    match value {
        Value::Double(_) => 0x01,
        Value::String(_) => 0x02,
        Value::Document(_) => 0x03,
        Value::Array(_) => 0x04,
        Value::Binary(..) => 0x05,
        Value::Undefined => 0x06,
        Value::ObjectId(_) => 0x07,
        Value::Bool(_) => 0x08,
        Value::DateTime(_) => 0x09,
        Value::Null => 0x0A,
        Value::Regex(..) => 0x0B,
        Value::DbPointer(..) => 0x0C,
        Value::Code(_) => 0x0D,
        Value::Symbol(_) => 0x0E,
        Value::CodeWithScope(..) => 0x0F,
        Value::Int32(_) => 0x10,
        Value::Timestamp(..) => 0x11,
        Value::Int64(_) => 0x12,
        Value::Decimal128(_) => 0x13,
        Value::MinKey => 0xFF,
        Value::MaxKey => 0x7F,
    }
}

fn append_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Double(v) => out.extend_from_slice(&v.to_le_bytes()),
        Value::String(v) | Value::Code(v) | Value::Symbol(v) => string(out, v.as_bytes()),
        Value::Document(v) => v.append_to(out),
        Value::Array(items) => append_array(out, items),
        Value::Binary(kind, v) => binary(out, *kind, v),
        Value::Undefined | Value::Null | Value::MinKey | Value::MaxKey => {}
        Value::ObjectId(v) => out.extend_from_slice(v),
        Value::Bool(v) => out.push(u8::from(*v)),
        Value::DateTime(v) | Value::Int64(v) => out.extend_from_slice(&v.to_le_bytes()),
        Value::Regex(pattern, options) => {
            append_cstring(out, pattern);
            append_cstring(out, options);
        }
        Value::DbPointer(name, id) => {
            string(out, name.as_bytes());
            out.extend_from_slice(id);
        }
        Value::CodeWithScope(code, scope) => append_scoped(out, code, scope),
        Value::Int32(v) => out.extend_from_slice(&v.to_le_bytes()),
        Value::Timestamp(seconds, increment) => {
            out.extend_from_slice(&increment.to_le_bytes());
            out.extend_from_slice(&seconds.to_le_bytes());
        }
        Value::Decimal128(v) => out.extend_from_slice(v),
    }
}

fn append_array(out: &mut Vec<u8>, items: &[Value]) {
    let start = open(out);
    for (at, item) in items.iter().enumerate() {
        append_index_key(out, type_byte(item), at);
        append_value(out, item);
    }
    close(out, start);
}

fn append_scoped(out: &mut Vec<u8>, code: &str, scope: &Document) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    string(out, code.as_bytes());
    scope.append_to(out);
    let size = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&size.to_le_bytes());
}
