"""The server's half of SCRAM (RFC 5802), for scripted servers only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Any

from ..wire.scram import DIGESTS, password_text

__all__ = ["ScramServer"]

ITERATIONS = 4096


class ScramServer:
    """
    One authentication, seen from the server.

    Args:
        users: passwords by user name.
        iterations: how many rounds the client must compute.
        forge: answer with a wrong signature, as a false server would.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        *,
        iterations: int = ITERATIONS,
        forge: bool = False,
    ) -> None:
        self._users, self._iterations, self._forge = users, iterations, forge
        self._salt = os.urandom(16)
        self._auth = ""
        self._mechanism, self._user = "", ""
        self._is_verified = False

    def start(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Answer ``saslStart``."""
        self._mechanism = command["mechanism"]
        bare = command["payload"].decode().removeprefix("n,,")
        fields = dict(part.split("=", 1) for part in bare.split(","))
        self._user = fields["n"].replace("=2C", ",").replace("=3D", "=")
        salt = base64.b64encode(self._salt).decode()
        nonce = fields["r"] + base64.b64encode(os.urandom(18)).decode()
        first = f"r={nonce},s={salt},i={self._iterations}"
        self._auth = f"{bare},{first}"
        return self._reply(first.encode(), done=False)

    def proceed(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Answer ``saslContinue``."""
        if self._is_verified:
            return self._reply(b"", done=True)
        final = command["payload"].decode()
        without_proof, _, proof = final.rpartition(",p=")
        salted = self._salted()
        client_key = self._hmac(salted, b"Client Key")
        stored = hashlib.new(self._digest, client_key).digest()
        auth = f"{self._auth},{without_proof}".encode()
        signature = self._hmac(stored, auth)
        expected = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        if base64.b64decode(proof) != expected:
            return {
                "ok": 0.0,
                "errmsg": "Authentication failed.",
                "code": 18,
                "codeName": "AuthenticationFailed",
            }
        self._is_verified = True
        answer = self._hmac(self._hmac(salted, b"Server Key"), auth)
        if self._forge:
            answer = bytes(len(answer))
        return self._reply(b"v=" + base64.b64encode(answer), done=True)

    @property
    def _digest(self) -> str:
        return DIGESTS[self._mechanism]

    def _salted(self) -> bytes:
        password = self._users.get(self._user, os.urandom(8).hex())
        secret = password_text(self._mechanism, self._user, password).encode()
        return hashlib.pbkdf2_hmac(self._digest, secret, self._salt, self._iterations)

    def _hmac(self, key: bytes, text: bytes) -> bytes:
        return hmac.digest(key, text, self._digest)

    def _reply(self, payload: bytes, *, done: bool) -> dict[str, Any]:
        return {"conversationId": 1, "done": done, "payload": payload, "ok": 1.0}
