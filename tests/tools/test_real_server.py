"""
``tools/real_server.py``: a server for as long as somebody borrows it.
"""

from __future__ import annotations

import subprocess

import pymongo
import pytest
from tests.support.servers import Server, borrowed_server
from tests.support.tools import ToolFailedError, command, run_tool

pytestmark = pytest.mark.server


def test_borrowers_share_one_server(real: Server) -> None:
    """
    A second borrower gets the running server, and its end doesn't stop it.
    """
    with borrowed_server() as first:
        with borrowed_server() as second:
            assert first == second

        with pymongo.MongoClient(first, serverSelectionTimeoutMS=5_000) as client:
            assert {"ok": 1.0} == client.admin.command("ping")


def test_killed_borrower_leaves_it_to_the_others(real: Server) -> None:
    """
    A borrower that dies without a word counts as gone and stops nothing in use.
    """
    with borrowed_server() as uri:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command("real_server.py", "lend"), **pipes) as other:
            assert other.stdout
            assert uri == other.stdout.readline().decode().strip()
            other.kill()

        assert uri == run_tool("real_server.py", "status")


def test_empty_cache_is_said(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Without a build, and told not to build, it names the target to make.
    """
    monkeypatch.setenv("MONGOLANE_CACHE", str(tmp_path))

    with pytest.raises(ToolFailedError, match="make real-server"):
        run_tool("real_server.py", "start", "--no-build")
