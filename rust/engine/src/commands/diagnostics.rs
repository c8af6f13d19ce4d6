//! Small commands about the server itself.

use mongolane_bson::{Document, Value};

use super::{Call, registry};
use crate::server::{SET_NAME, now};
use crate::wire::Reply;
use crate::{Error, Result};

/// The MongoDB whose behaviour this server follows.
const VERSION: &str = "7.0.0";

pub(crate) fn ping(_: &mut Call<'_>) -> Result<Reply> {
    Ok(Reply::new())
}

pub(crate) fn build_info(_: &mut Call<'_>) -> Result<Reply> {
    let mut reply = Reply::new();
    reply.put("version", VERSION);
    reply.put("gitVersion", "mongolane");
    reply.put("modules", vec![Value::from("mongolane")]);
    reply.put("sysInfo", "deprecated");
    reply.put("versionArray", [7, 0, 0, 0].map(Value::Int32).to_vec());
    reply.put("bits", 64);
    reply.put("debug", cfg!(debug_assertions));
    reply.put("maxBsonObjectSize", 16 * 1024 * 1024);
    reply.put("storageEngines", vec![Value::from("mongolane")]);
    Ok(reply)
}

pub(crate) fn host_info(_: &mut Call<'_>) -> Result<Reply> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut system = Document::new();
    system.push("currentTime", now());
    system.push("numCores", cores as i32);
    system.push("cpuArch", std::env::consts::ARCH);
    let mut os = Document::new();
    os.push("type", std::env::consts::OS);
    let mut reply = Reply::new();
    reply.put("system", system);
    reply.put("os", os);
    Ok(reply)
}

pub(crate) fn get_parameter(call: &mut Call<'_>) -> Result<Reply> {
    let mut version = Document::new();
    version.push("version", "7.0");
    let known: [(&str, Value); 3] = [
        ("featureCompatibilityVersion", version.into()),
        ("enableTestCommands", Value::Bool(true)),
        ("authenticationMechanisms", Value::Array(Vec::new())),
    ];
    let all = call.arguments.get("getParameter") == Some(&Value::from("*"));
    let mut reply = Reply::new();
    for (key, value) in known
        .iter()
        .filter(|(key, _)| all || call.arguments.has(key))
    {
        reply.value(key, value);
    }
    if reply.is_empty() {
        return Err(Error::new(72, "no option found to get"));
    }
    Ok(reply)
}

pub(crate) fn server_status(call: &mut Call<'_>) -> Result<Reply> {
    let uptime = call.state.started.elapsed();
    let mut engine = Document::new();
    engine.push("name", "mongolane");
    engine.push("persistent", call.state.catalog.disk().is_some());
    let mut cursors = Document::new();
    cursors.push("open", call.state.cursors.count() as i64);
    let mut set = Document::new();
    set.push("setName", SET_NAME);
    set.push("isWritablePrimary", true);
    let mut reply = Reply::new();
    reply.put("host", call.client.server_address.as_str());
    reply.put("version", VERSION);
    reply.put("process", "mongolane");
    reply.put("pid", i64::from(std::process::id()));
    reply.put("uptime", uptime.as_secs_f64());
    reply.put("uptimeMillis", uptime.as_millis() as i64);
    reply.value("localTime", &now());
    reply.put("storageEngine", engine);
    reply.put("cursors", cursors);
    reply.put("repl", set);
    Ok(reply)
}

pub(crate) fn connection_status(_: &mut Call<'_>) -> Result<Reply> {
    let mut info = Document::new();
    info.push("authenticatedUsers", Vec::new());
    info.push("authenticatedUserRoles", Vec::new());
    let mut reply = Reply::new();
    reply.put("authInfo", info);
    Ok(reply)
}

pub(crate) fn whats_my_uri(call: &mut Call<'_>) -> Result<Reply> {
    let mut reply = Reply::new();
    reply.put("you", call.client.address.as_str());
    Ok(reply)
}

pub(crate) fn get_log(call: &mut Call<'_>) -> Result<Reply> {
    let mut reply = Reply::new();
    if call.arguments.get("getLog") == Some(&Value::from("*")) {
        reply.put(
            "names",
            ["global", "startupWarnings"].map(Value::from).to_vec(),
        );
        return Ok(reply);
    }
    reply.put("totalLinesWritten", 0);
    reply.put("log", Vec::new());
    Ok(reply)
}

pub(crate) fn command_line(_: &mut Call<'_>) -> Result<Reply> {
    let mut reply = Reply::new();
    reply.put("argv", vec![Value::from("mongolane")]);
    reply.put("parsed", Document::new());
    Ok(reply)
}

pub(crate) fn list_commands(_: &mut Call<'_>) -> Result<Reply> {
    let commands: Document = registry::names()
        .map(|name| (name.to_owned(), Value::Document(Document::new())))
        .collect();
    let mut reply = Reply::new();
    reply.put("commands", commands);
    Ok(reply)
}

pub(crate) fn replica_status(call: &mut Call<'_>) -> Result<Reply> {
    let mut member = Document::new();
    member.push("_id", 0);
    member.push("name", call.client.server_address.as_str());
    member.push("health", 1.0);
    member.push("state", 1);
    member.push("stateStr", "PRIMARY");
    member.push("self", true);
    let mut reply = Reply::new();
    reply.put("set", SET_NAME);
    reply.value("date", &now());
    reply.put("myState", 1);
    reply.put("members", vec![Value::Document(member)]);
    Ok(reply)
}

pub(crate) fn atlas_version(_: &mut Call<'_>) -> Result<Reply> {
    Err(Error::new(
        8000,
        "command atlasVersion is only known to Atlas, and this is none",
    ))
}

pub(crate) fn no_users(_: &mut Call<'_>) -> Result<Reply> {
    Err(Error::new(
        18,
        "Authentication failed: this server has no users, connect without a user name",
    ))
}
