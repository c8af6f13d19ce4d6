"""Native, twin, and ``bson`` with pydantic give equal results, whatever comes."""

from __future__ import annotations

import json
import math
import os
from types import ModuleType
from typing import Any

import bson
import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import BaseModel, ValidationError

from mongolane.errors import BSONError
from tests.codec.documents import OPTIONS, documents, stored, to_bson
from tests.codec.models import EVERYTHING, Everything, named

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
checked = settings(
    deadline=None,
    max_examples=int(os.environ.get("MONGOLANE_EXAMPLES", "60")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def shape(value: Any) -> Any:
    """A value with its types, so that 1, 1.0 and True differ."""
    if isinstance(value, BaseModel):
        held = {key: shape(item) for key, item in value.__dict__.items()}
        beside = value.__pydantic_extra__, value.__pydantic_private__
        return type(value), list(held), held, value.model_fields_set, beside
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value), [shape(item) for item in value]
    if isinstance(value, float):
        return math.copysign(1, value), value
    return type(value), value


def outcome(call: Any, *arguments: Any) -> Any:
    """What a call gives, or that it was refused."""
    try:
        return shape(call(*arguments))
    except (ValidationError, ValueError) as error:
        return type(error)


@checked
@given(documents)
def test_plain_values_are_bsons(codec: ModuleType, document: dict[str, Any]) -> None:
    """Encoding and decoding give what ``bson`` gives, types included."""
    data = to_bson(document)

    assert data == codec.encode(document)
    assert shape(bson.decode(data, OPTIONS)) == shape(codec.decode(data))


@checked
@given(stored)
def test_instances_are_pydantics(codec: ModuleType, document: dict[str, Any]) -> None:
    """A model decoded by plan is the one that pydantic validates."""
    data = to_bson(document)
    model = codec.compile(EVERYTHING)

    def by_pydantic(data: bytes) -> Everything:
        return Everything.model_validate(named(bson.decode(data, OPTIONS)))

    assert outcome(by_pydantic, data) == outcome(model.decode, data)


@checked
@given(stored)
def test_instances_survive(codec: ModuleType, document: dict[str, Any]) -> None:
    """An instance that was encoded and decoded again is equal."""
    model = codec.compile(EVERYTHING)
    try:
        instance = model.decode(to_bson(document))
    except ValueError:
        return
    data = model.encode(instance)
    again = model.decode(data)

    assert instance == again
    assert model.changed(again, data) == (bson.encode({}), [])


@checked
@given(stored)
def test_json_is_pydantics(codec: ModuleType, document: dict[str, Any]) -> None:
    """JSON from bytes is the JSON that pydantic makes of the instance."""
    model = codec.compile(EVERYTHING)
    data = to_bson({**document, "free": None})
    try:
        instance = model.decode(data)
    except ValueError:
        return
    expected = json.loads(instance.model_dump_json())
    found = json.loads(model.json(data))
    for made in (expected, found):
        made["unique"], made["frozen"] = sorted(made["unique"]), sorted(made["frozen"])

    assert expected == found


@checked
@given(documents)
def test_twins_encode_alike(native: ModuleType, document: dict[str, Any]) -> None:
    """Decoded by one and encoded by the other, the bytes are the same."""
    from mongolane.codec import _python

    data = to_bson(document)

    assert _python.encode(native.decode(data)) == native.encode(_python.decode(data))
    assert json.loads(_python.to_json(data)) == json.loads(native.to_json(data))


@checked
@given(documents)
def test_extended_json_is_bsons(native: ModuleType, document: dict[str, Any]) -> None:
    """Canonical extended JSON comes back as the same bytes."""
    data = to_bson(document)

    assert data == native.from_json(native.to_extended_json(data, canonical=True))


@checked
@given(documents)
def test_cut_bytes_are_refused(codec: ModuleType, document: dict[str, Any]) -> None:
    """No beginning of a document is a document."""
    data = to_bson(document)
    for end in range(0, len(data), max(1, len(data) // 17)):
        with pytest.raises(BSONError):
            codec.decode(data[:end])
