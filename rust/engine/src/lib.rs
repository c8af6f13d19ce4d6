//! A MongoDB-compatible server in the process.
#![forbid(unsafe_code)]

mod error;

pub use error::{Error, Result};
