"""A value that cannot be stored is refused with the way to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import pydantic
import pytest
from pydantic import BaseModel, RootModel, SecretStr
from typing_extensions import TypedDict

from mongolane import Document, Stored, codec, errors
from mongolane.codec import _python
from mongolane.schema import describe


@dataclasses.dataclass
class Line:
    """A dataclass that holds itself."""

    x: int
    more: list[Line] = dataclasses.field(default_factory=list)


class Movie(TypedDict):
    """A typed dict."""

    title: str


class Prices(RootModel[list[Decimal]]):
    """A root model."""


class NumPyScalar:
    """What NumPy's scalars look like."""

    __module__ = "numpy"

    def item(self) -> int:
        """Python's own."""
        return 1


class Anywhere(Document):
    """Values at any depth."""

    pair: tuple[int, Any] = (0, 0)
    line: Line = pydantic.Field(default_factory=lambda: Line(0))
    movie: Movie = pydantic.Field(default_factory=lambda: Movie(title=""))
    keyed: dict[int, Any] = {}  # noqa: RUF012 (pydantic copies it)
    rows: Sequence[Any] = ()
    either: tuple[int, int] | Line | None = None
    anything: Any = None


@pytest.mark.parametrize("value", [2**64, NumPyScalar(), SecretStr("hush")])
@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("pair.1", lambda one: {"pair": (1, one)}),
        ("pair.1.a.0", lambda one: {"pair": (1, {"a": [one]})}),
        ("line.more.0.x", lambda one: {"line": Line(0, more=[Line(one)])}),
        ("movie.title", lambda one: {"movie": {"title": one}}),
        ("keyed.5", lambda one: {"keyed": {5: one}}),
        ("keyed.5.0", lambda one: {"keyed": {5: [one]}}),
        ("rows.1", lambda one: {"rows": [1, one]}),
        ("either.0", lambda one: {"either": (one, 1)}),
        ("anything", lambda one: {"anything": one}),
        ("anything.a.0", lambda one: {"anything": {"a": [one]}}),
    ],
)
def test_what_is_refused_names_its_path(path: str, make: Any, value: Any) -> None:
    """A number too large, a NumPy scalar or a secret is refused with its path."""
    made = Anywhere().model_copy(update=make(value))
    with pytest.raises(errors.EncodeError) as caught:
        describe(Anywhere).codec.encode(made)

    assert caught.value.path == path
    assert str(caught.value).startswith(path)
    assert "hush" not in str(caught.value)


class Piece(BaseModel):
    """An embedded model of pydantic's own."""

    code: str = ""
    price: Prices | None = None
    at: Annotated[date, Stored("day")] = date(2020, 1, 1)


class Holder(Document):
    """Holds parts in each way there is."""

    part: Piece | None = None
    parts: Annotated[list[Piece], Stored("ps")] = []  # noqa: RUF012
    keyed: dict[str, Piece] = {}  # noqa: RUF012 (pydantic copies it)
    deep: list[dict[str, list[Piece]]] = []  # noqa: RUF012
    either: Piece | int = 0


@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("part", lambda one: {"part": one}),
        ("ps.1", lambda one: {"parts": [Piece(), one]}),
        ("keyed.k", lambda one: {"keyed": {"k": one}}),
        ("deep.0.k.1", lambda one: {"deep": [{"k": [Piece(), one]}]}),
        ("either", lambda one: {"either": one}),
    ],
)
@pytest.mark.parametrize(
    ("inner", "held"),
    [
        ("code", {"code": 3}),
        ("code", {"code": "\ud800"}),
        ("code", {"code": None}),
        ("day", {"at": "today"}),
        ("price", {"price": SecretStr("hush")}),
    ],
)
@pytest.mark.parametrize("compiled", [codec.compile, _python.compile])
def test_embedded_models_are_on_the_path(
    compiled: Any, path: str, make: Any, inner: str, held: dict[str, Any]
) -> None:
    """What is wrong in an embedded model is named with the way to it; both codecs."""
    wrong = Piece.model_construct(**{**Piece().__dict__, **held})
    whole = Holder.model_construct(**{**Holder().__dict__, **make(wrong)})
    with pytest.raises(errors.EncodeError) as caught:
        compiled(describe(Holder).plan).encode(whole)

    assert caught.value.path == f"{path}.{inner}"
    assert str(caught.value).startswith(f"{path}.{inner}: ")


class Lists(Document):
    """Values inside of values."""

    numbers: list[int] = []  # noqa: RUF012 (pydantic copies it)
    rows: list[list[str]] = []  # noqa: RUF012
    keyed: dict[str, float] = {}  # noqa: RUF012
    either: list[int | str] = []  # noqa: RUF012
    colours: list[Literal["red", "blue"]] = []  # noqa: RUF012
    empty: list[int | None] = []  # noqa: RUF012


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("numbers.1", {"numbers": [1, "x"]}),
        ("numbers.0", {"numbers": [None]}),
        ("rows.1.0", {"rows": [["a"], [3]]}),
        ("rows.0", {"rows": ["abc"]}),
        ("keyed.k", {"keyed": {"k": "x"}}),
        ("either.0", {"either": [3.5]}),
        ("empty.1", {"empty": [None, "x"]}),
    ],
)
def test_items_of_another_type_are_refused(path: str, held: dict[str, Any]) -> None:
    """An item that could not be read again is not stored; the path has its place."""
    made = Lists.model_construct(**{**Lists().__dict__, **held})
    for compiled in (codec.compile, _python.compile):
        with pytest.raises(errors.EncodeError, match="is declared") as caught:
            compiled(describe(Lists).plan).encode(made)
        assert caught.value.path == path


def test_items_of_a_declared_type_pass() -> None:
    """Whole numbers among floats, None where it may be, and either of a union pass."""
    made = Lists(keyed={"k": 1}, either=[1, "a"], empty=[None, 1], colours=["red"])
    made.keyed["k"] = 2

    for compiled in (codec.compile, _python.compile):
        codec_of = compiled(describe(Lists).plan)
        assert codec_of.decode(codec_of.encode(made)) == made
