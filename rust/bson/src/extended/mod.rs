//! Extended JSON, version 2: JSON that keeps every BSON type.
//!
//! <https://github.com/mongodb/specifications/blob/master/source/extended-json/extended-json.md>

mod parse;
mod read;
mod write;

pub use read::from_text;
pub use write::{document, value};

/// How numbers and dates are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Every type is kept.
    Canonical,
    /// Easier to read: plain numbers, ISO dates; int32 and int64 look alike.
    Relaxed,
}
