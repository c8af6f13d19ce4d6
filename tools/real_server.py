#!/usr/bin/env python3
"""
An independent server that speaks MongoDB's protocol, for tests.

    real_server.py start     build if need be, start unless it runs, print the URI
    real_server.py lend      like start, but for as long as standard input stays open;
                             the last borrower's end stops what borrowing started
    real_server.py stop      stop it
    real_server.py status    print the URI and exit 0 if it runs, else exit 3
    real_server.py build     only build

PostgreSQL 18 with the DocumentDB extension stores, FerretDB speaks the protocol; see
``real_server_build.py`` for where they come from. Needs Linux, root, Go, and 0.9 GB in
the cache. The first build takes about two minutes, each later start two seconds. Each
start makes an empty database: the server is a test's, it keeps nothing.

All of it is one process tree in namespaces of its own, in a chroot: killing the first
process ends the others, their shared memory and their mounts. PostgreSQL listens only
on a Unix socket in the chroot, the gateway only on the loopback interface.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cache
from cache import ToolError, say
from real_server_build import build, check_host, home, root_dir

START_SECONDS = 60
NOT_RUNNING = 3

# The extension makes collections over a connection to its own server, and builds
# indexes in cron's jobs, which need no connection when background workers run them.
# The batch size is what the gateway announces; by itself the extension takes less.
SETTINGS = """
shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb'
cron.database_name = 'postgres'
cron.use_background_workers = on
documentdb.localhost_connection_string = 'host=/srv/data'
documentdb.maxWriteBatchSize = 100000
documentdb_core.enableCollation = on
listen_addresses = ''
unix_socket_directories = '/srv/data'
max_connections = 200
max_worker_processes = 32
fsync = off
synchronous_commit = off
full_page_writes = off
"""

# Runs as root in the new namespaces, $1 the chroot and $2 the address to listen on.
OUTER = """
set -e
PG=/usr/lib/postgresql/18
mount -t proc proc "$1/proc"
mount -t tmpfs tmpfs "$1/dev/shm"
rm -rf "$1/srv/data"
mkdir "$1/srv/data"
chown --reference="$1/var/lib/postgresql" "$1/srv/data"
exec chroot "$1" env -i LC_ALL=C.UTF-8 PATH="$PG/bin:/usr/local/bin:/usr/bin:/bin" \\
    setpriv --reuid=postgres --regid=postgres --init-groups bash -c "$3" - "$2"
"""

# Runs as postgres in the chroot. Ends, and all else with it, when either server does.
INNER = f"""
set -eu
cd /srv/data
export PGHOST=/srv/data PGUSER=postgres
initdb -D cluster -E UTF8 --auth=peer --no-sync
cat >> cluster/postgresql.conf <<'END'
{SETTINGS}
END
postgres -D cluster &
until pg_isready --quiet; do sleep 0.1; done
psql --no-psqlrc --quiet -c 'create extension documentdb cascade' postgres
mkdir state
ferretdb --postgresql-url='postgres://postgres@/postgres?host=/srv/data' \\
    --listen-addr="$1" --debug-addr=- --no-auth --telemetry=disable \\
    --state-dir=/srv/data/state --log-level=WARN &
wait -n
"""


def log_file() -> Path:
    """
    What both servers print.
    """
    return home() / "log" / "server.log"


def state_file() -> Path:
    """
    The running server: its process, when that began, its URI.
    """
    return home() / "run" / "state.json"


def users_file() -> Path:
    """
    Each borrower of the server holds a shared lock on this file meanwhile.
    """
    return home() / "run" / "users.lock"


def birth(pid: int) -> str | None:
    """
    When a process began, None if it has ended; it tells a reused id from the old one.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *rest = text.rpartition(")")[2].split()
    return None if state in "ZX" else rest[18]


def running() -> dict[str, object] | None:
    """
    The state of the server if it lives.
    """
    try:
        state = json.loads(state_file().read_text())
    except (OSError, ValueError):
        return None
    return state if birth(state["pid"]) == state["born"] else None


def save(state: dict[str, object]) -> None:
    """
    Remember the running server.
    """
    state_file().write_text(json.dumps(state))


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """
    Let only one process start or stop the server.
    """
    with cache.locked(home() / "run" / "lock", wait_for="the real server"):
        yield


def start(port: int, *, lent: bool = False) -> str:
    """
    Start the server unless it runs; give its URI.
    """
    with one_at_a_time():
        state = running() or launch(port or free_port(), lent=lent)
        if state["lent"] and not lent:
            # Somebody wants it for good that was only borrowed until now.
            save({**state, "lent": False})
        return str(state["uri"])


def lend(port: int) -> None:
    """
    Keep the server up until standard input ends, as it also does for a killed borrower.
    """
    users_file().parent.mkdir(parents=True, exist_ok=True)
    with users_file().open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        print(start(port, lent=True), flush=True)
        sys.stdin.read()
    with one_at_a_time(), users_file().open("a") as users:
        state = running()
        if state is None or not state["lent"]:
            return
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end(state)


def launch(port: int, *, lent: bool) -> dict[str, object]:
    """
    Start the process tree and wait until it listens.
    """
    check_host()
    build()
    namespaces = ["--mount", "--propagation", "private", "--ipc", "--pid", "--fork"]
    script = ["bash", "-c", OUTER, "-", root_dir(), f"127.0.0.1:{port}", INNER]
    log_file().parent.mkdir(parents=True, exist_ok=True)
    with log_file().open("w") as log:
        process = subprocess.Popen(
            ["unshare", *namespaces, "--kill-child", *script],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    state = {
        "pid": process.pid,
        "born": birth(process.pid),
        "uri": f"mongodb://127.0.0.1:{port}/",
        "lent": lent,
    }
    # Written before it listens: who is interrupted now can still stop it.
    save(state)
    try:
        wait_until_listening(process, port)
    except BaseException:
        end(state)
        raise
    return state


def wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    """
    Wait for the port; a server that ended or takes too long shows its last lines.
    """
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.1)
    how = "took too long" if process.poll() is None else "ended"
    lines = log_file().read_text(errors="replace").splitlines()[-15:]
    raise ToolError(f"the real server {how}; {log_file()}:\n  " + "\n  ".join(lines))


def stop() -> None:
    """
    Stop the server if it runs.
    """
    with one_at_a_time():
        state = running()
        if state is None:
            say("the real server does not run")
        else:
            end(state)


def end(state: dict[str, object]) -> None:
    """
    Kill the first process, and with it the namespaces and all that is in them.
    """
    pid = int(str(state["pid"]))
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    while birth(pid) == state["born"]:
        time.sleep(0.02)
    state_file().unlink(missing_ok=True)


def free_port() -> int:
    """
    A port that nobody listens on just now.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def main() -> int:
    """
    Read the command line and do it.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    actions = ["start", "lend", "stop", "status", "build"]
    parser.add_argument("action", choices=actions)
    parser.add_argument("--port", type=int, default=0, help="else a free one")
    parser.add_argument("--no-build", action="store_true", help="fail if not built")
    options = parser.parse_args()
    if options.no_build and not root_dir().exists():
        raise ToolError("it is not built; make real-server does that")
    if options.action == "build":
        print(build())
    elif options.action == "start":
        print(start(options.port))
    elif options.action == "lend":
        lend(options.port)
    elif options.action == "stop":
        stop()
    elif state := running():
        print(state["uri"])
    else:
        say("the real server does not run")
        return NOT_RUNNING
    return 0


if __name__ == "__main__":
    sys.exit(cache.report(main))
