//! `collMod`: when an index's documents expire, whether it is hidden, and what
//! documents must be.

use mongolane_bson::{Document, Value, Value::Bool};

use super::Call;
use super::collections::validation;
use super::writes::with_existing;
use crate::compare::compare_documents;
use crate::number::whole_number;
use crate::query::is_truthy;
use crate::storage::IndexSpec;
use crate::wire::Reply;
use crate::{Error, Result};

const FIELDS: [&str; 4] = ["name", "keyPattern", "expireAfterSeconds", "hidden"];

/// A field as it was, and as it is now.
type Changed = Vec<(&'static str, Value, Value)>;

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let wanted = call.arguments.document("index")?;
    if let Some(unknown) = wanted.and_then(|w| w.keys().find(|key| !FIELDS.contains(key))) {
        return Err(Error::new(
            40415,
            format!("BSON field 'collMod.index.{unknown}' is an unknown field."),
        ));
    }
    let done = with_existing(call, &namespace, |content| {
        let mut options = content.options.clone();
        validation(&call.arguments, &mut options)?;
        if options != content.options {
            content.set_options(options)?;
        }
        let Some(wanted) = wanted else {
            return Ok(Vec::new());
        };
        check(wanted)?;
        content
            .change_index(|spec| is_meant(wanted, spec), |spec| change(wanted, spec))
            .ok_or_else(|| Error::new(27, format!("cannot find index for ns {namespace}")))?
    })?;
    let changed = done.ok_or_else(|| Error::new(26, format!("ns does not exist: {namespace}")))?;
    call.commit()?;
    let mut reply = Reply::new();
    for (name, old, new) in changed {
        reply.put(&format!("{name}_old"), old);
        reply.put(&format!("{name}_new"), new);
    }
    Ok(reply)
}

fn check(wanted: &Document) -> Result<()> {
    if wanted.contains_key("name") == wanted.contains_key("keyPattern") {
        return Err(Error::new(
            72,
            "give either the index's name or its keyPattern",
        ));
    }
    if !wanted.contains_key("expireAfterSeconds") && !wanted.contains_key("hidden") {
        let message = "no expireAfterSeconds, hidden, unique, or prepareUnique field";
        return Err(Error::new(72, message));
    }
    Ok(())
}

fn is_meant(wanted: &Document, spec: &IndexSpec) -> bool {
    match (wanted.get("name"), wanted.get("keyPattern")) {
        (Some(Value::String(name)), _) => spec.name == *name,
        (_, Some(Value::Document(keys))) => compare_documents(&spec.keys, keys).is_eq(),
        _ => false,
    }
}

fn change(wanted: &Document, spec: &mut IndexSpec) -> Result<Changed> {
    let mut changed = Changed::new();
    let seconds = wanted.get("expireAfterSeconds").map(seconds).transpose()?;
    let hidden = wanted.get("hidden").map(is_truthy);
    if hidden == Some(true) && spec.name == "_id_" {
        return Err(Error::new(2, "can't hide _id index"));
    }
    if let Some(seconds) = seconds {
        let old = spec.expire_after.map_or(Value::Null, Value::Int64);
        spec.expire_after = Some(seconds);
        spec.listed.insert("expireAfterSeconds", seconds);
        changed.push(("expireAfterSeconds", old, Value::Int64(seconds)));
    }
    if let Some(hidden) = hidden.filter(|hidden| *hidden != spec.hidden) {
        changed.push(("hidden", Bool(spec.hidden), Bool(hidden)));
        spec.hidden = hidden;
        spec.listed.remove("hidden");
        if hidden {
            spec.listed.insert("hidden", true);
        }
    }
    Ok(changed)
}

fn seconds(value: &Value) -> Result<i64> {
    whole_number(value)
        .filter(|seconds| (0..=i64::from(i32::MAX)).contains(seconds))
        .ok_or_else(|| Error::new(72, "expireAfterSeconds must be within an acceptable range"))
}
