//! The list of what Python sees; nothing else lives here.
#![deny(unsafe_code)]
use pyo3::prelude::*;

#[pymodule]
mod _native {}
