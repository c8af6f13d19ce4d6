//! BSON bytes to values and back, with no Python in sight.
//!
//! Two ways to read: [`Value`] and [`Document`] own what they hold and suit a
//! program that works with documents (the embedded engine); the [`Reader`] walks
//! elements in place and suits one that builds something of its own from them.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod calendar;
mod decimal128;
pub mod document;
pub mod element;
mod error;
pub mod extended;
pub mod json;
mod reader;
mod value;
pub mod writer;

pub use decimal128::{Decimal128, DecimalError, Parts};
pub use document::DocumentError;
pub use error::{Error, Result};
pub use reader::{Expected, Head, MAX_DEPTH, Reader};
pub use value::{Document, Value};
