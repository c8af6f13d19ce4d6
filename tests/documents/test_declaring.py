"""Documents are pydantic models with nothing taken away, in every style."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID, uuid4

import pydantic
import pytest
from bson import ObjectId
from pydantic import BaseModel, ConfigDict, PrivateAttr, computed_field, field_validator

from mongolane import (
    Document,
    EmbeddedDocument,
    Index,
    IntegerField,
    Mapped,
    Stored,
    StringField,
    asc,
    desc,
    errors,
    field,
)

T = TypeVar("T")


OID = ObjectId("65f0c1d2e3a4b5c6d7e8f901")


class Letter(Document):
    """Names a class that comes after it, beside a type of bson's."""

    text: Text | None = None
    ids: dict[str, ObjectId | Text] = {}  # noqa: RUF012 (pydantic copies it)


class Text(BaseModel):
    """Has the name of a type in ``typing``."""

    words: int


class Host(EmbeddedDocument):
    """A part."""

    city: str
    score: float = 0.0


class Mixed(Document):
    """All three styles in one class."""

    name = StringField(required=True)
    age: int = 3
    city: Mapped[str] = field(default="x", stored="c")
    host: Host | None = None
    nick: Mapped[str] = StringField(max_length=5)
    tags: Mapped[list[str]] = field(default_factory=list)
    price: Annotated[Decimal, Index()] = Decimal(1)
    owner: ObjectId | None = None


class Node(Document):
    """Holds itself."""

    value: int
    children: list[Node] = []  # noqa: RUF012 (pydantic copies it)
    parent: Node | None = None


class Box(Document, Generic[T]):
    """A generic document."""

    content: T


class Plain(BaseModel):
    """Any pydantic model."""

    n: int


def test_declared_order_is_kept() -> None:
    """Fields stand in the order in which they were declared, in whatever style."""
    assert list(Mixed.model_fields) == [
        "id", "name", "age", "city", "host", "nick", "tags", "price", "owner",
    ]  # fmt: skip


def test_paths_on_the_class() -> None:
    """Each field is a path on the class, with its stored key, whatever its style."""
    host: Any = Mixed.host
    assert (Mixed.city == "Porto").to_filter() == {"c": "Porto"}
    assert (host.city == "Porto").to_filter() == {"host.city": "Porto"}
    assert (Mixed.name == "a").to_filter() == {"name": "a"}  # type: ignore[attr-defined]
    assert str(Mixed.id) == "_id"
    assert repr(desc(Mixed.age)) != repr(asc(Mixed.age))


def test_unknown_paths_suggest() -> None:
    """A misspelt name is an AttributeError that suggests the near one, everywhere."""
    assert not hasattr(Mixed, "agee")
    for wrong, near in (("agee", "age"), ("find_on", "find_one"), ("nmae", "name")):
        with pytest.raises(AttributeError, match=f"did you mean '{near}'"):
            getattr(Mixed, wrong)
    with pytest.raises(AttributeError, match="Host has no field 'ctiy'; did you"):
        _ = Mixed.host.ctiy
    with pytest.raises(errors.UnknownFieldError, match="'age'"):
        Mixed.find({"agee": 1}).command()
    assert Mixed.find({"age": 1}).command()["filter"] == {"age": 1}


def test_paths_before_any_connection() -> None:
    """Declaring, building, validating and querying need no connection."""
    made = Mixed(name="a", host={"city": "x"})
    query = Mixed.find(Mixed.age >= 3).sort(desc(Mixed.price)).limit(5)

    assert made.host == Host(city="x")
    assert repr(query)
    query._used = True


def test_recursive_documents() -> None:
    """A class may hold itself, by name."""
    node = Node(value=1, children=[{"value": 2}], parent={"value": 0})

    assert node.children[0].value == 2
    assert (Node.parent.value == 1).to_filter() == {"parent.value": 1}


def test_generic_documents() -> None:
    """A parametrized generic is a document with a plan and a collection of its own."""
    box = Box[int](content="5")

    assert box.content == 5
    assert Box[int].explain_codec().startswith("Box[int]: fast")
    assert Box[int].get_collection_name() != Box[str].get_collection_name()


