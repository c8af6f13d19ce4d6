"""Classes and documents made by hypothesis: all ways give what pydantic gives."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import bson
import pytest
from bson import Decimal128
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mongolane import codec, errors
from mongolane.codec import _python
from mongolane.schema import describe
from tests.codec import documents
from tests.codec.documents import OPTIONS, to_bson
from tests.codec.made.models import Made, fitting, made_models
from tests.codec.made.shapes import held, shape, unordered

pytestmark = pytest.mark.filterwarnings("ignore")
ROWS = 12
checked = settings(
    deadline=None,
    max_examples=int(os.environ.get("MONGOLANE_EXAMPLES", "60")),
    suppress_health_check=list(HealthCheck),
)


def instances(made: Made, rows: list[dict[str, Any]]) -> list[Any]:
    """Instances of those rows that fit."""
    found = (fitting(made.cls, row) for row in rows)
    return [one for one in found if one is not None]


def stored(cls: Any, one: Any) -> bytes | None:
    """The instance's bytes, None for what must not be stored."""
    try:
        return describe(cls).codec.encode(one)
    except errors.EncodeError:
        event("refused")
        return None


def outcome(read: Callable[[bytes], Any], data: bytes) -> Any:
    """What reading gives, or that it was refused."""
    try:
        return shape(read(data))
    except (errors.DocumentDecodeError, ValidationError):
        return "refused"


def by_twin(cls: Any) -> Any:
    """The other codec."""
    return _python.compile(describe(cls).plan)


@st.composite
def cases(draw: st.DrawFn, direct: bool = False) -> tuple[Made, list[Any]]:
    """A class and rows for it."""
    made = draw(made_models(direct))
    return made, draw(st.lists(made.values, min_size=1, max_size=ROWS))


@checked
@given(cases())
def test_all_come_back(case: tuple[Made, list[Any]]) -> None:
    """What is stored comes back equal, of equal types, by each way; bytes agree."""
    made, rows = case
    schema = describe(made.cls)
    twin = by_twin(made.cls)
    for one in instances(made, rows):
        data = stored(made.cls, one)
        if data is None:
            continue
        assert twin.encode(one) == data
        assert codec.encode(schema.dump(one)) == data
        for read in (schema.codec.decode, twin.decode):
            assert held(read(data)) == held(one)


@st.composite
def changed(draw: st.DrawFn, document: dict[str, Any], names: list[str]) -> Any:
    """A document that lacks keys, has others, or values that do not fit."""
    document = dict(document)
    for _ in range(draw(st.integers(0, 2))):
        keys = list(document)
        way = draw(st.sampled_from(["drop", "put", "more", "shuffle", "deep", "same"]))
        if way == "drop" and keys:
            del document[draw(st.sampled_from(keys))]
        elif way == "put" and keys:
            document[draw(st.sampled_from(keys))] = draw(documents.values)
        elif way == "more":
            key = draw(st.sampled_from(["other", *names]))
            document.setdefault(key, draw(documents.scalars))
        elif way == "shuffle":
            document = {key: document[key] for key in draw(st.permutations(keys))}
        elif way == "deep" and keys:
            key = draw(st.sampled_from(keys))
            document[key] = _deep(draw, document[key])
    return document


def _deep(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value:
        key = draw(st.sampled_from(list(value)))
        return {**value, key: _deep(draw, value[key])}
    if isinstance(value, list) and value:
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], _deep(draw, value[at]), *value[at + 1 :]]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**50:
        return draw(st.sampled_from([float(value), str(value), -value]))
    return draw(documents.scalars)


@st.composite
def unfit(draw: st.DrawFn, direct: bool = False) -> tuple[Made, list[bytes]]:
    """A class and stored documents, some of which do not fit."""
    made = draw(made_models(direct))
    ends = ("Alias", "_kept") if direct else ("", "Alias", "_kept")
    names = [name + end for name in made.fields for end in ends]
    names += [] if direct else ["id"]
    rows = draw(st.lists(made.values, min_size=1, max_size=ROWS))
    found = []
    for one in instances(made, rows):
        data = stored(made.cls, one)
        if data is not None:
            document = draw(changed(bson.decode(data, OPTIONS), names))
            try:
                found.append(to_bson(document))
            except OverflowError:
                continue
    return made, found


