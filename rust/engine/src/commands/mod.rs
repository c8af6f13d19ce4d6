//! The commands: a table of them, and what all have in common.
//!
//! [`run`] goes through the same steps for each: fail points, arguments that
//! nobody knows, sessions, the command itself, and what a replica set adds to
//! every reply.

mod aggregate;
mod arguments;
mod coll_mod;
mod collections;
mod count;
mod cursor;
mod databases;
mod delete;
mod dependencies;
mod diagnostics;
mod distinct;
mod explain;
mod fail_point;
mod find;
mod find_and_modify;
mod geo_near;
mod hello;
mod indexes;
mod insert;
mod registry;
mod search;
mod sessions;
mod sink;
mod update;
mod writes;

use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use mongolane_bson::{Document, Value};

pub(crate) use arguments::Arguments;
use registry::Command;

use crate::number::whole_number;
use crate::server::{Begin, Client, Effect, FailPoints, Sessions, State};
use crate::storage::Namespace;
use crate::wire::{Reply, Request};
use crate::{Error, Result};

/// What to do with the connection after a request.
#[derive(Debug)]
pub enum Outcome {
    /// Answer, unless the client waits for nothing.
    Reply(Reply),
    /// Hang up without a word.
    Close,
}

/// One command being run.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a State,
    pub(crate) client: &'a mut Client,
    pub(crate) request: &'a Request<'a>,
    pub(crate) name: &'a str,
    pub(crate) database: &'a str,
    pub(crate) arguments: Arguments<'a>,
    deadline: Option<Instant>,
}

/// Error codes after which a driver may try a write again.
const RETRYABLE: [i32; 13] = [
    11600, 11602, 10107, 13435, 13436, 189, 91, 7, 6, 89, 9001, 262, 317,
];

/// Error codes that say something about the replica set, so that the reply
/// tells which state of it is meant.
const NOT_PRIMARY: [i32; 6] = [10107, 13435, 13436, 11602, 189, 10058];

/// Runs one request. Nothing that happens in it harms the server.
pub fn run(state: &State, client: &mut Client, request: &Request<'_>) -> Outcome {
    let effect = strike(state, client, request).unwrap_or_default();
    if effect.block.is_some_and(|time| !state.sleep(time)) || effect.close {
        return Outcome::Close;
    }
    let write = strike_write(state, client, request).unwrap_or_default();
    if write.close && write.code.is_some() {
        return Outcome::Close;
    }
    let done = match effect.code.or(write.code) {
        Some(code) => Err(Error::new(
            code,
            "Failing command via 'failCommand' failpoint",
        )),
        None => panic::catch_unwind(AssertUnwindSafe(|| execute(state, client, request)))
            .unwrap_or_else(|_| {
                Err(Error::new(
                    1,
                    "the engine failed at this command, which is a bug",
                ))
            }),
    };
    if write.close {
        return Outcome::Close;
    }
    let mut reply = done.unwrap_or_else(|error| Reply::error(&error));
    if let Some(code) = effect.code {
        label(&mut reply, request, &effect);
        if NOT_PRIMARY.contains(&code) {
            reply.put("topologyVersion", hello::topology_version(state));
        }
    }
    if let Some(error) = &effect.write_concern_error {
        write_concern_error(&mut reply, request, error, &effect);
    }
    finish(state, &mut reply);
    Outcome::Reply(reply)
}

fn strike(state: &State, client: &Client, request: &Request<'_>) -> Option<Effect> {
    let (name, value) = request.body.iter().next()?;
    let namespace = match (request.body.get("$db"), value) {
        (Some(Value::String(db)), Value::String(name)) => format!("{db}.{name}"),
        _ => String::new(),
    };
    state
        .fail_points
        .strike(name, client.app_name.as_deref(), &namespace)
}

/// What befalls a retryable write, by a fail point of its own.
fn strike_write(state: &State, client: &Client, request: &Request<'_>) -> Option<Effect> {
    request.body.get("txnNumber")?;
    let name = client.app_name.as_deref();
    state
        .fail_points
        .strike(FailPoints::RETRYABLE_WRITE, name, "")
}

/// The labels that a failed command's reply has.
fn label(reply: &mut Reply, request: &Request<'_>, effect: &Effect) {
    let own = || {
        let code = effect.code.or_else(|| {
            effect
                .write_concern_error
                .as_ref()?
                .get("code")
                .and_then(whole_number)
                .map(|c| c as i32)
        });
        let retryable = request.body.contains_key("txnNumber")
            && code.is_some_and(|code| RETRYABLE.contains(&code));
        retryable.then(|| vec![Value::from("RetryableWriteError")])
    };
    if let Some(labels) = effect.labels.clone().or_else(own).filter(|l| !l.is_empty()) {
        reply.put("errorLabels", labels);
    }
}

fn write_concern_error(
    reply: &mut Reply,
    request: &Request<'_>,
    error: &Document,
    effect: &Effect,
) {
    if !reply.is_ok {
        return;
    }
    let mut shown = Document::new();
    for (key, value) in error {
        shown.push(key.clone(), value.clone());
    }
    let labels = shown.remove("errorLabels");
    reply.put("writeConcernError", shown);
    match labels {
        Some(labels) => reply.value("errorLabels", &labels),
        None => label(reply, request, effect),
    }
}