def test_subclass_redefines_a_field() -> None:
    """A subclass may give a field another type and default; pydantic does not warn."""

    class Other(Mixed):
        age: float = 2.5
        name = StringField(default="n")

    assert (Other().age, Other().name) == (2.5, "n")
    assert Mixed.model_fields["age"].default == 3
    assert list(Other.model_fields)[:3] == ["id", "name", "age"]


def test_fields_that_hide_what_instances_do() -> None:
    """A field called like a method of instances says so, once, where it is declared."""
    told = r"the field Hiding\.save hides the method Document\.save\(\)"
    with pytest.warns(UserWarning, match=told) as caught:

        class Hiding(Document):
            save: str

    assert caught[0].filename == __file__

    class Below(Hiding):
        save: str = "x"

    assert (Below().save, str(Below.path("save"))) == ("x", "save")


def test_fields_named_like_methods() -> None:
    """A field may be called like one of our methods; the path has another way."""

    class Counter(Document):
        count: int
        find: str = "x"
        db: str | None = None

    made = Counter(count=3)

    assert (made.count, made.find) == (3, "x")
    assert str(Counter.path("count")) == "count"
    with pytest.raises(pydantic.ValidationError):
        Counter()


def test_pydantic_is_all_there() -> None:
    """Validators, computed fields, aliases, private attributes and config work."""

    class Rich(Document):
        model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)
        name: str = pydantic.Field(alias="Name")
        kind: Literal["a", "b"] = "a"
        _secret: int = PrivateAttr(default=5)

        @field_validator("name")
        @classmethod
        def upper(cls, value: str) -> str:
            return value.upper()

        @computed_field  # type: ignore[prop-decorator]
        @property
        def double(self) -> str:
            return self.name * 2

    made = Rich(Name="x")

    assert (made.name, made.double, made._secret) == ("X", "XX", 5)
    assert Rich(name="y").name == "Y"
    assert made.model_dump(by_alias=True)["Name"] == "X"
    assert hash(made) == hash(Rich(Name="x"))
    with pytest.raises(pydantic.ValidationError):
        Rich(Name="x", odd=1)
    with pytest.raises(pydantic.ValidationError):
        made.name = "z"  # type: ignore[misc]


def test_ids_of_any_type() -> None:
    """A class declares the type of its id, and its factory."""

    class Keyed(Document):
        id: UUID = pydantic.Field(default_factory=uuid4)
        n: int = 0

    class Compound(Document):
        id: Plain

    made = Keyed()
    assert isinstance(made.id, UUID)
    assert Keyed(_id=str(made.id)).id == made.id
    assert Keyed(id=made.id).id == made.id
    assert Compound(_id={"n": 1}).id == Plain(n=1)
    assert (Keyed.id == str(made.id)).to_filter()["_id"].as_uuid() == made.id


def test_json_has_id_and_dict_has_underscore() -> None:
    """``id`` in JSON and JSON schema, ``_id`` in to_dict()."""
    made = Mixed(name="a", id=ObjectId())
    schema = Mixed.model_json_schema()

    assert f'"id":"{made.id}"' in made.model_dump_json(by_alias=True)
    assert "_id" not in schema["properties"]
    assert schema["required"] == ["name"]
    assert "pattern" in str(schema["properties"]["id"])
    assert made.to_dict()["_id"] == str(made.id)
    assert Mixed.model_validate_json(made.model_dump_json()) == made


def test_copies_and_pickles_are_equal() -> None:
    """copy, deepcopy, model_copy and pickle keep values."""
    made = Mixed(name="a", host=Host(city="x"), id=ObjectId())

    for other in (
        copy.copy(made),
        copy.deepcopy(made),
        made.model_copy(),
        pickle.loads(pickle.dumps(made)),
    ):
        assert other == made
        assert other is not made


