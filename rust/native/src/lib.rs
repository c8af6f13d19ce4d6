//! The list of what Python sees; nothing else lives here.
#![deny(unsafe_code)]

mod basic;
mod codec;
mod decode;
mod encode;
mod engine;
mod errors;
mod ffi;
mod fresh;
mod json;
mod kept;
mod keys;
mod kind;
mod limits;
mod plan;
mod reply;
mod types;
mod wire;

use pyo3::prelude::*;

/// BSON and the embedded engine, in Rust.
#[pymodule(gil_used = true)]
mod _native {
    #[pymodule_export]
    use crate::basic::{
        decode, encode, encode_command, encode_natural, from_json, to_extended_json, to_json,
    };
    #[pymodule_export]
    use crate::codec::{ModelCodec, compile, share_fields_set};
    #[pymodule_export]
    use crate::engine::Engine;
    #[pymodule_export]
    use crate::kept::Kept;
    #[pymodule_export]
    use crate::reply::Reply;
    #[pymodule_export]
    use crate::wire::{request_message, whole_reply};
}
