//! What a command answers when it can't be done: MongoDB's code, its name and a sentence.

use std::fmt;

/// A refusal with MongoDB's own code and code name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The number drivers decide by, for example 11000.
    pub code: i32,
    /// The name that belongs to the number, for example `DuplicateKey`.
    pub name: &'static str,
    /// What, where and which value, for a person.
    pub message: String,
}

/// What every fallible step of the engine gives.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `code`; the name is looked up in the table below.
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, name: code_name(code), message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.name, self.code, self.message)
    }
}

impl std::error::Error for Error {}

/// The name of a code in the server's `error_codes.yml`; `Location<code>` for
/// the unnamed ones, as the server does.
fn code_name(code: i32) -> &'static str {
    match code {
        1 => "InternalError",
        2 => "BadValue",
        9 => "FailedToParse",
        11 => "UserNotFound",
        13 => "Unauthorized",
        14 => "TypeMismatch",
        17 => "ProtocolError",
        20 => "IllegalOperation",
        26 => "NamespaceNotFound",
        27 => "IndexNotFound",
        28 => "PathNotViable",
        40 => "ConflictingUpdateOperators",
        43 => "CursorNotFound",
        48 => "NamespaceExists",
        50 => "MaxTimeMSExpired",
        52 => "DollarPrefixedFieldName",
        54 => "NotSingleValueField",
        56 => "EmptyFieldName",
        57 => "DottedFieldName",
        59 => "CommandNotFound",
        66 => "ImmutableField",
        67 => "CannotCreateIndex",
        72 => "InvalidOptions",
        73 => "InvalidNamespace",
        85 => "IndexOptionsConflict",
        86 => "IndexKeySpecsConflict",
        168 => "InvalidPipelineOperator",
        197 => "InvalidIndexSpecificationOption",
        206 => "NoSuchSession",
        241 => "ConversionFailure",
        10334 => "BSONObjectTooLarge",
        11000 => "DuplicateKey",
        _ => "Location",
    }
}
