//! The list of what Python sees; nothing else lives here.
#![deny(unsafe_code)]

mod basic;
mod decode;
mod encode;
mod errors;
mod ffi;
mod keys;
mod reply;
mod types;

use pyo3::prelude::*;

/// BSON and the embedded engine, in Rust.
#[pymodule(gil_used = true)]
mod _native {
    #[pymodule_export]
    use crate::basic::{decode, encode, encode_command};
    #[pymodule_export]
    use crate::reply::Reply;
}
