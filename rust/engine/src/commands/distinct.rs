//! `distinct`.

use std::collections::HashSet;

use mongolane_bson::Document;

use super::Call;
use super::find::{search, variables};
use crate::compare::Key;
use crate::path::{self, Path, Raw};
use crate::query::Matcher;
use crate::storage::refuse_collation;
use crate::wire::Reply;
use crate::{Error, Result};

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let arguments = call.arguments;
    refuse_collation(arguments.get("collation"))?;
    let key = arguments
        .text("key")?
        .ok_or_else(|| arguments.missing("key"))?;
    if key.is_empty() || key.contains('\0') {
        return Err(Error::new(
            2,
            "Key field cannot be empty or contain an embedded null byte",
        ));
    }
    let path = Path::new(key);
    let empty = Document::new();
    let filter = arguments.document("query")?.unwrap_or(&empty);
    let matcher = Matcher::parse_with(filter, variables(call)?)?;
    let (mut seen, mut values) = (HashSet::new(), Vec::new());
    if let Some(slot) = call.state.catalog.get(&call.namespace()?) {
        let content = slot.content.read();
        search(
            call,
            &content,
            arguments.get("hint"),
            &matcher,
            |_, bytes, _| {
                let found = path::values(&Raw(bytes), &path);
                values.extend(
                    found
                        .into_iter()
                        .filter(|value| seen.insert(Key::of(value))),
                );
                Ok(true)
            },
        )?;
    }
    let mut reply = Reply::new();
    reply.put("values", values);
    Ok(reply)
}
