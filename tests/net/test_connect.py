"""From an address to an authenticated connection: TLS and SCRAM over real sockets."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import bson
import pytest

from mongolane.errors import AuthenticationError, ConfigurationError, NetworkError
from mongolane.net import Target, open_connection, tls_context
from mongolane.testing import ScriptedServer
from mongolane.wire import Credential

from .certificates import Certificates

PING = bson.encode({"ping": 1, "$db": "admin"})
USERS = {"user": "pencil", "na=me,": "p\u00aass"}


async def ping(target: Target) -> dict[str, Any]:
    connection = await open_connection(target)
    try:
        return bson.decode(await connection.request(PING))
    finally:
        connection.abort()


@pytest.mark.parametrize("speculative", [True, False])
@pytest.mark.parametrize("mechanism", [None, "SCRAM-SHA-1", "SCRAM-SHA-256"])
@pytest.mark.parametrize("user", USERS)
async def test_scram_opens_the_door(
    user: str, mechanism: str | None, speculative: bool
) -> None:
    """With the right password, each mechanism leads to a connection that may ask."""
    credential = Credential(user, USERS[user], mechanism=mechanism)
    async with ScriptedServer(users=USERS, speculative=speculative) as server:
        answer = await ping(
            Target("127.0.0.1", server.port, {"driver": {}}, credential)
        )

    assert answer["ok"] == 1.0


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
async def test_wrong_password_is_told_without_it(mechanism: str) -> None:
    """A wrong password is an authentication error that doesn't show it anywhere."""
    credential = Credential("user", "wr0ng-secret", mechanism=mechanism)
    async with ScriptedServer(users=USERS) as server:
        with pytest.raises(
            AuthenticationError, match="Authentication failed"
        ) as caught:
            await ping(Target("127.0.0.1", server.port, {}, credential))

    assert caught.value.code == 18
    assert "wr0ng" not in "".join(traceback.format_exception(caught.value))


async def test_false_server_is_refused() -> None:
    """A server that forges its signature gets no commands."""
    async with ScriptedServer(users=USERS, forge=True) as server:
        with pytest.raises(AuthenticationError, match="signature"):
            await ping(
                Target("127.0.0.1", server.port, {}, Credential("user", "pencil"))
            )

    assert server.commands("ping") == []


async def test_few_iterations_are_refused() -> None:
    """A server that asks for a weak hash gets no proof."""
    async with ScriptedServer(users=USERS, iterations=1000) as server:
        with pytest.raises(AuthenticationError, match="too few"):
            await ping(
                Target("127.0.0.1", server.port, {}, Credential("user", "pencil"))
            )

    assert server.commands("saslContinue") == []


def tls(certificates: Certificates, **options: Any) -> Any:
    return tls_context({"tls": True, "tlscafile": certificates.authority, **options})


async def test_tls_and_scram_together(certificates: Certificates) -> None:
    """Over a trusted TLS connection authentication and commands work."""
    target_tls = tls(certificates)
    async with ScriptedServer(users=USERS, tls=certificates.server_context()) as server:
        target = Target(
            "localhost", server.port, {}, Credential("user", "pencil"), target_tls
        )
        answer = await ping(target)

    assert answer["ok"] == 1.0


async def test_unknown_authority_is_refused(certificates: Certificates) -> None:
    """A certificate that nobody we trust has signed ends the attempt."""
    context = tls_context({"tls": True})
    async with ScriptedServer(tls=certificates.server_context()) as server:
        with pytest.raises(NetworkError, match="certificate"):
            await ping(Target("localhost", server.port, tls=context))

    assert server.hellos == []


async def test_wrong_name_is_refused(certificates: Certificates) -> None:
    """A certificate for another host ends the attempt."""
    async with ScriptedServer(tls=certificates.server_context()) as server:
        with pytest.raises(NetworkError, match="certificate"):
            await ping(Target("127.0.0.1", server.port, tls=tls(certificates)))


@pytest.mark.parametrize(
    "option", ["tlsallowinvalidhostnames", "tlsallowinvalidcertificates", "tlsinsecure"]
)
async def test_checks_can_be_turned_off(
    certificates: Certificates, option: str
) -> None:
    """Each of the options that allow a wrong name allows it."""
    context = tls(certificates, **{option: True})
    async with ScriptedServer(tls=certificates.server_context()) as server:
        answer = await ping(Target("127.0.0.1", server.port, tls=context))

    assert answer["ok"] == 1.0


async def test_client_certificate_is_sent(certificates: Certificates) -> None:
    """A server that asks for a certificate gets the one from tlsCertificateKeyFile."""
    context = tls(certificates, tlscertificatekeyfile=certificates.client)
    ask = certificates.server_context(ask_client=True)
    async with ScriptedServer(tls=ask) as server:
        answer = await ping(Target("localhost", server.port, tls=context))

    assert answer["ok"] == 1.0


def test_no_tls_option_no_context() -> None:
    """Without ``tls`` there is no TLS."""
    assert tls_context({"tlsinsecure": True}) is None


def test_missing_file_is_named(tmp_path: Path) -> None:
    """A file that isn't there is an error of configuration."""
    with pytest.raises(ConfigurationError, match="TLS file"):
        tls_context({"tls": True, "tlscafile": tmp_path / "none.pem"})


async def test_unix_socket(tmp_path: Path) -> None:
    """A path leads to a Unix socket."""
    import asyncio

    from mongolane.testing.server import _Link

    scripted = ScriptedServer()
    path = str(tmp_path / "mongo.sock")
    loop = asyncio.get_running_loop()
    listener = await loop.create_unix_server(lambda: _Link(scripted), path)
    answer = await ping(Target(path, None))
    listener.close()

    assert answer["ok"] == 1.0
