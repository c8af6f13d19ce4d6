//! `create`, `drop`, `listCollections`, `renameCollection`, `collStats`.

use mongolane_bson::{Document, Value};

use super::cursor::first_batch;
use super::{Arguments, Call};
use crate::collation::Collation;
use crate::query::{Matcher, is_truthy};
use crate::server::Cursor;
use crate::storage::{Bytes, Namespace, Slot};
use crate::wire::Reply;
use crate::{Error, Result};

/// What `create` knows; what this server can't do is refused by name.
pub(crate) const CREATE_FIELDS: &[&str] = &[
    "capped",
    "size",
    "max",
    "validator",
    "validationLevel",
    "validationAction",
    "viewOn",
    "pipeline",
    "collation",
    "timeseries",
    "expireAfterSeconds",
    "clusteredIndex",
    "changeStreamPreAndPostImages",
    "storageEngine",
    "indexOptionDefaults",
    "autoIndexId",
    "encryptedFields",
];

pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let mut options = Document::new();
    validation(&call.arguments, &mut options)?;
    for field in CREATE_FIELDS {
        match call.arguments.get(field) {
            None | Some(Value::Null) => {}
            Some(_) if VALIDATION.contains(field) => {}
            Some(Value::Document(given)) if *field == "collation" => {
                if let Some(collation) = Collation::parse(given)? {
                    options.push("collation", collation.listed().clone());
                }
            }
            Some(value) if is_harmless(field, value) => options.push(*field, value.clone()),
            Some(_) => {
                let message = format!("create's '{field}' is not implemented by this server");
                return Err(Error::new(238, message));
            }
        }
    }
    let (_, made) = call.state.catalog.ensure(&namespace, &options)?;
    call.commit()?;
    if made {
        return Ok(Reply::new());
    }
    same_options(call, &namespace, &options)
}

const VALIDATION: [&str; 3] = ["validator", "validationLevel", "validationAction"];

/// Reads the options of a validator, those not given as they are without.
pub(crate) fn validation(arguments: &Arguments<'_>, options: &mut Document) -> Result<()> {
    if let Some(validator) = arguments.document("validator")? {
        options.insert("validator", validator.clone());
    }
    let known = [
        ("validationLevel", &["strict", "moderate", "off"]),
        ("validationAction", &["error", "warn", "errorAndLog"]),
    ];
    for (key, values) in known {
        match arguments.text(key)? {
            Some(value) if values.contains(&value) => options.insert(key, value),
            Some(value) => {
                let message =
                    format!("Enumeration value '{value}' for field '{key}' is not a valid value.");
                return Err(Error::new(2, message));
            }
            None if options.contains_key("validator") && !options.contains_key(key) => {
                options.insert(key, values[0]);
            }
            None => {}
        }
    }
    Ok(())
}

/// Options that ask for nothing that isn't so anyway.
fn is_harmless(field: &str, value: &Value) -> bool {
    match (field, value) {
        ("storageEngine" | "indexOptionDefaults", Value::Document(inner)) => inner.is_empty(),
        ("autoIndexId", value) => is_truthy(value),
        ("pipeline", Value::Array(items)) => items.is_empty(),
        (_, value) => matches!(value, Value::Bool(false)),
    }
}

fn same_options(call: &Call<'_>, namespace: &Namespace, options: &Document) -> Result<Reply> {
    let exists = || Error::new(48, format!("Collection {namespace} already exists."));
    let slot = call.state.catalog.get(namespace).ok_or_else(exists)?;
    let same = slot.content.read().options == *options;
    if same {
        Ok(Reply::new())
    } else {
        Err(exists())
    }
}

