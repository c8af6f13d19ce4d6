"""
``tests/support/servers.py``: a mongod that is found becomes a replica set of one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.servers import plain_client, started_mongod

# Takes mongod's options, and is a secondary until it is told who it is.
PRETENDED = """\
#!{python}
import argparse, asyncio
from mongolane.testing import ScriptedServer

parser = argparse.ArgumentParser()
for option in ("dbpath", "logpath", "bind_ip", "port", "replSet"):
    parser.add_argument("--" + option, required=True)
given = parser.parse_args()
told = []
address = given.bind_ip + ":" + given.port
config = {{"_id": given.replSet, "members": [{{"_id": 0, "host": address}}]}}


class Member(ScriptedServer):
    def hello(self):
        primary = told == [config]
        said = {{"isWritablePrimary": primary, "secondary": not primary}}
        return super().hello() | said | {{"setName": given.replSet}}


def initiate(command):
    told.append(command["replSetInitiate"])
    return {{"ok": 1.0}}


async def main():
    server = Member({{"replSetInitiate": initiate}})
    server.port = int(given.port)
    async with server:
        await asyncio.Event().wait()


asyncio.run(main())
"""


def test_found_mongod_becomes_primary(tmp_path: Path) -> None:
    """
    It is started on a port of ours, initiated under its own address, and ended.
    """
    program = tmp_path / "mongod"
    program.write_text(PRETENDED.format(python=sys.executable))
    program.chmod(0o755)

    with started_mongod(str(program)) as uri, plain_client(uri) as client:
        assert client.admin.command("hello")["isWritablePrimary"]
