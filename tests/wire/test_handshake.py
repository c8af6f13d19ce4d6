"""Hello and authentication as steps, without a socket."""

from __future__ import annotations

from typing import Any

import bson
import pytest

from mongolane.errors import AuthenticationError, ConfigurationError
from mongolane.testing._scram import ScramServer
from mongolane.wire import Ask, Credential, Greeting, driver_metadata, handshake

HELLO = {"ok": 1.0, "maxWireVersion": 25, "setName": "rs", "maxBsonObjectSize": 99}


class Talk:
    """Runs the steps against the server's half, and remembers what was asked."""

    def __init__(self, *mechanisms: str, speculative: bool = True, **changes: Any):
        self.mechanisms, self.speculative = mechanisms, speculative
        self.server = ScramServer({"user": "pencil"}, **changes)
        self.asked: list[Ask] = []

    def run(self, credential: Credential | None = None) -> Greeting:
        steps = handshake({"driver": {"name": "x"}}, credential)
        answer = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as done:
                return done.value
            if isinstance(step, Ask):
                self.asked.append(step)
                answer = self.answer(step)
            else:
                answer = step.compute()

    def answer(self, ask: Ask) -> dict[str, Any]:
        if "saslStart" in ask.body:
            return self.server.start(ask.body)
        if "saslContinue" in ask.body:
            return self.server.proceed(ask.body)
        reply: dict[str, Any] = {**HELLO, "saslSupportedMechs": list(self.mechanisms)}
        guess = ask.body.get("speculativeAuthenticate")
        if guess and self.speculative and guess["mechanism"] in self.mechanisms:
            reply["speculativeAuthenticate"] = self.server.start(guess)
        return reply

    @property
    def names(self) -> list[str]:
        return [next(iter(ask.body)) for ask in self.asked]


def test_without_credential_one_question() -> None:
    """Without a credential hello is all there is, and nothing about users is in it."""
    talk = Talk()

    greeting = talk.run()

    assert talk.names == ["ismaster"]
    assert talk.asked[0].body["helloOk"] is True
    assert "saslSupportedMechs" not in talk.asked[0].body
    assert (greeting.max_document_size, greeting.set_name) == (99, "rs")


def test_right_guess_saves_a_round_trip() -> None:
    """When the server takes the guess, no saslStart is sent."""
    talk = Talk("SCRAM-SHA-256")
    talk.run(Credential("user", "pencil"))

    assert talk.names == ["ismaster", "saslContinue"]
    assert talk.asked[0].body["saslSupportedMechs"] == "admin.user"
    assert talk.asked[0].body["speculativeAuthenticate"]["db"] == "admin"


@pytest.mark.parametrize(
    ("mechanisms", "chosen"),
    [
        (("SCRAM-SHA-1",), "SCRAM-SHA-1"),
        (("SCRAM-SHA-1", "SCRAM-SHA-256"), "SCRAM-SHA-256"),
        ((), "SCRAM-SHA-1"),
    ],
)
def test_default_mechanism_is_the_best_listed(
    mechanisms: tuple[str, ...], chosen: str
) -> None:
    """SHA-256 if the server lists it, SHA-1 if not."""
    talk = Talk(*mechanisms, speculative=False)
    talk.run(Credential("user", "pencil", "other"))

    start = talk.asked[1]
    assert (start.database, start.body["mechanism"]) == ("other", chosen)
    assert start.body["options"] == {"skipEmptyExchange": True}


def test_named_mechanism_asks_for_no_list() -> None:
    """Who names a mechanism gets it, and the server isn't asked what it has."""
    talk = Talk("SCRAM-SHA-1")
    talk.run(Credential("user", "pencil", mechanism="SCRAM-SHA-1"))

    assert "saslSupportedMechs" not in talk.asked[0].body
    assert talk.names == ["ismaster", "saslContinue"]


def test_false_server_is_noticed() -> None:
    """A server that doesn't know the password is refused, though it let us in."""
    with pytest.raises(AuthenticationError, match="signature"):
        Talk("SCRAM-SHA-256", forge=True).run(Credential("user", "pencil"))


def test_other_mechanism_is_refused() -> None:
    """A mechanism that isn't ours is refused before anything is sent."""
    with pytest.raises(ConfigurationError, match="GSSAPI"):
        Talk().run(Credential("user", "pencil", mechanism="GSSAPI"))


def test_metadata_keeps_to_512_bytes() -> None:
    """However long the application's name, the metadata fits and keeps the driver."""
    metadata = driver_metadata("1.2.3", "a" * 400)

    assert len(bson.encode(metadata)) <= 512
    assert metadata["driver"] == {"name": "mongolane", "version": "1.2.3"}


def test_greeting_tells_the_kind() -> None:
    """Standalone, member and mongos are told apart."""
    kinds = [
        Greeting.read({}).is_standalone,
        Greeting.read({"setName": "rs"}).is_standalone,
        Greeting.read({"msg": "isdbgrid"}).is_standalone,
    ]

    assert kinds == [True, False, False]


def test_credential_hides_the_password() -> None:
    """A credential's repr has no password in it."""
    assert "pencil" not in repr(Credential("user", "pencil"))
