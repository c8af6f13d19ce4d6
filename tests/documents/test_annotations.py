"""What annotations name is found, however Python keeps annotations."""

from __future__ import annotations

import sys
import types
from datetime import date
from typing import Any

import pytest
from bson import ObjectId

LAZILY = sys.version_info >= (3, 14)
LAZY = "" if LAZILY else "from __future__ import annotations\n"
NAMES = """
from datetime import date
from bson import ObjectId
from pydantic import BaseModel, field_validator
from mongolane import Document, IntegerField, Mapped, StringField, field
"""
OID = ObjectId("65f0c1d2e3a4b5c6d7e8f901")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a module's text, again in the same module if it is called again."""
    module = types.ModuleType("later")
    monkeypatch.setitem(sys.modules, "later", module)

    def run(text: str, lazy: str = LAZY) -> Any:
        code = compile(lazy + NAMES + text, "later.py", "exec", dont_inherit=True)
        exec(code, vars(module))
        return module

    return run


LATER = """
class Early(Document):
    ids: dict[str, ObjectId | Late] = {}
    some: list[Late] = []
    more: Mapped[list[Late]] = field(default_factory=list)
    own: Early | None = None
    name = StringField()
    one: Late | None = None

class Late(BaseModel):
    n: int
"""


def test_unquoted_names_of_later_classes(run: Any) -> None:
    """A class may name one that comes after it in the module."""
    module, late = run(LATER), {"n": 1}
    made = module.Early(
        ids={"a": str(OID), "b": late},
        some=[late],
        more=[late],
        own=module.Early(one=late),
    )

    assert made.ids == {"a": OID, "b": module.Late(n=1)}
    assert made.some == made.more == [made.own.one] == [module.Late(n=1)]
    assert str(module.Early.one.n == 1) == "Early.one.n == 1"


EARLY = """
    class Early(Document):
        ids: dict[str, ObjectId | Late] = {}
        more: Mapped[list[Late]] = field(default_factory=list)
        one: Mapped[Late | None] = field(default=None)
        name = StringField()
"""
LATE = """
    class Late(BaseModel):
        n: int
"""


def test_names_of_a_functions_classes(run: Any) -> None:
    """In a function, too, where Python itself evaluates annotations late."""
    body = EARLY + LATE if LAZILY else LATE + EARLY
    module = run(f"def make():\n{body}\n    return Early, Late", lazy="")
    early, late = module.make()
    one = {"n": 1}
    made = early(ids={"a": str(OID), "b": one}, more=[one], one=one)

    assert made.ids == {"a": OID, "b": late(n=1)}
    assert made.more == [made.one] == [late(n=1)]


@pytest.mark.parametrize(
    "inner",
    ["list[Node]", "list['Node']", "Mapped[list[Node]]", "list[Node | ObjectId]"],
)
def test_a_class_that_is_declared_again(run: Any, inner: str) -> None:
    """Its own name means the new class, as where a notebook's cell runs twice."""
    text = f"class Node(Document):\n    inner: {inner} = field(default_factory=list)"
    before = run(text).Node
    again = run(text).Node

    assert again is not before
    assert again(inner=[again()]).inner == [again()]


def test_a_generic_class_that_is_declared_again(run: Any) -> None:
    """The same of one with a type variable."""
    text = """
from typing import Generic, TypeVar
T = TypeVar("T")
class Page(Document, Generic[T]):
    rows: list[T] = field(default_factory=list)
    next: Page[T] | None = None
"""
    run(text)
    page = run(text).Page[int]

    assert page(rows=[1], next=page(rows=[2])).next.rows == [2]


def test_order_of_what_has_no_value(run: Any) -> None:
    """Annotations without a value, and field objects without an annotation."""
    text = """
class Mixed(Document):
    a: int
    b = StringField()
    c: dict[
        str,
        int,
    ]
    d = IntegerField()
    e: int = 1
    if True:
        f: str
    g: Mapped[str]
    h = StringField()
"""

    assert [*"abcdefgh"] == list(run(text).Mixed.model_fields)[1:]


def test_a_declared_date_of_creation(run: Any) -> None:
    """What a class annotates is not declared again by its settings."""
    text = """
class Dated(Document):
    created_at: date
    class Settings:
        timestamps = True
"""

    assert run(text).Dated.model_fields["created_at"].annotation is date


def test_names_that_only_checkers_know(run: Any) -> None:
    """A function's annotation, or an embedded class's, may name what is never there."""
    text = """
class Inner(BaseModel):
    x: Unknown
Inner.model_rebuild(_types_namespace={"Unknown": int})

class Outer(Document):
    inner: Inner
    y: int = 0
    @field_validator("y")
    @classmethod
    def checked(cls, value: Nowhere) -> Nowhere:
        return value
"""
    made = run(text).Outer

    assert "y" in made.explain_codec()
    assert made(inner={"x": 1}).inner.x == 1
