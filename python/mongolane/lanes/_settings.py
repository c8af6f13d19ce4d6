"""
What a URI and options say, for the parts that PyMongo keeps to itself.

PyMongo parses and validates; here its answers are put together once, and its
errors become ours with nothing secret in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import pymongo.errors
from pymongo import uri_parser

from ..errors import ConfigurationError
from ..wire import Credential

__all__ = ["Settings", "read_settings", "scrub"]

_SRV = "mongodb+srv://"
_OPTION = re.compile(r"[?&;]([^=&;@/?]+)=([^&;]*)")
_SECRETS = ("tlscertificatekeyfilepassword", "authmechanismproperties")


@dataclass(frozen=True, slots=True)
class Settings:
    """
    One connection string with its keyword options.

    Attributes:
        uri: may hold a password, so it is never shown.
        options: keyword options for PyMongo's client, as they were given.
        merged: URI options and keyword options together, by lower-case name.
        database: the URI's default database.
        username: who authenticates, None for nobody.
        password: never shown.
    """

    uri: str = field(repr=False)
    options: dict[str, Any] = field(repr=False)
    merged: dict[str, Any] = field(repr=False)
    database: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def is_srv(self) -> bool:
        """Whether DNS has a say in the hosts and options."""
        return self.uri.startswith(_SRV)

    @property
    def mechanism(self) -> str | None:
        """The authentication mechanism asked for, None for the default."""
        name = self.merged.get("authmechanism")
        return None if name in (None, "DEFAULT") else str(name)

    @property
    def credential(self) -> Credential | None:
        """Who authenticates (auth specification, "Connection String Options")."""
        if not self.username:
            return None
        source = self.merged.get("authsource") or self.database or "admin"
        password = self.password or ""
        return Credential(self.username, password, source, self.mechanism)


def read_settings(
    uri: str, options: Mapping[str, Any], *, resolve: bool = False
) -> Settings:
    """
    Parse and validate.

    Args:
        uri: ``mongodb://`` or ``mongodb+srv://``.
        options: PyMongo's keyword options; they win over the URI's.
        resolve: whether DNS may be asked for a ``mongodb+srv://`` URI's options;
            blocks.

    Raises:
        ConfigurationError: what cannot work, by name; never shows the password.
    """
    problem = None
    try:
        if uri.startswith(_SRV) and not resolve:
            parsed = _read_without_dns(uri)
        else:
            parsed = uri_parser.parse_uri(uri, validate=True, warn=False)
    except (pymongo.errors.PyMongoError, ValueError, TypeError, OSError) as error:
        # Raised outside of this block: a chained error could show the URI.
        problem = _told(error, uri)
    if problem is not None:
        raise ConfigurationError(f"the connection string cannot be used: {problem}")
    return _merge(uri, dict(options), parsed)


def _told(error: Exception, uri: str) -> str:
    """
    What is wrong with a URI: the option as it was written, and its value.

    Newer versions of PyMongo leave out values, and the names of options they do not
    know, since both are pieces of a password where that holds an unescaped question
    mark. What follows the last ``@`` is none.
    """
    message = scrub(str(error), uri)
    given = _OPTION.findall(uri.rpartition("@")[2])
    unknown = [repr(name) for name, _ in given if _is_unknown(name)]
    if unknown and message.startswith("Unknown option."):
        return message.replace("option.", f"option: {', '.join(unknown)}.", 1)
    for name, value in given:
        named = re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
        if named.search(message):
            message = named.sub(name.replace("\\", r"\\"), message)
            value = unquote_plus(value)
            if value not in message and name.lower() not in _SECRETS:
                message = f"{message} ({name}={value!r})"
    return message


def _is_unknown(option: str) -> bool:
    try:
        uri_parser.split_options(f"{option}=1", validate=True, warn=False)
    except (pymongo.errors.PyMongoError, ValueError, TypeError, OSError) as error:
        return str(error).startswith("Unknown option")
    return False


def _merge(uri: str, options: dict[str, Any], parsed: Mapping[str, Any]) -> Settings:
    merged = {name.lower(): value for name, value in parsed["options"].items()}
    if uri.startswith(_SRV):
        merged.setdefault("tls", True)
    merged.update({name.lower(): value for name, value in options.items()})
    if "ssl" in merged:
        merged.setdefault("tls", merged["ssl"])
    return Settings(
        uri=uri,
        options=options,
        merged=merged,
        database=parsed.get("database"),
        username=merged.get("username") or parsed.get("username"),
        password=merged.get("password") or parsed.get("password"),
    )


def _read_without_dns(uri: str) -> dict[str, Any]:
    """The parts of a ``mongodb+srv://`` URI that are known before any lookup."""
    rest, _, query = uri.removeprefix(_SRV).partition("?")
    userinfo, _, hosts = rest.rpartition("@")
    username, password = uri_parser.parse_userinfo(userinfo) if userinfo else ("", "")
    options: Any = {}
    if query:
        options = uri_parser.split_options(query, validate=True, warn=False)
    return {
        "username": username or None,
        "password": password or None,
        "database": hosts.partition("/")[2] or None,
        "options": dict(options),
    }


def scrub(message: str, uri: str) -> str:
    """
    ``message`` without anything that could be a part of the URI's credentials.

    A password that isn't percent-encoded moves the borders between the parts of a
    URI, so pieces of it show up as host or port in a parser's complaint.
    """
    body = uri.partition("://")[2]
    if "@" not in body:
        return message
    secret = body.rpartition("@")[0]
    pieces = sorted(set(re.split(r"[:/@?&=,]", secret)) - {""}, key=len, reverse=True)
    for piece in [secret, *pieces]:
        if len(piece) < 3 and f"'{piece}'" not in message:
            continue
        message = message.replace(piece, "***")
    return message
