//! `hello` under its three names.

use std::time::Duration;

use mongolane_bson::{Document, Value};

use super::Call;
use crate::Result;
use crate::server::{SET_NAME, State, now};
use crate::wire::Reply;

/// MongoDB 7.0. 8.0 would promise `bulkWrite` over several collections.
const MAX_WIRE_VERSION: i32 = 21;

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    remember_client(call)?;
    wait_for_change(call)?;
    let address = call.client.server_address.clone();
    let mut reply = Reply::new();
    if call.arguments.flag("helloOk") {
        reply.put("helloOk", true);
    }
    reply.put(
        if call.name == "hello" {
            "isWritablePrimary"
        } else {
            "ismaster"
        },
        true,
    );
    reply.put("secondary", false);
    reply.put("topologyVersion", topology_version(call.state));
    reply.put("hosts", vec![Value::from(address.as_str())]);
    reply.put("setName", SET_NAME);
    reply.put("setVersion", 1);
    reply.put("primary", address.as_str());
    reply.put("me", address);
    reply.value(
        "electionId",
        &Value::ObjectId([0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1]),
    );
    reply.put("lastWrite", last_write(call));
    limits(call, &mut reply);
    Ok(reply)
}

fn limits(call: &Call<'_>, reply: &mut Reply) {
    reply.put("maxBsonObjectSize", 16 * 1024 * 1024);
    reply.put("maxMessageSizeBytes", crate::wire::MAX_MESSAGE as i32);
    reply.put("maxWriteBatchSize", 100_000);
    reply.value("localTime", &now());
    reply.put("logicalSessionTimeoutMinutes", 30);
    reply.put("connectionId", call.client.id as i32);
    reply.put("minWireVersion", 0);
    reply.put("maxWireVersion", MAX_WIRE_VERSION);
    reply.put("readOnly", false);
}

fn remember_client(call: &mut Call<'_>) -> Result<()> {
    let Some(client) = call.arguments.document("client")? else {
        return Ok(());
    };
    if let Some(Value::Document(application)) = client.get("application")
        && let Some(Value::String(name)) = application.get("name")
    {
        call.client.app_name = Some(name.clone());
    }
    Ok(())
}

/// A hello that names the topology it knows waits for another one, which here
/// never comes before its time is over.
fn wait_for_change(call: &Call<'_>) -> Result<()> {
    let Some(known) = call.arguments.document("topologyVersion")? else {
        return Ok(());
    };
    let same = known.get("processId") == Some(&Value::ObjectId(call.state.process));
    if let (true, Some(millis)) = (same, call.arguments.size("maxAwaitTimeMS")?) {
        call.state.sleep(Duration::from_millis(millis as u64));
    }
    Ok(())
}

/// Which state of the replica set this is: there is only one.
pub(crate) fn topology_version(state: &State) -> Document {
    let mut version = Document::new();
    version.push("processId", Value::ObjectId(state.process));
    version.push("counter", 6i64);
    version
}

fn last_write(call: &Call<'_>) -> Document {
    let mut time = Document::new();
    time.push("ts", call.state.clock.time());
    time.push("t", 1i64);
    let mut last = Document::new();
    last.push("opTime", time.clone());
    last.push("lastWriteDate", now());
    last.push("majorityOpTime", time);
    last.push("majorityWriteDate", now());
    last
}
