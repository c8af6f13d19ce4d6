//! `distinct`.

use std::collections::HashSet;

use mongolane_bson::Document;

use super::Call;
use super::search::{search, variables};
use crate::collation;
use crate::path::{self, Path, Raw};
use crate::query::Matcher;
use crate::wire::Reply;
use crate::{Error, Result};

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let arguments = call.arguments;
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
    let variables = variables(call, &call.namespace()?, arguments.get("collation"))?;
    let matcher = Matcher::parse_with(filter, variables)?;
    let by = matcher.variables().collation();
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
                        .filter(|value| seen.insert(collation::key(by, value))),
                );
                Ok(true)
            },
        )?;
    }
    let mut reply = Reply::new();
    reply.put("values", values);
    Ok(reply)
}
