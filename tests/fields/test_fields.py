"""Each field takes what it should, and says clearly what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import pytest
from bson import ObjectId
from bson.binary import Binary
from pydantic import BaseModel

from mongolane import (
    BinaryField,
    BooleanField,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EnumField,
    Field,
    FloatField,
    GeoJSONField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
    errors,
)
from mongolane.expressions import Point


class Role(Enum):
    """Text."""

    ADMIN = "admin"


class Level(Enum):
    """Numbers."""

    LOW = 1


class Part(EmbeddedDocument):
    """A part."""

    n: int


class Target(Document):
    """What is referred to."""

    name = StringField()


# The same in every process that collects the tests: it is in their names.
OID = ObjectId("65f0c1d2e3a4b5c6d7e8f901")
NAIVE = datetime(2024, 5, 1, tzinfo=UTC).replace(tzinfo=None)

TAKEN: list[tuple[Field[Any], Any, Any]] = [
    (StringField(regex="a+"), "aab", "aab"),
    (StringField(regex=re.compile("a+")), "aab", "aab"),
    (IntegerField(), True, 1),
    (FloatField(), 3, 3.0),
    (BooleanField(), False, False),
    (DateTimeField(), date(2024, 5, 1), datetime(2024, 5, 1, tzinfo=UTC)),
    (DateTimeField(), "2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    (DateTimeField(), "2024-05-01T10:00:00+02:00", datetime(2024, 5, 1, 8, tzinfo=UTC)),
    (DateTimeField(), "03/04/2024", datetime(2024, 4, 3, tzinfo=UTC)),
    (DateTimeField(), "20240501T101112", datetime(2024, 5, 1, 10, 11, 12, tzinfo=UTC)),
    (DateTimeField(), "May 1, 2024", datetime(2024, 5, 1, tzinfo=UTC)),
    (DateTimeField(datetime_formats=["%Y"]), "2024", datetime(2024, 1, 1, tzinfo=UTC)),
    (DateTimeField(aware=False), datetime(2024, 5, 1, tzinfo=UTC), NAIVE),
    (DateTimeField(), NAIVE.replace(microsecond=123456),
     datetime(2024, 5, 1, 0, 0, 0, 123000, tzinfo=UTC)),
    (BinaryField(), "é", Binary("é".encode())),
    (BinaryField(), bytearray(b"x"), Binary(b"x")),
    (BinaryField(return_decoded=True), b"x", "x"),
    (BinaryField(encode=lambda text: text.encode("utf-16")), "x",
     Binary("x".encode("utf-16"))),
    (BinaryField(hash_function=lambda text: text.upper().encode()), "x", Binary(b"X")),
    (BinaryField(hash_function=lambda text: text.upper().encode()), b"x", Binary(b"X")),
    (EnumField(Role), "admin", "admin"),
    (EnumField(Role), Role.ADMIN, "admin"),
    (EnumField(enum=Level), 1, 1),
    (ListField(), [1, "a"], [1, "a"]),
    (ListField(EnumField(Role)), ["admin"], [Role.ADMIN]),
    (ListField(ListField(IntegerField())), [[1]], [[1]]),
    (ListField(GeoJSONField()), [[1.0, 2.0]], [[1.0, 2.0]]),
    (ListField(StringField), ["a"], ["a"]),
    (ListField(ReferenceField(Target)), [str(OID)], [OID]),
    (GeoJSONField(), (1, 2), [1, 2]),
    (GeoJSONField(), {"type": "Point", "coordinates": [1, 2]}, [1, 2]),
    (GeoJSONField(), Point(1.0, 2.0), [1.0, 2.0]),
    (GeoJSONField(return_as_list=False), [1, 2],
     {"type": "Point", "coordinates": [1, 2]}),
    (EmbeddedDocumentField(Part), {"n": 1}, Part(n=1)),
    (EmbeddedDocumentField(dict), {"n": 1}, {"n": 1}),
    (ReferenceField(Target), str(OID), OID),
    (ReferenceField(Target), Target(_id=OID), OID),
    (ReferenceField(document_class=Target), OID, OID),
    (Field(), object, object),
    (Field(type=(int, str)), "a", "a"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "given", "held"), TAKEN)
def test_values_are_taken(field: Field[Any], given: Any, held: Any) -> None:
    """A value is converted to what an instance holds."""
    assert field.validate(given) == held


REFUSED: list[tuple[Field[Any], Any, type[Exception]]] = [
    (StringField(), 1, errors.StringValueError),
    (StringField(min_length=2), "a", errors.StringLengthError),
    (StringField(max_length=2), "abc", errors.StringLengthError),
    (StringField(regex="a"), "b", errors.StringPatternError),
    (IntegerField(), 1.5, errors.IntegerValueError),
    (IntegerField(), "1", errors.IntegerValueError),
    (IntegerField(min_value=2), 1, errors.IntegerRangeError),
    (IntegerField(), 2**63, errors.IntegerRangeError),
    (FloatField(), "1", errors.FloatValueError),
    (FloatField(max_value=1), 2.0, errors.FloatRangeError),
    (FloatField(min_value=0), float("nan"), errors.FloatRangeError),
    (FloatField(), 10**400, errors.FloatRangeError),
    (BooleanField(), 1, errors.BooleanFieldError),
    (BooleanField(), "true", errors.BooleanFieldError),
    (DateTimeField(), "yesterday", errors.DateTimeFormatError),
    (DateTimeField(), 5, errors.DateTimeValueError),
    (BinaryField(), 5, errors.InvalidBinaryTypeError),
    (BinaryField(return_decoded=True), b"\xff", errors.BinaryDecodingError),
    (EnumField(Role), "ADMIN", errors.InvalidEnumValueError),
    (EnumField(Role), 5, errors.InvalidEnumTypeError),
    (EnumField(Role), Level.LOW, errors.InvalidEnumTypeError),
    (ListField(), "ab", errors.ListValueTypeError),
    (ListField(IntegerField()), [1, "x"], errors.ListItemTypeError),
    (GeoJSONField(), [200, 0], errors.GeoCoordinateError),
    (GeoJSONField(), [1], errors.GeoCoordinateError),
    (GeoJSONField(), {"type": "LineString"}, errors.GeoCoordinateError),
    (EmbeddedDocumentField(Part), 5, errors.EmbeddedDocumentTypeError),
    (EmbeddedDocumentField(Part), {"n": "x"}, errors.EmbeddedDocumentTypeError),
    (ReferenceField(Target), "nonsense", errors.ReferenceConversionError),
    (ReferenceField(Target), 5, errors.ReferenceTypeError),
    (ReferenceField(Target), Target(), errors.ReferenceTypeError),
    (Field(type=int), "x", errors.FieldError),
]


@pytest.mark.parametrize(("field", "given", "kind"), REFUSED)
def test_values_are_refused(
    field: Field[Any], given: Any, kind: type[Exception]
) -> None:
    """A value is refused by the field's own error, which is a ValueError."""
    with pytest.raises(kind) as caught:
        field.validate(given)

    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, errors.MongolaneError)


