//! `count`.

use mongolane_bson::Document;

use super::Call;
use super::search::{search, variables};
use crate::Result;
use crate::query::Matcher;
use crate::wire::Reply;

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let arguments = call.arguments;
    let empty = Document::new();
    let filter = arguments.document("query")?.unwrap_or(&empty);
    let matcher = Matcher::parse_with(
        filter,
        variables(call, &call.namespace()?, arguments.get("collation"))?,
    )?;
    let skip = arguments.size("skip")?.unwrap_or(0);
    let limit = arguments.whole("limit")?.unwrap_or(0).unsigned_abs() as usize;
    let mut count = all(call, &matcher)?.saturating_sub(skip);
    if limit != 0 {
        count = count.min(limit);
    }
    let mut reply = Reply::new();
    match i32::try_from(count) {
        Ok(count) => reply.put("n", count),
        Err(_) => reply.put("n", count as i64),
    }
    Ok(reply)
}

fn all(call: &Call<'_>, matcher: &Matcher) -> Result<usize> {
    let Some(slot) = call.state.catalog.get(&call.namespace()?) else {
        return Ok(0);
    };
    let content = slot.content.read();
    if matcher.is_empty() && !call.arguments.has("hint") {
        return Ok(content.len());
    }
    let mut count = 0;
    search(
        call,
        &content,
        call.arguments.get("hint"),
        matcher,
        |_, _, _| {
            count += 1;
            Ok(true)
        },
    )?;
    Ok(count)
}
