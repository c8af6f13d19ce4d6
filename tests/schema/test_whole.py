"""Validators of the whole that come last are called by the plan, not by pydantic."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

import pydantic
import pytest
from bson import ObjectId
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from mongolane import Document, codec, errors
from mongolane.codec import _python
from mongolane.schema import describe

OID = ObjectId()
WAYS = [
    pytest.param(codec.compile, id="codec"),
    pytest.param(_python.compile, id="twin"),
]
Way = Callable[[Any], Any]
NEAR = datetime(2024, 1, 2, 3, 4, 5, 678901, UTC)
EAST = datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))


class Span(BaseModel):
    """Checked, and completed."""

    low: int
    high: int
    size: int = 0
    _seen: list[str] = pydantic.PrivateAttr(default_factory=list)

    @pydantic.model_validator(mode="after")
    def ordered(self) -> Span:
        if self.low > self.high:
            raise ValueError("low lies above high")
        self.size = self.high - self.low
        return self

    @pydantic.model_validator(mode="after")
    def counted(self) -> Span:
        self._seen.append("counted")
        return self

    def model_post_init(self, context: Any) -> None:
        self._seen.append("made")


class Held(Document):
    """Of the same, within lists and dicts."""

    name: str = "x"
    span: Span | None = None
    spans: list[Span] = pydantic.Field(default_factory=list)

    @pydantic.model_validator(mode="after")
    def named(self) -> Held:
        if self.name == "other":
            return Held(name="another")
        self.name = self.name.upper()
        return self


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "stored",
    [
        {"name": "a", "span": {"low": 1, "high": 3}},
        {"name": "a", "spans": [{"low": 1, "high": 3, "size": 9}]},
        {"name": "a", "span": {"low": "1", "high": 3}},
        {"name": "other"},
        {},
    ],
)
def test_validators_do_what_they_do_in_pydantic(way: Way, stored: Any) -> None:
    """In order, once, after ``model_post_init``; what they give back is meant."""
    schema = describe(Held)
    expected = Held.model_validate({**stored})
    found = way(schema.plan).decode(codec.encode(stored))

    assert schema.plan.whole is None
    assert found == expected
    assert found.model_fields_set == expected.model_fields_set
    for one, other in zip(
        [found.span, *found.spans], [expected.span, *expected.spans], strict=True
    ):
        if one is not None:
            assert one._seen == other._seen == ["made", "counted"]
            assert one.model_fields_set == other.model_fields_set


@pytest.mark.parametrize("way", WAYS)
def test_what_a_validator_refuses_is_told(way: Way) -> None:
    """With the document's id, and where."""
    data = codec.encode({"_id": OID, "spans": [{"low": 3, "high": 1}]})
    with pytest.raises(
        errors.DocumentDecodeError, match=r"spans.0: .*low lies above"
    ) as caught:
        way(describe(Held).plan).decode(data)
    assert caught.value.document_id == OID


class Changed(Document):
    """A validator that is seen in JSON, each time it is called."""

    at: datetime = NEAR
    any: Any = None
    count: int = 0
    hidden: Annotated[int, pydantic.Field(exclude=True)] = 1

    @pydantic.model_validator(mode="after")
    def again(self) -> Changed:
        self.count += 1
        if self.any == "near":
            self.at = NEAR
        elif self.any == "east":
            self.at = EAST
        elif self.any == "set":
            self.any = {3}
        elif self.any == "none":
            self.count = None  # type: ignore[assignment]
        elif self.any == "gone":
            del self.__dict__["count"]
            self.count = 7
        return self


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("any_", [1, None, "near", "east", "set", [1.5, {"a": OID}]])
def test_json_is_of_what_the_validators_leave(way: Way, any_: Any) -> None:
    """As FastAPI answers, which calls them once more; also what BSON cannot say."""
    compiled = way(describe(Changed).plan)
    data = codec.encode({"_id": OID, "any": any_, "count": 1})
    app = FastAPI()

    @app.get("/", response_model=Changed)
    async def route() -> Any:
        return compiled.decode(data)

    found = json.loads(compiled.json(data))
    if "a" not in str(any_):
        assert found == TestClient(app).get("/").json()
    assert found["count"] == 3
    assert "hidden" not in found


def test_constructors_are_left_alone() -> None:
    """Dicts for ``insert_many`` go by pydantic, which calls the validators."""
    schema = describe(Changed)
    assert schema.adopted([{"count": 1}]) == [None]
