//! What is wrong with bytes, and where: offset and path.

use std::fmt;

/// Bytes that are not BSON (or text that is not extended JSON).
///
/// Boxed inside, so that a `Result` that carries one stays small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    what: &'static str,
    offset: usize,
    path: Vec<String>,
}

/// What a reader gives.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error `offset` bytes from the start of the outermost document.
    #[cold]
    #[must_use]
    pub fn new(what: &'static str, offset: usize) -> Self {
        let path = Vec::new();
        Self(Box::new(Inner { what, offset, path }))
    }

    /// The same error, seen from the document in which `key` leads to it.
    #[cold]
    #[must_use]
    pub fn within(mut self, key: &[u8]) -> Self {
        self.0.path.push(String::from_utf8_lossy(key).into_owned());
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn what(&self) -> &'static str {
        self.0.what
    }

    /// Where, in bytes from the start.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The keys that lead there, joined by dots.
    #[must_use]
    pub fn path(&self) -> String {
        let keys: Vec<&str> = self.0.path.iter().rev().map(String::as_str).collect();
        keys.join(".")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.0.what, self.0.offset)?;
        match self.path() {
            path if path.is_empty() => Ok(()),
            path => write!(f, " in {path:?}"),
        }
    }
}

impl std::error::Error for Error {}
