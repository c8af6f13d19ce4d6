//! A command's fields, by type; none that is not known.

use mongolane_bson::{Document, Value};

use super::registry::Command;
use crate::number::whole_number;
use crate::query::is_truthy;
use crate::wire::Request;
use crate::{Error, Result};

/// What any command may carry.
const GENERIC: [&str; 22] = [
    "$db",
    "lsid",
    "txnNumber",
    "$clusterTime",
    "$readPreference",
    "apiVersion",
    "apiStrict",
    "apiDeprecationErrors",
    "comment",
    "maxTimeMS",
    "readConcern",
    "writeConcern",
    "startTransaction",
    "autocommit",
    "$client",
    "$audit",
    "stmtId",
    "stmtIds",
    "maxTimeMSOpOnly",
    "help",
    "rawData",
    "$configServerState",
];

/// The fields of a command.
#[derive(Clone, Copy)]
pub(crate) struct Arguments<'a> {
    body: &'a Document,
    command: &'static Command,
}

impl<'a> Arguments<'a> {
    pub(crate) fn new(body: &'a Document, command: &'static Command) -> Self {
        Self { body, command }
    }

    /// Refuses fields that neither this nor every command has.
    pub(crate) fn check(&self, request: &Request<'_>) -> Result<()> {
        let known = |key: &str| self.command.fields.contains(&key) || GENERIC.contains(&key);
        let in_body = self.body.keys().skip(1).filter(|_| !self.command.is_open);
        let beside = request.sequences.iter().map(|(name, _)| *name);
        match in_body.chain(beside).find(|key| !known(key)) {
            Some(unknown) => Err(Error::new(
                40415,
                format!(
                    "BSON field '{}.{unknown}' is an unknown field.",
                    self.command.name
                ),
            )),
            None => self.check_concern(),
        }
    }

    fn check_concern(&self) -> Result<()> {
        let Some(concern) = self.document("readConcern")? else {
            return Ok(());
        };
        match concern.get("level") {
            None => Ok(()),
            Some(Value::String(level)) => match level.as_str() {
                "local" | "majority" | "available" | "linearizable" => Ok(()),
                "snapshot" => Err(Error::new(
                    246,
                    "snapshot reads are not implemented by this server",
                )),
                _ => Err(Error::new(
                    2,
                    format!("'{level}' is not a valid readConcern.level"),
                )),
            },
            Some(other) => Err(self.wrong("readConcern.level", other, "string")),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.body.get(key)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(is_truthy)
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<&'a str>> {
        match self.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(key, other, "string")),
        }
    }

    pub(crate) fn document(&self, key: &str) -> Result<Option<&'a Document>> {
        match self.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Document(inner)) => Ok(Some(inner)),
            Some(other) => Err(self.wrong(key, other, "object")),
        }
    }

    pub(crate) fn array(&self, key: &str) -> Result<Option<&'a [Value]>> {
        match self.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(other) => Err(self.wrong(key, other, "array")),
        }
    }

    /// A whole number.
    pub(crate) fn whole(&self, key: &str) -> Result<Option<i64>> {
        match self.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match whole_number(value) {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(key, value, "long, int, decimal, double")),
            },
        }
    }

    /// A whole number that may not be negative.
    pub(crate) fn size(&self, key: &str) -> Result<Option<usize>> {
        match self.whole(key)? {
            None => Ok(None),
            Some(number) => usize::try_from(number).map(Some).map_err(|_| {
                let message =
                    format!("BSON field '{key}' value must be >= 0, actual value '{number}'");
                Error::new(51024, message)
            }),
        }
    }

    /// A field that must be there.
    pub(crate) fn missing(&self, key: &str) -> Error {
        let name = self.command.name;
        Error::new(
            40414,
            format!("BSON field '{name}.{key}' is missing but a required field"),
        )
    }

    pub(crate) fn wrong(&self, key: &str, value: &Value, expected: &str) -> Error {
        Error::new(
            14,
            format!(
                "BSON field '{}.{key}' is the wrong type '{}', expected type '{expected}'",
                self.command.name,
                value.type_name()
            ),
        )
    }
}