def test_mutable_defaults_are_not_shared() -> None:
    """Defaults that can change are made anew; callables are called."""
    from mongolane import EmbeddedDocumentField, ListField

    class Shared(Document):
        items = ListField(default=[1])
        more = ListField(StringField(), default=lambda: ["x"])
        part = EmbeddedDocumentField(Host, default=Host(city="a"))
        number = IntegerField(default=lambda: 7)

    one, other = Shared(), Shared()
    one.items.append(2)
    one.part.city = "b"

    assert (other.items, other.more, other.part.city) == ([1], ["x"], "a")
    assert one.number == 7


def test_a_bad_default_is_found_at_the_class() -> None:
    """A default that its own field refuses stops the class statement."""
    with pytest.raises(errors.IntegerRangeError, match=r"Bad\.n"):

        class Bad(Document):
            n = IntegerField(min_value=5, default=1)


def test_two_fields_under_one_key_are_refused() -> None:
    """Two fields with one stored key are a configuration error that names both."""

    class Clash(Document):
        a: Annotated[int, Stored("n")] = 1
        n: int = 2

    with pytest.raises(errors.ConfigurationError, match=r"'a' and 'n'"):
        Clash.explain_codec()


def test_unknown_settings_are_refused() -> None:
    """A misspelt setting stops the class statement and is named."""
    with pytest.raises(errors.ConfigurationError, match="colection"):

        class Bad(Document):
            class Meta:
                colection = "x"


def test_explain_names_each_way() -> None:
    """Each field says which way it goes and why."""

    class Ways(Document):
        fast: int
        slow: Annotated[int, pydantic.AfterValidator(abs)] = 1

    shown = Ways.explain_codec().splitlines()
    assert shown[0] == "Ways: fast"
    assert shown[2].split() == ["fast", "fast"]
    assert "AfterValidator" in shown[3]


async def test_fastapi_takes_and_gives_documents() -> None:
    """Documents are request bodies (422 for a bad one) and response models."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    app = FastAPI()

    @app.post("/", response_model=Mixed)
    def make(body: Mixed) -> Any:
        return body

    client = TestClient(app)
    good = client.post("/", json={"name": "a", "owner": "65f0c1d2e3a4b5c6d7e8f901"})
    bad = client.post("/", json={"name": "a", "nick": "toolong"})
    missing = client.post("/", json={})

    assert good.status_code == 200
    assert good.json()["owner"] == "65f0c1d2e3a4b5c6d7e8f901"
    assert good.json()["id"] is None
    assert (bad.status_code, missing.status_code) == (422, 422)
    names = client.get("/openapi.json").json()["components"]["schemas"]
    assert any(name.startswith("Mixed") for name in names)


def test_init_is_for_checkers() -> None:
    """``init=False`` opens the constructor to a checker, and changes nothing here."""

    class Opened(Document, init=False):
        name = StringField(required=True)

    class Part(EmbeddedDocument, init=False):
        name = StringField(max_length=2)

    assert "x" == Opened(name="x").name
    with pytest.raises(errors.StringValueError):
        Opened(name=3)
    with pytest.raises(errors.StringLengthError):
        Part(name="long")


def test_classes_made_by_pydantics_function() -> None:
    """``create_model`` with a document as its base has the fields that it is given."""
    made: Any = pydantic.create_model(
        "Made",
        __base__=Document,
        name=(str, ...),
        owner=(ObjectId | None, None),
        tags=(list[str], pydantic.Field(default_factory=list, max_length=3)),
    )

    assert list(made.model_fields) == ["id", "name", "owner", "tags"]
    assert made(name="a", owner=str(OID)).owner == OID
    assert str(made.name == "a") == "Made.name == 'a'"
    with pytest.raises(pydantic.ValidationError):
        made(name="a", tags=list("abcd"))


def test_a_later_class_may_be_called_like_one_of_typings() -> None:
    """A name that is not known yet is nobody else's."""
    assert Letter(text={"words": 3}, ids={"a": str(OID)}).text == Text(words=3)
    assert Letter(ids={"a": str(OID), "b": {"words": 1}}).ids == {
        "a": OID,
        "b": Text(words=1),
    }
