//! The table of all commands.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{
    Call, aggregate, coll_mod, collections, count, cursor, databases, delete, diagnostics,
    distinct, explain, fail_point, find, find_and_modify, hello, indexes, insert, sessions, update,
};
use crate::Result;
use crate::wire::Reply;

/// A command: its fields, its nature, its code.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// The fields it knows besides its own and those of all commands.
    pub(crate) fields: &'static [&'static str],
    /// Whether `writeConcern` and `txnNumber` mean something.
    pub(crate) is_write: bool,
    /// Whether it belongs to the stable API.
    pub(crate) is_stable: bool,
    /// Whether it takes fields that nobody knows, as handshakes do.
    pub(crate) is_open: bool,
    pub(crate) run: fn(&mut Call<'_>) -> Result<Reply>,
}

/// The command of that name.
pub(crate) fn find(name: &str) -> Option<&'static Command> {
    static TABLE: OnceLock<HashMap<&'static str, Command>> = OnceLock::new();
    TABLE
        .get_or_init(|| all().into_iter().map(|c| (c.name, c)).collect())
        .get(name)
}

/// The names of all commands.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    all().into_iter().map(|command| command.name)
}

type Run = fn(&mut Call<'_>) -> Result<Reply>;

fn read(name: &'static str, fields: &'static [&'static str], run: Run) -> Command {
    Command {
        name,
        fields,
        is_write: false,
        is_stable: true,
        is_open: false,
        run,
    }
}

fn write(name: &'static str, fields: &'static [&'static str], run: Run) -> Command {
    Command {
        is_write: true,
        ..read(name, fields, run)
    }
}

fn unstable(name: &'static str, fields: &'static [&'static str], run: Run) -> Command {
    Command {
        is_stable: false,
        ..read(name, fields, run)
    }
}

fn open(name: &'static str, run: Run) -> Command {
    Command {
        is_open: true,
        ..read(name, &[], run)
    }
}

const FIND_AND_MODIFY: &[&str] = &[
    "query",
    "sort",
    "remove",
    "update",
    "new",
    "fields",
    "upsert",
    "bypassDocumentValidation",
    "collation",
    "arrayFilters",
    "hint",
    "let",
];

fn all() -> Vec<Command> {
    vec![
        open("hello", hello::run),
        open("isMaster", hello::run),
        open("ismaster", hello::run),
        read("ping", &[], diagnostics::ping),
        unstable("buildInfo", &[], diagnostics::build_info),
        unstable("buildinfo", &[], diagnostics::build_info),
        unstable("hostInfo", &[], diagnostics::host_info),
        Command {
            is_open: true,
            ..unstable("getParameter", &[], diagnostics::get_parameter)
        },
        Command {
            is_open: true,
            ..unstable("serverStatus", &[], diagnostics::server_status)
        },
        unstable(
            "connectionStatus",
            &["showPrivileges"],
            diagnostics::connection_status,
        ),
        unstable("whatsmyuri", &[], diagnostics::whats_my_uri),
        unstable("getLog", &[], diagnostics::get_log),
        unstable("getCmdLineOpts", &[], diagnostics::command_line),
        unstable("listCommands", &[], diagnostics::list_commands),
        unstable(
            "replSetGetStatus",
            &["initialSync"],
            diagnostics::replica_status,
        ),
        unstable("atlasVersion", &[], diagnostics::atlas_version),
        unstable(
            "saslStart",
            &["mechanism", "payload", "options", "autoAuthorize"],
            diagnostics::no_users,
        ),
        write(
            "insert",
            &["documents", "ordered", "bypassDocumentValidation"],
            insert::run,
        ),
        write(
            "update",
            &["updates", "ordered", "bypassDocumentValidation", "let"],
            update::run,
        ),
        write("delete", &["deletes", "ordered", "let"], delete::run),
        write("findAndModify", FIND_AND_MODIFY, find_and_modify::run),
        write("findandmodify", FIND_AND_MODIFY, find_and_modify::run),
        read("find", find::FIELDS, find::run),
        read("getMore", &["collection", "batchSize"], cursor::get_more),
        read("killCursors", &["cursors"], cursor::kill_cursors),
        read(
            "count",
            &["query", "limit", "skip", "hint", "collation", "fields"],
            count::run,
        ),
        unstable(
            "distinct",
            &["key", "query", "collation", "hint"],
            distinct::run,
        ),
        read("aggregate", aggregate::FIELDS, aggregate::run),
        read("explain", &["verbosity"], explain::run),
        write(
            "createIndexes",
            &["indexes", "commitQuorum"],
            indexes::create,
        ),
        read("listIndexes", &["cursor"], indexes::list),
        write("dropIndexes", &["index"], indexes::drop),
        write("create", collections::CREATE_FIELDS, collections::create),
        write("drop", &[], collections::drop),
        write(
            "collMod",
            &["index", "validator", "validationLevel", "validationAction"],
            coll_mod::run,
        ),
        read(
            "listCollections",
            &["filter", "nameOnly", "authorizedCollections", "cursor"],
            collections::list,
        ),
        Command {
            is_stable: false,
            ..write(
                "renameCollection",
                &["to", "dropTarget"],
                collections::rename,
            )
        },
        unstable("collStats", &["scale"], collections::stats),
        write("dropDatabase", &[], databases::drop),
        read(
            "listDatabases",
            &["filter", "nameOnly", "authorizedDatabases"],
            databases::list,
        ),
        unstable("dbStats", &["scale", "freeStorage"], databases::stats),
        unstable("dbstats", &["scale", "freeStorage"], databases::stats),
        unstable("startSession", &[], sessions::start),
        read("endSessions", &[], sessions::end),
        read("refreshSessions", &[], sessions::refresh),
        unstable("killSessions", &[], sessions::end),
        unstable("killAllSessions", &[], sessions::refresh),
        unstable(
            "configureFailPoint",
            &["mode", "data"],
            fail_point::configure,
        ),
    ]
}
