//! What insert, update and delete share: their statements, one after the
//! other, and the errors among them.

use mongolane_bson::{Document, Value};

use super::Call;
use crate::storage::{Collection, Namespace, Shared};
use crate::wire::Reply;
use crate::{Error, Result};

/// How many statements one command may have.
const MAX_STATEMENTS: usize = 100_000;

/// The statements of a write command: from its body, or beside it.
pub(crate) fn statements(call: &Call<'_>, field: &str) -> Result<Vec<Document>> {
    let beside = call
        .request
        .sequences
        .iter()
        .find(|(name, _)| *name == field);
    let statements: Vec<_> = match beside {
        Some((_, documents)) => documents
            .iter()
            .map(|bytes| Document::from_bytes(bytes).map_err(|e| Error::new(22, e.to_string())))
            .collect::<Result<_>>()?,
        None => call
            .arguments
            .array(field)?
            .ok_or_else(|| call.arguments.missing(field))?
            .iter()
            .map(|item| match item {
                Value::Document(statement) => Ok(statement.clone()),
                other => Err(call.arguments.wrong(field, other, "object")),
            })
            .collect::<Result<_>>()?,
    };
    check_count(statements.len())?;
    Ok(statements)
}

pub(crate) fn check_count(count: usize) -> Result<()> {
    if count == 0 || count > MAX_STATEMENTS {
        return Err(Error::new(
            16,
            format!(
                "Write batch sizes must be between 1 and {MAX_STATEMENTS}. Got {count} operations."
            ),
        ));
    }
    Ok(())
}

/// Refuses a statement with a field it doesn't know.
pub(crate) fn check_fields(statement: &Document, place: &str, known: &[&str]) -> Result<()> {
    match statement.keys().find(|key| !known.contains(key)) {
        Some(unknown) => Err(Error::new(
            40415,
            format!("BSON field '{place}.{unknown}' is an unknown field."),
        )),
        None => Ok(()),
    }
}

/// The document a statement must have.
pub(crate) fn required<'s>(
    statement: &'s Document,
    place: &str,
    key: &str,
) -> Result<&'s Document> {
    match statement.get(key) {
        Some(Value::Document(document)) => Ok(document),
        Some(other) => Err(Error::new(
            14,
            format!(
                "BSON field '{place}.{key}' is the wrong type '{}', expected type 'object'",
                other.type_name()
            ),
        )),
        None => Err(absent(place, key)),
    }
}

/// A statement lacks a field.
pub(crate) fn absent(place: &str, key: &str) -> Error {
    Error::new(
        40414,
        format!("BSON field '{place}.{key}' is missing but a required field"),
    )
}

/// The errors of a command's statements.
#[derive(Default)]
pub(crate) struct Errors(Vec<Value>);

impl Errors {
    pub(crate) fn push(&mut self, at: usize, error: &Error) {
        let mut shown = Document::new();
        shown.push("index", at as i32);
        shown.push("code", error.code);
        for (key, value) in error.details.iter().flat_map(|details| details.iter()) {
            shown.push(key.clone(), value.clone());
        }
        shown.push("errmsg", error.message.as_str());
        self.0.push(Value::Document(shown));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn append(self, reply: &mut Reply) {
        if !self.0.is_empty() {
            reply.put("writeErrors", self.0);
        }
    }
}

/// Whether the command stops at its first error.
pub(crate) fn is_ordered(call: &Call<'_>) -> Result<bool> {
    match call.arguments.get("ordered") {
        None | Some(Value::Null) => Ok(true),
        Some(Value::Bool(ordered)) => Ok(*ordered),
        Some(other) => Err(call.arguments.wrong("ordered", other, "bool")),
    }
}

/// Runs `work` on a collection under its write lock, made if need be. Anew if
/// it was dropped between finding and locking it.
pub(crate) fn with_content<T>(
    call: &Call<'_>,
    namespace: &Namespace,
    mut work: impl FnMut(&mut Collection) -> Result<T>,
) -> Result<T> {
    if let Some(disk) = call.state.catalog.disk() {
        disk.check()?;
    }
    loop {
        let (slot, _): (Shared, bool) = call.state.catalog.ensure(namespace, &Document::new())?;
        let mut content = slot.content.write();
        if !content.dropped {
            return work(&mut content);
        }
    }
}

/// The same for a collection that need not be made; `None` where there is none.
pub(crate) fn with_existing<T>(
    call: &Call<'_>,
    namespace: &Namespace,
    work: impl FnOnce(&mut Collection) -> Result<T>,
) -> Result<Option<T>> {
    if let Some(disk) = call.state.catalog.disk() {
        disk.check()?;
    }
    let Some(slot) = call.state.catalog.get(namespace) else {
        return Ok(None);
    };
    let mut content = slot.content.write();
    if content.dropped {
        Ok(None)
    } else {
        work(&mut content).map(Some)
    }
}
