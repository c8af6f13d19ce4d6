//! Batches: the first one of any result, `getMore`, `killCursors`.

use mongolane_bson::Value;

use super::Call;
use crate::number::whole_number;
use crate::server::Cursor;
use crate::wire::Reply;
use crate::{Error, Result};

/// How many documents come first when the client doesn't say.
const FIRST: usize = 101;

/// The reply with a result's first batch; the rest is kept for `getMore`.
pub(crate) fn first_batch(
    call: &Call<'_>,
    mut cursor: Cursor,
    size: Option<usize>,
    single: bool,
) -> Reply {
    let mut reply = Reply::new();
    let namespace = cursor.namespace.clone();
    let start = reply.open_document("cursor");
    let more = cursor.batch(&mut reply, "firstBatch", size.unwrap_or(FIRST));
    let id = if more && !single {
        call.state.cursors.keep(cursor)
    } else {
        0
    };
    reply.put("id", id);
    reply.put("ns", namespace);
    reply.close(start);
    reply
}

pub(crate) fn get_more(call: &mut Call<'_>) -> Result<Reply> {
    let Some(Value::Int64(id)) = call.arguments.get("getMore") else {
        return Err(Error::new(
            14,
            "BSON field 'getMore.getMore' is the wrong type, expected type 'long'",
        ));
    };
    let collection = call
        .arguments
        .text("collection")?
        .ok_or_else(|| call.arguments.missing("collection"))?;
    let size = call.arguments.size("batchSize")?.filter(|size| *size > 0);
    let namespace = format!("{}.{collection}", call.database);
    let mut cursor = call.state.cursors.take(*id, &namespace)?;
    let mut reply = Reply::new();
    let start = reply.open_document("cursor");
    let more = cursor.batch(&mut reply, "nextBatch", size.unwrap_or(usize::MAX));
    if more {
        call.state.cursors.put_back(*id, cursor);
    }
    reply.put("id", if more { *id } else { 0 });
    reply.put("ns", namespace);
    reply.close(start);
    Ok(reply)
}

pub(crate) fn kill_cursors(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?.to_string();
    let ids = call
        .arguments
        .array("cursors")?
        .ok_or_else(|| call.arguments.missing("cursors"))?;
    let (mut killed, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        let number = whole_number(id).ok_or_else(|| call.arguments.wrong("cursors", id, "long"))?;
        let found = call.state.cursors.kill(number, &namespace);
        if found { &mut killed } else { &mut missing }.push(Value::Int64(number));
    }
    let mut reply = Reply::new();
    reply.put("cursorsKilled", killed);
    reply.put("cursorsNotFound", missing);
    reply.put("cursorsAlive", Vec::new());
    reply.put("cursorsUnknown", Vec::new());
    Ok(reply)
}