@checked
@given(unfit())
def test_ways_agree(case: tuple[Made, list[bytes]]) -> None:
    """Plan, twin and ``bson.decode`` with pydantic read alike, whatever is stored."""
    made, rows = case
    schema, twin = describe(made.cls), by_twin(made.cls)

    def by_pydantic(data: bytes) -> Any:
        return schema.load(bson.decode(data, OPTIONS))

    for data in rows:
        expected = outcome(by_pydantic, data)
        event("refused" if expected == "refused" else "read")
        assert expected == outcome(schema.codec.decode, data)
        assert expected == outcome(twin.decode, data)


def plainly(cls: Any, document: dict[str, Any]) -> dict[str, Any]:
    """Stored keys as names, Decimal128 as Decimal: all that pydantic needs."""
    schema = describe(cls)
    names = {one.key: name for name, one in schema.fields.items()}
    opened = cls.model_config.get("extra")
    return {
        names.get(key, key): _decimals(value)
        for key, value in document.items()
        if key in names or opened
    }


def _decimals(value: Any) -> Any:
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, dict):
        return {key: _decimals(one) for key, one in value.items()}
    return [_decimals(one) for one in value] if isinstance(value, list) else value


@checked
@given(unfit(direct=True))
def test_plain_pydantic_agrees(case: tuple[Made, list[bytes]]) -> None:
    """Where BSON has the type, ``model_validate`` of the plain document is the same."""
    made, rows = case
    schema, twin = describe(made.cls), by_twin(made.cls)

    def by_pydantic(data: bytes) -> Any:
        document = plainly(made.cls, bson.decode(data, OPTIONS))
        return made.cls.model_validate(document, by_name=True, by_alias=False)

    for data in rows:
        if b"$ref\0" in data:
            # A DBRef is the document it is stored as to a model, not to pydantic.
            continue
        expected = outcome(by_pydantic, data)
        event("refused" if expected == "refused" else "read")
        assert expected == outcome(schema.codec.decode, data)
        assert expected == outcome(twin.decode, data)


def answers(cls: Any, made: list[Any]) -> Iterator[Any]:
    """What a route of FastAPI's answers for each instance; None: an error."""
    app = FastAPI()

    @app.get("/{at}", response_model=cls)
    async def route(at: int) -> Any:
        return made[at]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = TestClient(app, raise_server_exceptions=False)
        for at in range(len(made)):
            response = client.get(f"/{at}")
            yield response.text if response.status_code == 200 else None


@checked
@given(unfit())
def test_json_is_fastapis(case: tuple[Made, list[bytes]]) -> None:
    """JSON is what FastAPI answers for the same documents, once parsed."""
    made, rows = case
    schema, twin = describe(made.cls), by_twin(made.cls)
    found, fit = [], []
    for data in rows:
        try:
            found.append(schema.codec.decode(data))
        except (errors.DocumentDecodeError, ValidationError):
            with pytest.raises((errors.DocumentDecodeError, ValidationError)):
                schema.codec.json(data)
            continue
        fit.append(data)
    for data, answer in zip(fit, answers(made.cls, found), strict=True):
        if answer is None:
            event("FastAPI fails")
            continue
        event("through pydantic" if schema.plan.json_through else "fast")
        # Each NaN is another to a set, so that its order is another each time.
        has_order = "nan" not in repr(bson.decode(data, OPTIONS))
        seen = shape if has_order else lambda found: unordered(shape(found))
        expected = seen(json.loads(answer))
        assert expected == seen(json.loads(schema.codec.json(data)))
        assert expected == seen(json.loads(twin.json(data)))
