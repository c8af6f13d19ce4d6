"""What settings and constraints make of texts, the plan makes as pydantic does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import StringConstraints

from mongolane import Document, codec
from mongolane.codec import _python
from mongolane.schema import describe

Way = Callable[[Any], Any]
WAYS = [
    pytest.param(codec.compile, id="codec"),
    pytest.param(_python.compile, id="twin"),
]
TEXTS = [
    "",
    " ",
    "a",
    " a ",
    "aB",
    "ABC",
    "\x1ca\x85",
    "\u3000é\u00a0",
    "ß",
    "ΑΣ",
    "İ",
    "ꟲ",
    "a\n",
    "ᲊ",
]
CONFIGS: list[Any] = [
    {"str_strip_whitespace": True},
    {"str_to_lower": True},
    {"str_to_upper": True},
    {"str_to_upper": True, "str_to_lower": True, "str_strip_whitespace": True},
    {"str_min_length": 1, "str_max_length": 2},
    {"str_strip_whitespace": True, "str_max_length": 1},
]


def made(annotation: Any, config: Any) -> Any:
    body = {"__module__": __name__, "__annotations__": {"f": annotation}}
    return type("Made", (Document,), {**body, "model_config": config})


def outcomes(cls: Any, way: Way, value: Any) -> tuple[Any, Any, Any]:
    """What pydantic, the codec, and JSON make of a value."""

    def asked(ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except ValueError:
            return "refused"

    data, compiled = codec.encode({"f": value}), way(describe(cls).plan)
    return (
        asked(lambda: cls(f=value).f),
        asked(lambda: compiled.decode(data).f),
        asked(lambda: json.loads(compiled.json(data))["f"]),
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("config", CONFIGS, ids=str)
@pytest.mark.parametrize("text", TEXTS)
def test_settings_for_texts(way: Way, config: Any, text: str) -> None:
    """Also for texts in lists and dicts, and for keys."""
    for annotation, value in (
        (str, text),
        (list[str], [text]),
        (dict[str, str], {text: text}),
        (Annotated[str, pydantic.Field(max_length=3)] | None, text),
    ):
        expected, read, shown = outcomes(made(annotation, config), way, value)
        assert read == expected
        assert shown == expected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "marks",
    [
        {"strip_whitespace": True, "min_length": 1},
        {"to_upper": True, "max_length": 1},
        {"to_upper": True, "pattern": "^a$"},
        {"strip_whitespace": False},
        {"to_lower": False},
        {"to_lower": True, "strip_whitespace": True, "pattern": "^[aß]"},
    ],
    ids=str,
)
@pytest.mark.parametrize("config", [{}, CONFIGS[0], CONFIGS[1]], ids=str)
def test_constraints_for_texts(way: Way, marks: Any, config: Any) -> None:
    """What is said at the field goes before the class's settings."""
    cls = made(Annotated[str, StringConstraints(**marks)], config)
    for text in TEXTS:
        expected, read, shown = outcomes(cls, way, text)
        assert read == expected
        assert shown == expected


def test_such_texts_need_no_pydantic() -> None:
    """They are on the fast way, for JSON, too."""
    cls = made(Annotated[str, StringConstraints(strip_whitespace=True)], CONFIGS[1])
    assert "through" not in describe(cls).explain()


@settings(deadline=None)
@given(st.text(max_size=8))
def test_any_text_is_changed_as_pydantic_does(text: str) -> None:
    """Whatever its script."""
    for cls in MADE:
        expected, read, shown = outcomes(cls, codec.compile, text)
        assert read == expected
        assert shown == expected


MADE = [made(str, config) for config in CONFIGS]
