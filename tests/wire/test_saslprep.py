"""SASLprep by the examples of RFC 4013."""

from __future__ import annotations

import pytest

from mongolane.errors import ConfigurationError
from mongolane.wire.saslprep import saslprep


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u0627\u0628", "\u0627\u0628"),
        ("", ""),
    ],
)
def test_examples_of_the_rfc(given: str, expected: str) -> None:
    """Each example of RFC 4013 section 3 comes out as it says."""
    assert saslprep(given) == expected


@pytest.mark.parametrize(
    "given", ["\u0007", "\u06271", "\u0627x\u0628", "secret\ue000", "\u0221secret"]
)
def test_prohibited_characters_are_refused(given: str) -> None:
    """What may not be in a password is refused, and the password not shown."""
    with pytest.raises(ConfigurationError) as caught:
        saslprep(given)

    assert "secret" not in str(caught.value)
