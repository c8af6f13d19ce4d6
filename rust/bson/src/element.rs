//! The type bytes of the specification, by name.

/// A double, 8 bytes.
pub const DOUBLE: u8 = 0x01;
/// UTF-8 text with a length.
pub const STRING: u8 = 0x02;
/// An embedded document.
pub const DOCUMENT: u8 = 0x03;
/// An array: a document whose keys are positions.
pub const ARRAY: u8 = 0x04;
/// Bytes with a subtype.
pub const BINARY: u8 = 0x05;
/// Deprecated.
pub const UNDEFINED: u8 = 0x06;
/// Twelve bytes.
pub const OBJECT_ID: u8 = 0x07;
/// One byte, 0 or 1.
pub const BOOL: u8 = 0x08;
/// Milliseconds since 1970, UTC.
pub const DATE_TIME: u8 = 0x09;
/// Nothing follows.
pub const NULL: u8 = 0x0A;
/// Two NUL-terminated texts: pattern and options.
pub const REGEX: u8 = 0x0B;
/// Deprecated: namespace and id.
pub const DB_POINTER: u8 = 0x0C;
/// Text.
pub const CODE: u8 = 0x0D;
/// Deprecated; text.
pub const SYMBOL: u8 = 0x0E;
/// Deprecated: code and the document of its variables.
pub const CODE_WITH_SCOPE: u8 = 0x0F;
/// Four bytes.
pub const INT32: u8 = 0x10;
/// Increment, then seconds.
pub const TIMESTAMP: u8 = 0x11;
/// Eight bytes.
pub const INT64: u8 = 0x12;
/// Sixteen bytes of IEEE 754-2008 decimal128.
pub const DECIMAL128: u8 = 0x13;
/// Larger than everything.
pub const MAX_KEY: u8 = 0x7F;
/// Smaller than everything.
pub const MIN_KEY: u8 = 0xFF;

/// The type's name, as `$type` spells it; `unknown` for a byte that is no type.
#[must_use]
pub fn name(tag: u8) -> &'static str {
    match tag {
        DOUBLE => "double",
        STRING => "string",
        DOCUMENT => "object",
        ARRAY => "array",
        BINARY => "binData",
        UNDEFINED => "undefined",
        OBJECT_ID => "objectId",
        BOOL => "bool",
        DATE_TIME => "date",
        NULL => "null",
        REGEX => "regex",
        DB_POINTER => "dbPointer",
        CODE => "javascript",
        SYMBOL => "symbol",
        CODE_WITH_SCOPE => "javascriptWithScope",
        INT32 => "int",
        TIMESTAMP => "timestamp",
        INT64 => "long",
        DECIMAL128 => "decimal",
        MAX_KEY => "maxKey",
        MIN_KEY => "minKey",
        _ => "unknown",
    }
}
