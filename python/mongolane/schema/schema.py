"""
All that is known of one class, and documents to instances by it, and back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import partial
from typing import Any, cast
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ValidationError
from pydantic_core import MISSING

from .. import codec
from ..abc import ModelCodec
from ..codec import ModelCodec as Compiled
from ..codec.plan import (
    FieldPlan,
    Kind,
    Model,
    ModelPlan,
    Nullable,
    OneOf,
    Scalar,
    Through,
)
from ..errors import EncodeError, FieldError
from ..expressions.shape import Shape
from ..fields import STORED
from .explain import explain
from .field_schema import FieldSchema
from .fitting import misfit
from .forms import plain
from .located import under
from .problems import misfit_of
from .settings import Settings, collection_of
from .values import held, named, to_stored

__all__ = ["Schema"]


class Schema:
    """
    All that is known of one class.

    Attributes:
        cls: the class.
        settings: its ``Meta`` or ``Settings``.
        fields: by attribute name, in declared order.
        plan: for the codec.
        shape: for filters, sorts and updates.
        version: the field that counts writes, if one does.
        stamps: dates that writes set; filled in by ``documents``.
        holders: fields whose values may be models, or hold some; likewise.
        alone: whether of its documents only they themselves belong to a database;
            likewise.
        hard: keys whose change no save can send as it is; likewise.
        views: how the class is read from other classes' documents; ``viewed`` knows.
    """

    def __init__(self, cls: type[BaseModel]) -> None:
        self.cls = cls
        self.settings: Settings = getattr(cls, "__mongolane_settings__", Settings())
        self.fields: dict[str, FieldSchema] = {}
        self.plan: ModelPlan = ModelPlan(cls)
        opened = cls.model_config.get("extra") == "allow"
        self.shape: Shape = Shape(cls.__name__, open=opened)
        self.shape.part_id = bool(getattr(cls, "__mongolane_part_id__", False))
        self.version: str | None = None
        self.stamps: dict[str, str] | None = None
        self.holders: tuple[str, ...] | None = None
        self.hard: frozenset[str] | None = None
        self.views: WeakKeyDictionary[Shape, Any] = WeakKeyDictionary()
        self.alone: bool | None = None
        self._codec: ModelCodec[Any] | None = None

    @property
    def codec(self) -> ModelCodec[Any]:
        """The compiled plan."""
        if self._codec is None:
            # The native class is not generic; the Protocol is what is promised.
            self._codec = cast("ModelCodec[Any]", codec.compile(self.plan))
        return self._codec

    @property
    def compiled(self) -> Compiled:
        """The same as what it is, with more than queries ask of a codec."""
        return cast("Compiled", self.codec)

    def adopted(self, given: list[Any]) -> list[Any]:
        """
        Instances of dicts whose values are of the types declared.

        What pydantic would make of them; None where it has to look itself.
        """
        if not self.plan.adopts:
            return [None] * len(given)
        return self.compiled.adopt(given)

    @property
    def collection(self) -> str:
        """The collection's name."""
        return collection_of(self.cls)

    def by_key(self, name: str) -> FieldSchema | None:
        """The field of this name or stored key."""
        found = self.fields.get(name)
        if found is None:
            found = next((one for one in self.fields.values() if one.key == name), None)
        return found

    def dump(self, instance: Any) -> dict[str, Any]:
        """
        An instance as a plain document with stored keys.

        Raises:
            EncodeError: for an attribute that was given a value of the wrong type.
        """
        document: dict[str, Any] = {}
        held = instance.__dict__
        for one in self.plan.fields:
            if one.name not in held:
                continue
            value = held[one.name]
            if value is MISSING or (value is None and one.omit_none):
                continue
            document[one.key] = self._stored(one, value)
        for name, value in (instance.__pydantic_extra__ or {}).items():
            document[name] = under(name, partial(plain, value))
        if "_id" in held:
            # A part's own, which its class does not declare.
            document.setdefault("_id", held["_id"])
        return document

    def _stored(self, one: FieldPlan, value: Any) -> Any:
        if (why := misfit(one.kind, value)) is not None:
            raise EncodeError(f"{why} by {self.cls.__name__}.{one.name}", one.key)
        return under(one.key, lambda: to_stored(one.kind, value))

    def load(self, document: Mapping[str, Any]) -> Any:
        """
        An instance of a plain stored document, by pydantic.

        Raises:
            DocumentDecodeError: it does not fit; names ``_id`` and each field.
        """
        shown = named(self.plan, document)
        try:
            made = self.validated(shown)
        except ValidationError as error:
            refused = misfit_of(self.shape, document.get("_id"), shown, error)
        else:
            if self.plan.extra == "allow":
                self._keep_homonyms(made, document)
            return made
        # Not chained: pydantic's text shows stored values, and may reach a log.
        raise refused

    def validated(self, shown: dict[str, Any]) -> Any:
        """What pydantic makes of a stored document by names; ValidationError."""
        return self.cls.__pydantic_validator__.validate_python(
            shown, context=STORED, by_alias=False, by_name=True
        )

    def _keep_homonyms(self, made: Any, document: Mapping[str, Any]) -> None:
        # Undeclared, though a field that is stored elsewhere has the name: pydantic
        # would take it for the field's value.
        for name, one in self.fields.items():
            if one.key != name and name in document and self.by_stored(name) is None:
                made.__pydantic_extra__[name] = held(document[name])
                made.__pydantic_fields_set__.add(name)

    def id_from_json(self, given: Any) -> Any:
        """
        An id as it is declared, for one that JSON has in another type.

        Text of what is text anyhow, or has a stored form that filters know, is left.
        """
        field = self.fields.get("id")
        if field is not None and _is_other_in_json(field.plan.kind, given):
            with contextlib.suppress(FieldError):
                return field.validate(given)
        return given

    def by_stored(self, key: str) -> FieldSchema | None:
        """The field that is stored under a key."""
        return next((one for one in self.fields.values() if one.key == key), None)

    def explain(self) -> str:
        """For each field which way it goes, and why."""
        return explain(self.plan)


def _is_other_in_json(kind: Kind, given: Any) -> bool:
    """Whether what JSON has can only stand for a value of another type."""
    if isinstance(kind, Nullable):
        return _is_other_in_json(kind.inner, given)
    if isinstance(kind, OneOf):
        return Scalar("str") not in kind.alternatives
    if isinstance(kind, Scalar):
        return kind.tag in ("int", "float", "decimal", "bytes")
    if isinstance(kind, Through) and isinstance(given, str):
        return kind.inner is not None and _is_other_in_json(kind.inner, given)
    return isinstance(given, dict) and isinstance(kind, (Model, Through))
