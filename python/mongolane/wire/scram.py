"""
SCRAM-SHA-1 and SCRAM-SHA-256, the client's half, as values and functions.

https://www.rfc-editor.org/rfc/rfc5802, https://www.rfc-editor.org/rfc/rfc7677 and
MongoDB's own additions (specifications, auth: SCRAM-SHA-1 hashes the password by
MD5 first; usernames are escaped but never SASLprepped). The slow part, PBKDF2, is
a value (``Derivation``) that somebody else may run in a thread.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from binascii import Error as Base64Error
from typing import NamedTuple

from ..errors import AuthenticationError, ConfigurationError
from .saslprep import saslprep

__all__ = [
    "DIGESTS",
    "MIN_ITERATIONS",
    "Derivation",
    "Scram",
    "clear_cache",
    "password_text",
]

DIGESTS = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256"}

MIN_ITERATIONS = 4096
"""Fewer are refused: auth specification, "SCRAM-SHA-256", and RFC 7677 section 4."""

_CACHE_SIZE = 32
_cache: dict[tuple[str, str, bytes, int], bytes] = {}


class Derivation(NamedTuple):
    """
    The salted password still to be computed: thousands of hashes, milliseconds.

    Its ``repr`` shows no secret.
    """

    mechanism: str
    secret: str
    salt: bytes
    iterations: int

    def cached(self) -> bytes | None:
        """The result, if it was computed before."""
        return _cache.get(self)

    def compute(self) -> bytes:
        """The salted password: ``Hi(password, salt, iterations)`` of RFC 5802."""
        digest = DIGESTS[self.mechanism]
        salted = hashlib.pbkdf2_hmac(
            digest, self.secret.encode(), self.salt, self.iterations
        )
        while len(_cache) >= _CACHE_SIZE:
            _cache.pop(next(iter(_cache)), None)
        _cache[self] = salted
        return salted

    def __repr__(self) -> str:
        return f"<Derivation {self.mechanism}, {self.iterations} iterations>"


def clear_cache() -> None:
    """Forget every salted password."""
    _cache.clear()


def password_text(mechanism: str, username: str, password: str) -> str:
    """What a mechanism hashes in place of the password."""
    if mechanism == "SCRAM-SHA-256":
        return saslprep(password)
    text = f"{username}:mongo:{password}".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


class Scram:
    """
    One authentication: ``first``, then ``derivation``, ``final`` and ``verify``.

    Args:
        mechanism: ``SCRAM-SHA-1`` or ``SCRAM-SHA-256``.
        username: as the user wrote it.
        password: as the user wrote it.
        nonce: fresh random text without commas.
    """

    mechanism: str

    def __init__(self, mechanism: str, username: str, password: str, nonce: str):
        if mechanism not in DIGESTS:
            raise ConfigurationError(f"{mechanism} is not a SCRAM mechanism")
        self.mechanism, self._digest = mechanism, DIGESTS[mechanism]
        self._secret = password_text(mechanism, username, password)
        self._nonce = nonce
        name = username.replace("=", "=3D").replace(",", "=2C")
        self._bare = f"n={name},r={nonce}"
        self._server_first = ""
        self._signature = b""

    def __repr__(self) -> str:
        return f"<Scram {self.mechanism}>"

    def first(self) -> bytes:
        """The client's first message; no channel binding (``n,,``)."""
        return f"n,,{self._bare}".encode()

    def derivation(self, server_first: bytes) -> Derivation:
        """What must be computed to answer the server's first message."""
        self._server_first = server_first.decode("utf-8", "replace")
        fields = _fields(self._server_first)
        try:
            iterations, salt = int(fields["i"]), base64.b64decode(fields["s"])
            nonce = fields["r"]
        except (KeyError, ValueError, Base64Error):
            raise _failed("the server's first message cannot be read") from None
        if iterations < MIN_ITERATIONS:
            raise _failed(f"{iterations} iterations are too few: a weakened server")
        if not nonce.startswith(self._nonce) or len(nonce) == len(self._nonce):
            raise _failed("the server did not extend our nonce")
        return Derivation(self.mechanism, self._secret, salt, iterations)

    def final(self, salted: bytes) -> bytes:
        """The client's last message, with the proof (RFC 5802 section 3)."""
        client_key = self._hmac(salted, b"Client Key")
        stored_key = hashlib.new(self._digest, client_key).digest()
        without_proof = f"c=biws,r={_fields(self._server_first)['r']}"
        auth = ",".join((self._bare, self._server_first, without_proof)).encode()
        signature = self._hmac(stored_key, auth)
        self._signature = self._hmac(self._hmac(salted, b"Server Key"), auth)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def verify(self, server_final: bytes) -> None:
        """
        Check that the server knows the password too.

        Raises:
            AuthenticationError: it doesn't, or it refused ours.
        """
        fields = _fields(server_final.decode("utf-8", "replace"))
        if "e" in fields:
            raise _failed(fields["e"])
        try:
            signature = base64.b64decode(fields.get("v", ""))
        except Base64Error:
            signature = b""
        if not hmac.compare_digest(signature, self._signature):
            raise _failed("the server's signature is wrong: not the server we know")

    def _hmac(self, key: bytes, text: bytes) -> bytes:
        return hmac.digest(key, text, self._digest)


def _fields(message: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in message.split(","))
    return {key: value for key, _, value in pairs}


def _failed(reason: str) -> AuthenticationError:
    return AuthenticationError(f"authentication failed: {reason}", 18)
