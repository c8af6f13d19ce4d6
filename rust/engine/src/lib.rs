//! A MongoDB-compatible server in the process.
#![forbid(unsafe_code)]

pub mod compare;
pub mod decimal;
mod error;
pub mod expression;
pub mod number;
pub mod path;
pub mod query;
mod summation;
pub mod storage;

pub use error::{Error, Result};
