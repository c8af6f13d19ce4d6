"""Options that a field object does not have: kept, and told where they were meant."""

from __future__ import annotations

import warnings
from typing import Annotated, Any

import pydantic
import pytest

from mongolane import (
    BinaryField,
    DateTimeField,
    Document,
    Field,
    FloatField,
    GeoJSONField,
    Index,
    IntegerField,
    ReferenceField,
    Stored,
    StringField,
)
from mongolane.errors import ConfigurationError


class Slug(StringField):
    """A field class of an application's own."""

    def __init__(self, separator: str = "-", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.separator = separator


@pytest.mark.parametrize(
    ("cls", "name", "hint"),
    [
        (StringField, "mx_length", "did you mean 'max_length'?"),
        (StringField, "requried", "did you mean 'required'?"),
        (IntegerField, "min_val", "did you mean 'min_value'?"),
        (DateTimeField, "auto_now_ad", "did you mean 'auto_now_add'?"),
        (Slug, "seperator", "did you mean 'separator'?"),
        (Slug, "regx", "did you mean 'regex'?"),
        (IntegerField, "max_length", "a StringField has it"),
        (StringField, "db_field", "write stored="),
        (FloatField, "ge", "write min_value="),
        (StringField, "discriminator", "write an annotation"),
        (
            StringField,
            "exclude",
            r"Annotated\[\.\.\., pydantic\.Field\(exclude=\.\.\.\)\]",
        ),
        (StringField, "null", "any field that is not required may be None"),
    ],
)
def test_what_was_meant_otherwise_is_told(cls: Any, name: str, hint: str) -> None:
    """A warning names it, and the line that declares the field; it is kept."""
    with pytest.warns(
        UserWarning, match=rf"{cls.__name__} .*{name!r}; .*{hint}"
    ) as seen:
        made = cls(**{name: 1})

    assert made.options == {name: 1}
    assert [one.filename for one in seen] == [__file__]


def test_remarks_are_kept_without_a_word() -> None:
    """What applications note for themselves, and everything that fields have."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = StringField(label="Name", widget="textarea", default="a", stored="n")
        DateTimeField(aware=False)
        GeoJSONField(store_as_list=True)
        ReferenceField(document_class="Other")

    assert made.options["label"] == "Name"


class Marked(Document):
    """Field objects with something beside them."""

    name: Annotated[str, Stored("n"), Index(unique=True)] = StringField()
    secret: Annotated[bytes, pydantic.Field(exclude=True)] = BinaryField()
    shown: Annotated[str, pydantic.Field(alias="Shown"), "a remark"] = StringField()


def test_what_stands_beside_a_field_object_holds() -> None:
    """The stored key, the index, and what JSON shows."""
    made = Marked(name="a", secret="s", Shown="x")

    assert Marked.find({"name": "a"}).command()["filter"] == {"n": "a"}
    assert made.model_dump(by_alias=True, exclude={"id"}) == {"name": "a", "Shown": "x"}
    assert made.to_dict() == {"name": "a", "secret": b"s", "shown": "x"}


@pytest.mark.parametrize("mark", [pydantic.AfterValidator(str), pydantic.Field(ge=3)])
def test_checks_beside_a_field_object_are_refused(mark: Any) -> None:
    """Reads and updates would not ask them."""
    with pytest.raises(
        ConfigurationError, match="IntegerField checks its values itself"
    ):

        class Checked(Document):
            number: Annotated[int, mark] = IntegerField()


@pytest.mark.parametrize("field", [StringField(stored="key"), Field(stored="key")])
def test_an_id_has_no_other_key(field: Any) -> None:
    """Every server calls it ``_id``."""

    class Keyed(Document):
        id: Any = field

    with pytest.raises(
        ConfigurationError, match=r"Keyed\.id is what every server calls"
    ):
        Keyed.find().command()


def test_a_field_object_of_a_plain_class_is_refused() -> None:
    """It would be no field of the document, and what it is given be dropped."""

    class Mixin:
        slug = StringField()

        def shout(self) -> str:
            return "!"

    with pytest.raises(ConfigurationError, match="Page has no field 'slug' of Mixin"):

        class Page(Mixin, Document):
            title = StringField()


def test_an_underscored_field_says_what_to_write() -> None:
    """Pydantic has no such fields; the stored key can be the same."""
    hint = r"Sum\._total: .* write total = IntegerField\(stored='_total'\)"
    with pytest.raises(ConfigurationError, match=hint):

        class Sum(Document):
            _total = IntegerField()


def test_types_are_a_tuple() -> None:
    """As motormongo's attribute is."""
    assert StringField().type == (str,)
    assert Field((int, str)).type == (int, str)
