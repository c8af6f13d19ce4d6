"""What a URI says, with and without the help of DNS."""

from __future__ import annotations

from typing import Any

import pytest

from mongolane.lanes import _settings
from mongolane.lanes._access import FromUri
from mongolane.lanes._settings import read_settings
from mongolane.wire import Credential


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("mongodb://u:p@h/", "admin"),
        ("mongodb://u:p@h/shop", "shop"),
        ("mongodb://u:p@h/shop?authSource=users", "users"),
        ("mongodb+srv://u:p@h.example.com/shop", "shop"),
    ],
)
def test_source_of_the_credential(uri: str, source: str) -> None:
    """authSource wins, then the URI's database, then admin."""
    assert read_settings(uri, {}).credential == Credential("u", "p", source)


def test_options_win_over_the_uri() -> None:
    """Keyword options replace what the URI says, whatever their case."""
    settings = read_settings(
        "mongodb://u:p@h/?maxPoolSize=5&authSource=x",
        {"MAXPOOLSIZE": 7, "password": "q"},
    )

    assert settings.merged["maxpoolsize"] == 7
    assert settings.credential == Credential("u", "q", "x")


def test_nobody_needs_a_credential() -> None:
    """Without a user there is no credential."""
    assert read_settings("mongodb://h/", {}).credential is None


def test_srv_means_tls() -> None:
    """A mongodb+srv:// URI asks for TLS unless it says otherwise."""
    answers = [
        read_settings(f"mongodb+srv://h.example.com/{query}", {}).merged["tls"]
        for query in ("", "?tls=false")
    ]

    assert answers == [True, False]


async def test_dns_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """The options of a TXT record are used once the lane connects."""
    uri = "mongodb+srv://u:p@h.example.com/shop?tls=false"
    settings = read_settings(uri, {})

    def resolved(*_: Any, **__: Any) -> dict[str, Any]:
        return {
            "username": "u",
            "password": "p",
            "database": "shop",
            "options": {"authSource": "admin", "tls": False},
        }

    monkeypatch.setattr(_settings.uri_parser, "parse_uri", resolved)
    credential, context = await FromUri(settings).read()

    assert (credential, context) == (Credential("u", "p", "admin"), None)


def test_nothing_secret_in_the_repr() -> None:
    """Settings show neither the URI nor the password."""
    assert "s3cret" not in repr(read_settings("mongodb://u:s3cret@h/", {}))
