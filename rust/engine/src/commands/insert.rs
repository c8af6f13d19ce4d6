//! `insert`.

use std::borrow::Cow;

use mongolane_bson::{Value, document};

use super::Call;
use super::writes::{Errors, check_count, is_ordered, with_content};
use crate::server::new_object_id;
use crate::storage::{Bytes, Collection, MAX_DOCUMENT, with_id};
use crate::wire::Reply;
use crate::{Error, Result};

/// How many documents go in under one lock, so that readers get their turn.
const STRETCH: usize = 256;

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let documents = documents(call)?;
    check_count(documents.len())?;
    let ordered = is_ordered(call)?;
    let (mut inserted, mut errors) = (0, Errors::default());
    let bypass = call.arguments.flag("bypassDocumentValidation");
    let prepared: Vec<_> = documents.iter().map(|bytes| prepare(bytes)).collect();
    for (stretch, documents) in prepared.chunks(STRETCH).enumerate() {
        if ordered && !errors.is_empty() {
            break;
        }
        with_content(call, &namespace, |content| {
            insert_all(
                content,
                documents,
                stretch * STRETCH,
                (ordered, bypass),
                &mut inserted,
                &mut errors,
            );
            Ok(())
        })?;
        call.check_time()?;
    }
    call.commit()?;
    let mut reply = Reply::new();
    reply.put("n", inserted);
    errors.append(&mut reply);
    Ok(reply)
}

fn insert_all(
    content: &mut Collection,
    documents: &[Result<Bytes>],
    first: usize,
    (ordered, bypass): (bool, bool),
    inserted: &mut i32,
    errors: &mut Errors,
) {
    for (at, document) in documents.iter().enumerate() {
        let done = document.clone().and_then(|bytes| {
            if !bypass {
                content.validate(&bytes, None)?;
            }
            content.insert(bytes)
        });
        match done {
            Ok(_) => *inserted += 1,
            Err(error) => {
                errors.push(first + at, &error);
                if ordered {
                    return;
                }
            }
        }
    }
}

/// The documents as bytes, from the body or beside it.
fn documents<'c>(call: &'c Call<'_>) -> Result<Vec<Cow<'c, [u8]>>> {
    if let Some((_, documents)) = call
        .request
        .sequences
        .iter()
        .find(|(n, _)| *n == "documents")
    {
        return Ok(documents
            .iter()
            .map(|bytes| Cow::Borrowed(*bytes))
            .collect());
    }
    let items = call.arguments.array("documents")?;
    items
        .ok_or_else(|| call.arguments.missing("documents"))?
        .iter()
        .map(|item| match item {
            Value::Document(document) => Ok(Cow::Owned(document.to_bytes())),
            other => Err(call.arguments.wrong("documents", other, "object")),
        })
        .collect()
}

/// Checks a document and gives it an `_id` in the first place.
fn prepare(bytes: &[u8]) -> Result<Bytes> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(Error::new(
            10334,
            format!(
                "object to insert too large. size in bytes: {}, max size: {MAX_DOCUMENT}",
                bytes.len()
            ),
        ));
    }
    let bytes = with_id(bytes, || Value::ObjectId(new_object_id()))?;
    check_id(&bytes)?;
    Ok(bytes)
}

/// Refuses an `_id` of a type that can't be one, or with names that mean
/// operators.
pub(crate) fn check_id(bytes: &[u8]) -> Result<()> {
    let invalid = |e: document::DocumentError| Error::new(22, e.to_string());
    let mut elements = document::Elements::new(bytes).map_err(invalid)?;
    let Some((_, kind)) = elements.next_head().map_err(invalid)? else {
        return Ok(());
    };
    if kind != 0x03 {
        return refuse_id_type(kind);
    }
    let Value::Document(id) = elements.read(kind).map_err(invalid)? else {
        return Ok(());
    };
    match id
        .keys()
        .find(|key| key.starts_with('$') && !matches!(*key, "$ref" | "$id" | "$db"))
    {
        Some(key) => {
            let message = format!(
                "_id fields may not contain '$'-prefixed fields: {key} is not valid for storage."
            );
            Err(Error::new(52, message))
        }
        None => Ok(()),
    }
}

fn refuse_id_type(kind: u8) -> Result<()> {
    let refused = match kind {
        0x04 => "array",
        0x06 => "undefined",
        0x0B => "regex",
        _ => return Ok(()),
    };
    Err(Error::new(
        53,
        format!("The '_id' value cannot be of type {refused}"),
    ))
}