def test_errors_name_document_field_and_value() -> None:
    """The message and the attributes tell where, and what was given."""

    class User(Document):
        tags = ListField(IntegerField())

    with pytest.raises(errors.ListItemTypeError) as caught:
        User(tags=[1, "x"])

    error = caught.value
    assert (error.document, error.field, error.value) == ("User", "tags", "x")
    assert str(error) == "User.tags: item 1: must be an integer, not 'x'"


def test_a_failing_hash_function_leaks_nothing() -> None:
    """What a hash function raises is not shown: it may hold the plain text."""

    def failing(password: str) -> bytes:
        raise RuntimeError(f"cannot hash {password}")

    with pytest.raises(errors.BinaryDecodingError) as caught:
        BinaryField(hash_function=failing).validate("secret")

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("annotation", "given"),
    [("str", str), ("bytes", bytes), ("str | bytes", str), (None, str)],
)
def test_hash_functions_get_what_they_ask_for(annotation: str, given: type) -> None:
    """Annotated with bytes they get bytes, else text; lambdas are possible."""
    seen: list[type] = []

    def hash_function(value: Any) -> bytes:
        seen.append(type(value))
        return b"x"

    hash_function.__annotations__ = {"value": annotation} if annotation else {}
    BinaryField(hash_function=hash_function).validate("a")

    assert seen == [given]


