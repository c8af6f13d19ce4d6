//! `createIndexes`, `listIndexes`, `dropIndexes`.

use mongolane_bson::{Document, Value};

use super::Call;
use super::collections::cursor_size;
use super::cursor::first_batch;
use super::search::collation;
use super::writes::with_existing;
use crate::server::Cursor;
use crate::storage::{Bytes, Collection, IndexSpec, Namespace};
use crate::wire::Reply;
use crate::{Error, Result, compare};

const MAX_INDEXES: usize = 64;

pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let specs = specs(call, &namespace)?;
    let (_, made) = call.state.catalog.ensure(&namespace, &Document::new())?;
    let (before, after) = super::writes::with_content(call, &namespace, |content| {
        let before = content.indexes().len();
        add_all(content, &specs)?;
        Ok((before, content.indexes().len()))
    })?;
    call.commit()?;
    let mut reply = Reply::new();
    reply.put("numIndexesBefore", before as i32);
    reply.put("numIndexesAfter", after as i32);
    reply.put("createdCollectionAutomatically", made);
    if before == after {
        reply.put("note", "all indexes already exist");
    }
    Ok(reply)
}

fn specs(call: &Call<'_>, namespace: &Namespace) -> Result<Vec<IndexSpec>> {
    let given = call
        .arguments
        .array("indexes")?
        .ok_or_else(|| call.arguments.missing("indexes"))?;
    if given.is_empty() {
        return Err(Error::new(2, "Must specify at least one index to create"));
    }
    let default = collation(call, namespace, None)?;
    given
        .iter()
        .map(|spec| match spec {
            Value::Document(spec) if spec.contains_key("collation") => IndexSpec::parse(spec),
            Value::Document(spec) => IndexSpec::parse(spec)?.under_default(default.as_ref()),
            other => Err(call.arguments.wrong("indexes", other, "object")),
        })
        .collect()
}

/// Adds all that are new; if one can't be, none of them stays.
fn add_all(content: &mut Collection, specs: &[IndexSpec]) -> Result<()> {
    let mut added: Vec<String> = Vec::new();
    for spec in specs {
        let done = is_new(content, spec).and_then(|new| {
            if new {
                content.create_index(spec.clone()).map(|()| true)
            } else {
                Ok(false)
            }
        });
        match done {
            Ok(true) => added.push(spec.name.clone()),
            Ok(false) => {}
            Err(error) => {
                if !added.is_empty() {
                    content.drop_indexes(|spec| added.contains(&spec.name));
                }
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Whether an index is not there yet; one that contradicts it is an error.
fn is_new(content: &Collection, spec: &IndexSpec) -> Result<bool> {
    if compare::compare_documents(&spec.keys, &IndexSpec::id().keys).is_eq() {
        return Ok(false);
    }
    if spec.name == "_id_" {
        return Err(Error::new(
            2,
            "The index name '_id_' is reserved for the _id index",
        ));
    }
    let mut known = content.indexes().iter().map(|index| &index.spec);
    if let Some(known) = known.clone().find(|known| known.name == spec.name) {
        return same_name(known, spec);
    }
    if let Some(known) = known.clone().find(|known| known.is_equivalent(spec)) {
        let message = match known.is_identical(spec) {
            true => format!("Index already exists with a different name: {}", known.name),
            false => clash(
                "An equivalent index already exists with a different name and options.",
                known,
                spec,
            ),
        };
        return Err(Error::new(85, message));
    }
    if spec.is_text() && known.any(IndexSpec::is_text) {
        let message = "only one text index per collection allowed";
        return Err(Error::new(67, message));
    }
    if content.indexes().len() >= MAX_INDEXES {
        return Err(Error::new(
            67,
            format!(
                "add index fails, too many indexes for {}",
                content.namespace
            ),
        ));
    }
    Ok(true)
}

fn same_name(known: &IndexSpec, spec: &IndexSpec) -> Result<bool> {
    if known.is_identical(spec) {
        return Ok(false);
    }
    let (code, reason) = match known.is_equivalent(spec) {
        true => (
            85,
            "An equivalent index already exists with the same name but different options.",
        ),
        false => (
            86,
            "An existing index has the same name as the requested index. When index names are not \
             specified, they are auto generated and can cause conflicts. Please refer to our \
             documentation.",
        ),
    };
    Err(Error::new(code, clash(reason, known, spec)))
}

fn clash(reason: &str, known: &IndexSpec, spec: &IndexSpec) -> String {
    let (requested, existing) = (shown(&spec.listed), shown(&known.listed));
    format!("{reason} Requested index: {requested}, existing index: {existing}")
}

fn shown(document: &Document) -> String {
    crate::error::Shown(&Value::Document(document.clone())).to_string()
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let slot = call
        .state
        .catalog
        .get(&namespace)
        .ok_or_else(|| missing(&namespace))?;
    let listed = {
        let content = slot.content.read();
        content
            .indexes()
            .iter()
            .map(|i| Bytes::from(i.spec.listed.to_bytes()))
            .collect()
    };
    let size = cursor_size(call)?;
    Ok(first_batch(
        call,
        Cursor::new(namespace.to_string(), listed, false),
        size,
        false,
    ))
}

fn missing(namespace: &Namespace) -> Error {
    Error::new(26, format!("ns does not exist: {namespace}"))
}

pub(crate) fn drop(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let wanted = call
        .arguments
        .get("index")
        .ok_or_else(|| call.arguments.missing("index"))?;
    let before = with_existing(call, &namespace, |content| {
        let before = content.indexes().len();
        drop_wanted(content, wanted)?;
        Ok(before)
    })?;
    let before = before.ok_or_else(|| Error::new(26, format!("ns not found {namespace}")))?;
    call.commit()?;
    let mut reply = Reply::new();
    reply.put("nIndexesWas", before as i32);
    Ok(reply)
}

fn drop_wanted(content: &mut Collection, wanted: &Value) -> Result<()> {
    let names = match wanted {
        Value::String(all) if all == "*" => {
            content.drop_indexes(|_| true);
            return Ok(());
        }
        Value::Array(items) => items
            .iter()
            .map(|i| name_of(content, i))
            .collect::<Result<_>>()?,
        one => vec![name_of(content, one)?],
    };
    if names.iter().any(|name| name == "_id_") {
        return Err(Error::new(72, "cannot drop _id index"));
    }
    content.drop_indexes(|spec| names.contains(&spec.name));
    Ok(())
}

/// The name of the index that is meant, by its name or its keys.
fn name_of(content: &Collection, wanted: &Value) -> Result<String> {
    let found = content.indexes().iter().find(|index| match wanted {
        Value::String(name) => index.spec.name == *name,
        Value::Document(keys) => compare::compare_documents(&index.spec.keys, keys).is_eq(),
        _ => false,
    });
    match (found, wanted) {
        (Some(index), _) => Ok(index.spec.name.clone()),
        (None, Value::String(name)) => Err(Error::new(
            27,
            format!("index not found with name [{name}]"),
        )),
        (None, Value::Document(keys)) => Err(Error::new(
            27,
            format!("can't find index with key: {}", shown(keys)),
        )),
        (None, _) => Err(Error::new(
            14,
            "dropIndexes' index is a name, a key pattern or an array of names",
        )),
    }
}
