//! `startSession`, `endSessions` and their kin.

use mongolane_bson::{Document, Value};

use super::Call;
use crate::Result;
use crate::server::Sessions;
use crate::wire::Reply;

pub(crate) fn start(_: &mut Call<'_>) -> Result<Reply> {
    let mut id = Document::new();
    id.push(
        "id",
        Value::Binary(4, fastrand::u128(..).to_be_bytes().to_vec()),
    );
    let mut reply = Reply::new();
    reply.put("id", id);
    reply.put("timeoutMinutes", 30);
    Ok(reply)
}

pub(crate) fn end(call: &mut Call<'_>) -> Result<Reply> {
    each(call, |call, session| call.state.sessions.end(session))
}

pub(crate) fn refresh(call: &mut Call<'_>) -> Result<Reply> {
    each(call, |_, session| Sessions::id(session).map(drop))
}

fn each(call: &mut Call<'_>, work: impl Fn(&Call<'_>, &Document) -> Result<()>) -> Result<Reply> {
    let sessions = call.arguments.array(call.name)?.unwrap_or_default();
    for session in sessions {
        match session {
            Value::Document(session) => work(call, session)?,
            other => return Err(call.arguments.wrong(call.name, other, "object")),
        }
    }
    Ok(Reply::new())
}
