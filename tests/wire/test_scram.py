"""SCRAM by the published conversations, and against servers that cheat."""

from __future__ import annotations

import pytest

from mongolane.errors import AuthenticationError, ConfigurationError
from mongolane.wire import Derivation, Scram
from mongolane.wire.scram import clear_cache

# RFC 7677 section 3; the second is from MongoDB's auth specification.
CONVERSATIONS = {
    "SCRAM-SHA-256": (
        "rOprNGfwEbeRWgbNEkqO",
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ),
    "SCRAM-SHA-1": (
        "fyko+d2lbbFgONRv9qkxdawL",
        "r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,"
        "s=rQ9ZY3MntBeuP3E1TDVC4w==,i=10000",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,"
        "p=MC2T8BvbmWRckDw8oWl5IVghwCY=",
        "v=UMWeI25JD1yNYZRMpZ4VHvhZ9e0=",
    ),
}


def scram(mechanism: str = "SCRAM-SHA-256", user: str = "user") -> Scram:
    return Scram(mechanism, user, "pencil", CONVERSATIONS[mechanism][0])


@pytest.mark.parametrize("mechanism", CONVERSATIONS)
def test_published_conversations(mechanism: str) -> None:
    """The client says, word for word, what the specifications' client says."""
    nonce, server_first, client_final, server_final = CONVERSATIONS[mechanism]
    client = scram(mechanism)

    first = client.first()
    salted = client.derivation(server_first.encode()).compute()
    final = client.final(salted)
    client.verify(server_final.encode())

    assert first.decode() == f"n,,n=user,r={nonce}"
    assert final.decode() == client_final


def test_username_is_escaped() -> None:
    """Commas and equals signs of a user name are written as RFC 5802 asks."""
    assert scram(user="a=b,c").first().startswith(b"n,,n=a=3Db=2Cc,r=")


def test_salted_password_is_kept() -> None:
    """The second derivation with the same salt and count is a look-up."""
    clear_cache()
    derivation = scram().derivation(CONVERSATIONS["SCRAM-SHA-256"][1].encode())

    assert derivation.cached() is None
    assert derivation.compute() == derivation.cached()


def test_cache_has_an_end() -> None:
    """However many salts a server sends, the cache doesn't grow without bound."""
    from mongolane.wire import scram as module

    for number in range(100):
        Derivation("SCRAM-SHA-1", "x", number.to_bytes(4), 1).compute()

    assert len(module._cache) <= 32


@pytest.mark.parametrize(
    ("server_first", "said"),
    [
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095", "too few"),
        ("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "nonce"),
        ("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "nonce"),
        ("r=rOprNGfwEbeRWgbNEkqOx,i=4096", "cannot be read"),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=x", "cannot be read"),
        ("\xff\xfe", "cannot be read"),
    ],
)
def test_weak_or_wrong_challenges_are_refused(server_first: str, said: str) -> None:
    """A server that asks for too little, or changes our nonce, gets no proof."""
    with pytest.raises(AuthenticationError, match=said):
        scram().derivation(server_first.encode("latin-1"))


@pytest.mark.parametrize("final", ["v=AAAA", "v=%%%", "", "x=1"])
def test_server_must_know_the_password(final: str) -> None:
    """A wrong server signature is an authentication failure."""
    client = scram()
    salted = client.derivation(CONVERSATIONS["SCRAM-SHA-256"][1].encode()).compute()
    client.final(salted)

    with pytest.raises(AuthenticationError, match="signature"):
        client.verify(final.encode())


def test_server_may_say_why_not() -> None:
    """The server's own words are in the error."""
    with pytest.raises(AuthenticationError, match="unknown-user"):
        scram().verify(b"e=unknown-user")


def test_nothing_secret_is_shown() -> None:
    """Neither the client nor the derivation shows the password."""
    derivation = scram().derivation(CONVERSATIONS["SCRAM-SHA-256"][1].encode())

    assert "pencil" not in f"{scram()!r} {derivation!r}"


def test_other_mechanisms_are_named() -> None:
    """A mechanism that isn't SCRAM is refused by name."""
    with pytest.raises(ConfigurationError, match="GSSAPI"):
        Scram("GSSAPI", "user", "pencil", "x")
