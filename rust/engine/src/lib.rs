//! A MongoDB-compatible server in the process.
#![forbid(unsafe_code)]

pub mod compare;
pub mod decimal;
mod error;
pub mod number;

pub use error::{Error, Result};