/// What every reply ends with.
fn finish(state: &State, reply: &mut Reply) {
    reply.put("ok", if reply.is_ok { 1.0 } else { 0.0 });
    reply.put("$clusterTime", state.clock.gossip());
    reply.put("operationTime", state.clock.time());
    reply.finish();
}

fn execute(state: &State, client: &mut Client, request: &Request<'_>) -> Result<Reply> {
    let (name, _) = request
        .body
        .iter()
        .next()
        .ok_or_else(|| Error::new(59, "an empty command"))?;
    let command =
        registry::find(name).ok_or_else(|| Error::new(59, format!("no such command: '{name}'")))?;
    let arguments = Arguments::new(&request.body, command);
    let Some(Value::String(database)) = request.body.get("$db") else {
        return Err(Error::new(
            40414,
            "BSON field 'OpMsg.$db' is missing but a required field",
        ));
    };
    arguments.check(request)?;
    check_api(&arguments, command)?;
    refuse_transactions(&request.body)?;
    let deadline = arguments.whole("maxTimeMS")?.filter(|millis| *millis > 0);
    let deadline = deadline.map(|millis| Instant::now() + Duration::from_millis(millis as u64));
    let mut call = Call {
        state,
        client,
        request,
        name,
        database,
        arguments,
        deadline,
    };
    match (request.body.get("lsid"), request.body.get("txnNumber")) {
        (Some(Value::Document(lsid)), Some(number)) if command.is_write => {
            retryable(&mut call, command, lsid, number)
        }
        _ => write_concern(&mut call, command),
    }
}

fn retryable(
    call: &mut Call<'_>,
    command: &Command,
    lsid: &Document,
    number: &Value,
) -> Result<Reply> {
    let Value::Int64(number) = number else {
        return Err(Error::new(
            14,
            "BSON field 'txnNumber' is the wrong type, expected type 'long'",
        ));
    };
    match call.state.sessions.begin(lsid, *number)? {
        Begin::Done(reply) => Ok(reply),
        Begin::Run(mut held) => {
            let reply = write_concern(call, command)?;
            Sessions::record(&mut held, &reply);
            Ok(reply)
        }
    }
}

/// Runs the command, and says where the wish for acknowledgement can't be met.
fn write_concern(call: &mut Call<'_>, command: &Command) -> Result<Reply> {
    let wish = match call.arguments.document("writeConcern")? {
        Some(wish) if command.is_write => wish.get("w"),
        _ => None,
    };
    let mut reply = (command.run)(call)?;
    let unmet = match wish {
        Some(Value::String(mode)) if mode != "majority" => Some((
            79,
            format!("No write concern mode named '{mode}' found in replica set configuration"),
        )),
        Some(members) if whole_number(members).is_some_and(|n| n > 1) => {
            Some((100, "Not enough data-bearing nodes".to_owned()))
        }
        _ => None,
    };
    if let Some((code, message)) = unmet {
        let mut error = Document::new();
        error.push("code", code);
        error.push("codeName", Error::new(code, "").code_name());
        error.push("errmsg", message);
        reply.put("writeConcernError", error);
    }
    Ok(reply)
}

fn check_api(arguments: &Arguments<'_>, command: &Command) -> Result<()> {
    match arguments.text("apiVersion")? {
        None if arguments.has("apiStrict") || arguments.has("apiDeprecationErrors") => {
            Err(Error::new(
                322,
                "Provided apiStrict or apiDeprecationErrors, but not apiVersion",
            ))
        }
        None => Ok(()),
        Some("1") if arguments.flag("apiStrict") && !command.is_stable => Err(Error::new(
            323,
            format!(
                "Provided apiStrict:true, but the command {} is not in API Version 1",
                command.name
            ),
        )),
        Some("1") => Ok(()),
        Some(_) => Err(Error::new(322, "API version must be \"1\"")),
    }
}

fn refuse_transactions(body: &Document) -> Result<()> {
    if body.contains_key("startTransaction") || body.contains_key("autocommit") {
        return Err(Error::new(
            20,
            "multi-document transactions are not supported by this server",
        ));
    }
    Ok(())
}

impl Call<'_> {
    /// The collection that the command's first field names.
    pub(crate) fn namespace(&self) -> Result<Namespace> {
        match self.arguments.get(self.name) {
            Some(Value::String(name)) => Namespace::new(self.database, name),
            _ => Err(Error::new(
                73,
                format!("collection name has invalid type, in {}", self.name),
            )),
        }
    }

    /// Refuses to go on once `maxTimeMS` is over.
    pub(crate) fn check_time(&self) -> Result<()> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => {
                Err(Error::new(50, "operation exceeded time limit"))
            }
            _ => Ok(()),
        }
    }

    /// Waits until what was written is safe.
    pub(crate) fn commit(&self) -> Result<()> {
        self.state.clock.tick();
        match self.state.catalog.disk() {
            Some(disk) => disk.wait(disk.ticket()),
            None => Ok(()),
        }
    }
}
