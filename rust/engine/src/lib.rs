//! A MongoDB-compatible server in the process.
//!
//! From the outside in: `engine` starts the threads, `server` holds what they
//! share and reads the sockets, `wire` turns bytes into requests, `commands`
//! runs them with `query`, `update`, `expression` and `storage`.
#![forbid(unsafe_code)]

pub mod collation;
mod commands;
pub mod compare;
pub mod decimal;
mod engine;
mod error;
pub mod expression;
mod geo;
pub mod number;
pub mod path;
pub mod pipeline;
pub mod query;
mod schema;
mod server;
pub mod storage;
mod summation;
mod text;
pub mod update;
mod wire;

pub use engine::{Engine, Options};
pub use error::{Error, Result};