@pytest.mark.parametrize(
    "declare",
    [
        lambda: EmbeddedDocumentField(int),
        lambda: EmbeddedDocumentField("Part"),
        lambda: ReferenceField(5),
        lambda: ReferenceField(BaseException),
    ],
)
def test_impossible_fields_are_refused(declare: Any) -> None:
    """A type that cannot be embedded or referred to is a configuration error."""
    with pytest.raises(errors.ConfigurationError):
        declare()


def test_references_by_name() -> None:
    """A reference may name its class, also its own."""

    class Employee(Document):
        boss = ReferenceField("self")
        team = ReferenceField("Target")

    made = Employee(boss=OID, team=OID)

    assert made.boss.id == OID
    field: Any = Employee.model_fields["team"].metadata[0]
    assert field.document is Target


def test_json_schema_says_the_limits() -> None:
    """JSON schema has types, limits, patterns, values and help texts."""

    class Shown(Document):
        name = StringField(required=True, min_length=2, regex="^a", help_text="A name")
        age = IntegerField(required=True, max_value=9)
        role = EnumField(Role, required=True)
        when = DateTimeField(required=True)

    shown = Shown.model_json_schema()["properties"]

    assert shown["name"]["minLength"] == 2
    assert shown["name"]["pattern"] == "^a"
    assert shown["name"]["description"] == "A name"
    assert shown["age"]["maximum"] == 9
    assert shown["role"]["const"] == "admin"
    assert shown["when"]["format"] == "date-time"


def test_any_model_can_be_embedded() -> None:
    """Instances of other models are converted by their fields."""

    class Other(BaseModel):
        n: int

    assert EmbeddedDocumentField(Part).validate(Other(n=3)) == Part(n=3)
    assert EmbeddedDocumentField(Other).validate(Other(n=3)) == Other(n=3)


@pytest.mark.parametrize(
    ("declare", "kind"),
    [
        (lambda: EmbeddedDocumentField(int), errors.EmbeddedDocumentTypeError),
        (lambda: EmbeddedDocumentField("Part"), TypeError),
        (lambda: EnumField(int), errors.InvalidEnumTypeError),
        (lambda: EnumField("Colour"), TypeError),
        (lambda: EnumField(None), errors.ConfigurationError),
        (lambda: BinaryField(hash_function="sha256"), TypeError),
    ],
)
def test_what_no_field_can_be_declared_with(
    declare: Callable[[], object], kind: type[Exception]
) -> None:
    """It is refused where it stands, by motormongo's error."""
    with pytest.raises(kind):
        declare()


@pytest.mark.parametrize("kind", [StringField, ListField, IntegerField, Field])
def test_only_binary_fields_take_a_hash_function(kind: Any) -> None:
    """A hash function on another field is refused: the text would be stored plainly."""
    with pytest.raises(errors.ConfigurationError, match="BinaryField"):
        kind(hash_function=hash)


@pytest.mark.parametrize("text", ["2020", "5", "-5", "1.5", "1e9", " 7 ", "infinity"])
def test_numbers_in_text_are_no_dates(text: str) -> None:
    """Pydantic would read them as seconds since 1970."""
    with pytest.raises(errors.DateTimeFormatError):
        DateTimeField().validate(text)


def test_a_point_without_coordinates_is_shown() -> None:
    """The error quotes what was given."""
    with pytest.raises(errors.GeoCoordinateError, match=r"not \{'type': 'Point'\}"):
        GeoJSONField().validate({"type": "Point"})
