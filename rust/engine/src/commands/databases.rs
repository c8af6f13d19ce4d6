//! `dropDatabase`, `listDatabases`, `dbStats`.

use mongolane_bson::{Document, Value};

use super::Call;
use crate::query::Matcher;
use crate::storage::check_database;
use crate::wire::Reply;
use crate::{Error, Result};

pub(crate) fn drop(call: &mut Call<'_>) -> Result<Reply> {
    check_database(call.database)?;
    let names = call.state.catalog.collections(call.database);
    let mut reply = Reply::new();
    if call.state.catalog.drop_database(call.database) {
        for name in names.keys() {
            call.state
                .cursors
                .kill_of(&format!("{}.{name}", call.database));
        }
        reply.put("dropped", call.database);
    }
    call.commit()?;
    Ok(reply)
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply> {
    if call.database != "admin" {
        return Err(Error::new(
            13,
            "listDatabases may only be run against the admin database.",
        ));
    }
    let names_only = call.arguments.flag("nameOnly");
    let matcher = call
        .arguments
        .document("filter")?
        .map(Matcher::parse)
        .transpose()?;
    let (mut listed, mut total) = (Vec::new(), 0);
    for name in call.state.catalog.database_names() {
        let (size, _) = size_of(call, &name);
        let mut shown = Document::new();
        shown.push("name", name);
        if !names_only {
            shown.push("sizeOnDisk", size);
            shown.push("empty", false);
        }
        if matcher.as_ref().map_or(Ok(true), |m| m.matches(&shown))? {
            total += size;
            listed.push(Value::Document(shown));
        }
    }
    let mut reply = Reply::new();
    reply.put("databases", listed);
    if !names_only {
        reply.put("totalSize", total);
        reply.put("totalSizeMb", total / (1024 * 1024));
    }
    Ok(reply)
}

/// Bytes and documents of a database.
fn size_of(call: &Call<'_>, name: &str) -> (i64, i64) {
    call.state
        .catalog
        .collections(name)
        .values()
        .fold((0, 0), |(size, count), slot| {
            let content = slot.content.read();
            (size + content.size() as i64, count + content.len() as i64)
        })
}

pub(crate) fn stats(call: &mut Call<'_>) -> Result<Reply> {
    let scale = call.arguments.whole("scale")?.unwrap_or(1).max(1);
    let collections = call.state.catalog.collections(call.database);
    let (size, count) = size_of(call, call.database);
    let indexes: usize = collections
        .values()
        .map(|s| s.content.read().indexes().len())
        .sum();
    let mut reply = Reply::new();
    reply.put("db", call.database);
    reply.put("collections", collections.len() as i64);
    reply.put("views", 0i64);
    reply.put("objects", count);
    reply.put(
        "avgObjSize",
        if count == 0 {
            0.0
        } else {
            size as f64 / count as f64
        },
    );
    reply.put("dataSize", size as f64 / scale as f64);
    reply.put("storageSize", size as f64 / scale as f64);
    reply.put("indexes", indexes as i64);
    reply.put("scaleFactor", scale);
    Ok(reply)
}