pub(crate) fn drop(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let mut reply = Reply::new();
    if let Some(slot) = call.state.catalog.drop_collection(&namespace) {
        call.state.cursors.kill_of(&namespace.to_string());
        reply.put("nIndexesWas", slot.content.read().indexes().len() as i32);
        reply.put("ns", namespace.to_string());
    }
    call.commit()?;
    Ok(reply)
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply> {
    let names_only = call.arguments.flag("nameOnly");
    let matcher = call
        .arguments
        .document("filter")?
        .map(Matcher::parse)
        .transpose()?;
    let mut listed = Vec::new();
    for (name, slot) in call.state.catalog.collections(call.database) {
        let shown = describe(&name, &slot);
        if matcher.as_ref().map_or(Ok(true), |m| m.matches(&shown))? {
            listed.push(Bytes::from(
                if names_only { brief(&shown) } else { shown }.to_bytes(),
            ));
        }
    }
    let namespace = format!("{}.$cmd.listCollections", call.database);
    let size = cursor_size(call)?;
    Ok(first_batch(
        call,
        Cursor::new(namespace, listed, false),
        size,
        false,
    ))
}

/// The `batchSize` in a command's `cursor`.
pub(crate) fn cursor_size(call: &Call<'_>) -> Result<Option<usize>> {
    let cursor = call.arguments.document("cursor")?;
    if let Some(unknown) = cursor.and_then(|cursor| cursor.keys().find(|key| *key != "batchSize")) {
        return Err(Error::new(
            40415,
            format!("BSON field 'cursor.{unknown}' is an unknown field."),
        ));
    }
    let size = cursor.and_then(|cursor| cursor.get("batchSize"));
    size.map(|value| {
        crate::number::whole_number(value)
            .and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| call.arguments.wrong("cursor.batchSize", value, "long"))
    })
    .transpose()
}

fn brief(shown: &Document) -> Document {
    shown
        .iter()
        .filter(|(key, _)| key == "name" || key == "type")
        .cloned()
        .collect()
}

fn describe(name: &str, slot: &Slot) -> Document {
    let content = slot.content.read();
    let mut info = Document::new();
    info.push("readOnly", false);
    info.push("uuid", Value::Binary(4, content.uuid.to_vec()));
    let mut shown = Document::new();
    shown.push("name", name);
    shown.push("type", "collection");
    shown.push("options", content.options.clone());
    shown.push("info", info);
    shown.push("idIndex", content.indexes()[0].spec.listed.clone());
    shown
}

pub(crate) fn rename(call: &mut Call<'_>) -> Result<Reply> {
    let full = |value: Option<&Value>| match value {
        Some(Value::String(text)) => match text.split_once('.') {
            Some((database, collection)) => Namespace::new(database, collection),
            None => Err(Error::new(
                73,
                format!("Invalid namespace specified: {text}"),
            )),
        },
        _ => Err(Error::new(14, "renameCollection needs two namespaces")),
    };
    if call.database != "admin" {
        return Err(Error::new(
            13,
            "renameCollection may only be run against the admin database.",
        ));
    }
    let from = full(call.arguments.get("renameCollection"))?;
    let to = full(call.arguments.get("to"))?;
    if from == to {
        return Err(Error::new(20, "Can't rename a collection to itself"));
    }
    call.state
        .catalog
        .rename(&from, &to, call.arguments.flag("dropTarget"))?;
    call.state.cursors.kill_of(&from.to_string());
    call.commit()?;
    Ok(Reply::new())
}

pub(crate) fn stats(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let scale = call.arguments.whole("scale")?.unwrap_or(1).max(1);
    let mut reply = Reply::new();
    reply.put("ns", namespace.to_string());
    let (mut count, mut size, mut indexes) = (0, 0, Document::new());
    if let Some(slot) = call.state.catalog.get(&namespace) {
        let content = slot.content.read();
        (count, size) = (content.len() as i64, content.size() as i64);
        for index in content.indexes() {
            indexes.push(index.spec.name.as_str(), index.size() as i64 / scale);
        }
    }
    reply.put("size", size / scale);
    reply.put("count", count);
    reply.put("avgObjSize", if count == 0 { 0 } else { size / count });
    reply.put("storageSize", size / scale);
    reply.put("capped", false);
    reply.put("nindexes", indexes.len() as i32);
    reply.put("indexSizes", indexes);
    reply.put("scaleFactor", scale as i32);
    Ok(reply)
}
