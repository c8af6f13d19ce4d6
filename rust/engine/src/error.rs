//! What a command answers when it can't be done: MongoDB's code, its name and a sentence.

use std::fmt;

use mongolane_bson::{Document, Value};

use crate::storage::IndexSpec;

/// A refusal with MongoDB's own code and code name.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// The number drivers decide by, for example 11000.
    pub code: i32,
    /// The name that belongs to the number, for example `DuplicateKey`.
    pub name: &'static str,
    /// What, where and which value, for a person.
    pub message: String,
    /// Fields that go beside the message, for example `keyPattern`.
    pub details: Option<Box<Document>>,
}

/// What every fallible step of the engine gives.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `code`; the name is looked up in the table below.
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            code,
            name: code_name(code),
            message: message.into(),
            details: None,
        }
    }

    /// A unique index's refusal: which index, which value.
    #[must_use]
    pub fn duplicate(namespace: &str, index: &IndexSpec, value: Document) -> Self {
        let shown = |document: &Document| Shown(&Value::Document(document.clone())).to_string();
        let collation = index.collation.as_ref().map(|collation| collation.listed());
        let by = collation.map_or(String::new(), |by| format!("collation: {} ", shown(by)));
        let (name, value_shown) = (&index.name, shown(&value));
        let message = format!(
            "E11000 duplicate key error collection: {namespace} index: {name} {by}dup key: {value_shown}"
        );
        let mut details = Document::new();
        details.push("keyPattern", index.keys.clone());
        details.push("keyValue", value);
        if let Some(collation) = collation {
            details.push("collation", collation.clone());
        }
        Self {
            details: Some(Box::new(details)),
            ..Self::new(11000, message)
        }
    }

    /// The name as it goes to the client: unnamed codes have a made one.
    #[must_use]
    pub fn code_name(&self) -> String {
        match self.name {
            "Location" => format!("Location{}", self.code),
            name => name.to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.name, self.code, self.message)
    }
}

impl std::error::Error for Error {}

/// A value as the server writes it in messages: `{ name: "x" }`.
pub(crate) struct Shown<'a>(pub(crate) &'a Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Document(inner) if inner.is_empty() => f.write_str("{}"),
            Value::Document(inner) => {
                for (at, (key, value)) in inner.iter().enumerate() {
                    write!(
                        f,
                        "{}{key}: {}",
                        if at == 0 { "{ " } else { ", " },
                        Shown(value)
                    )?;
                }
                f.write_str(" }")
            }
            Value::Array(items) if items.is_empty() => f.write_str("[]"),
            Value::Array(items) => {
                for (at, value) in items.iter().enumerate() {
                    write!(f, "{}{}", if at == 0 { "[ " } else { ", " }, Shown(value))?;
                }
                f.write_str(" ]")
            }
            scalar => show_scalar(f, scalar),
        }
    }
}

fn show_scalar(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::String(text) => write!(f, "\"{text}\""),
        Value::Int32(v) => write!(f, "{v}"),
        Value::Int64(v) => write!(f, "{v}"),
        Value::Double(v) if v.fract() == 0.0 && v.abs() < 1e15 => write!(f, "{v:.1}"),
        Value::Double(v) => write!(f, "{v}"),
        Value::Bool(v) => write!(f, "{v}"),
        Value::Null => f.write_str("null"),
        Value::ObjectId(id) => {
            f.write_str("ObjectId('")?;
            id.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
            f.write_str("')")
        }
        Value::DateTime(millis) => write!(f, "new Date({millis})"),
        Value::Binary(kind, bytes) => {
            write!(f, "BinData({kind}, ")?;
            bytes.iter().try_for_each(|byte| write!(f, "{byte:02X}"))?;
            f.write_str(")")
        }
        Value::Timestamp(seconds, increment) => write!(f, "Timestamp({seconds}, {increment})"),
        Value::Regex(pattern, options) => write!(f, "/{pattern}/{options}"),
        Value::Decimal128(bytes) => {
            write!(f, "{}", mongolane_bson::Decimal128::from_bytes(*bytes))
        }
        Value::MinKey => f.write_str("MinKey"),
        Value::MaxKey => f.write_str("MaxKey"),
        other => f.write_str(other.type_name()),
    }
}

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
        16 => "InvalidLength",
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
        4 => "NoSuchKey",
        8 => "UnknownError",
        22 => "InvalidBSON",
        39 => "FileStreamFailed",
        53 => "InvalidIdField",
        68 => "IndexAlreadyExists",
        98 => "FileAlreadyOpen",
        115 => "CommandNotSupported",
        146 => "ExceededMemoryLimit",
        171 => "CannotIndexParallelArrays",
        165 => "ViewDepthLimitExceeded",
        224 => "QueryFeatureNotAllowed",
        225 => "TransactionTooOld",
        238 => "NotImplemented",
        251 => "NoSuchTransaction",
        263 => "OperationNotSupportedInTransaction",
        323 => "APIStrictError",
        322 => "APIVersionError",
        11601 => "Interrupted",
        11600 => "InterruptedAtShutdown",
        161 => "IncompatibleCollationVersion",
        189 => "PrimarySteppedDown",
        91 => "ShutdownInProgress",
        7 => "HostNotFound",
        6 => "HostUnreachable",
        89 => "NetworkTimeout",
        9001 => "SocketException",
        262 => "ExceededTimeLimit",
        134 => "ReadConcernMajorityNotAvailableYet",
        10107 => "NotWritablePrimary",
        13435 => "NotPrimaryNoSecondaryOk",
        13436 => "NotPrimaryOrSecondary",
        11602 => "InterruptedDueToReplStateChange",
        64 => "WriteConcernTimeout",
        100 => "UnsatisfiableWriteConcern",
        112 => "WriteConflict",
        121 => "DocumentValidationFailure",
        79 => "UnknownReplWriteConcern",
        18 => "AuthenticationFailed",
        391 => "ReauthenticationRequired",
        133 => "FailedToSatisfyReadPreference",
        166 => "CommandNotSupportedOnView",
        291 => "NoQueryExecutionPlans",
        462 => "IngressRequestRateLimitExceeded",
        246 => "SnapshotUnavailable",
        _ => "Location",
    }
}
