"""
``Field``: what all motormongo-style field objects share.

A field object is a description. The metaclass of documents turns it into an
annotation that carries it, and pydantic then asks it to check each value; no
field object is left on the class as a descriptor.
"""

from __future__ import annotations

import builtins
import copy
import reprlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar, overload

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from ..codec.plan import Kind, Nullable, Scalar
from ..errors import ConfigurationError, FieldError
from .bson_types import jsonable
from .mapped import Mapped
from .options import warn_of_unread

__all__ = ["STORED", "Field", "without_value"]

T = TypeVar("T", covariant=True)
V = TypeVar("V")

STORED = {"mongolane": "stored"}
"""Pydantic's context while a stored document is read: nothing is hashed again."""


def without_value(problem: Any) -> str:
    """What pydantic says of one problem, without the value that field objects add."""
    error = problem.get("ctx", {}).get("error")
    return str(error.told if isinstance(error, FieldError) else problem["msg"])


class WrongTypeError(FieldError, TypeError):
    """A value is not of a plain ``Field``'s type."""


_ANY = (None,)
"""The types of a field that takes any value."""

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60


class Field(Mapped[T]):
    """
    One field of a document.

    Args:
        type: the type, or types, that values must be of; None takes any value.
        required: the field must have a value.
        unique: the field gets a unique index.
        primary_key: kept as an attribute; ``id`` is the primary key.
        kwargs: ``default`` (a value, or something to call), ``stored`` (the stored
            key), ``index`` (True or an ``Index``), ``help_text`` and whatever you like;
            kept in ``options``. A warning tells of names that were meant otherwise.
    """

    error: ClassVar[type[FieldError]] = FieldError
    """Raised when a value is missing, or of no use."""

    secret: bool = False
    """Never show a value in a message."""

    held_as: type | None = None
    """The type that ``validate`` gives, if it always gives the same."""

    @property
    def narrows(self) -> bool:
        """Whether ``validate`` refuses, or changes, some values of its own type."""
        return False

    if TYPE_CHECKING:
        # None empties a field.
        def __set__(self, instance: Any, value: T | None, /) -> None: ...

    # ``Field()`` takes any value; ``Field(int)`` is a Field[int].
    @overload
    def __init__(
        self: Field[Any],
        type: None = None,
        required: bool = False,
        unique: bool = False,
        primary_key: bool = False,
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Field[V],
        type: builtins.type[V],
        required: bool = False,
        unique: bool = False,
        primary_key: bool = False,
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Field[Any],
        type: tuple[builtins.type, ...],
        required: bool = False,
        unique: bool = False,
        primary_key: bool = False,
        **kwargs: Any,
    ) -> None: ...
    def __init__(
        self,
        type: Any = None,
        required: bool = False,
        unique: bool = False,
        primary_key: bool = False,
        **kwargs: Any,
    ) -> None:
        self.type: tuple[Any, ...] = type if isinstance(type, tuple) else (type,)
        self.required = required
        self.unique = unique
        self.primary_key = primary_key
        if "hash_function" in kwargs:
            # Kept as one of the other options, it would leave secrets as plain text.
            text = f"{builtins.type(self).__name__}() hashes nothing; a secret is a"
            raise ConfigurationError(f"{text} BinaryField(hash_function=...)")
        warn_of_unread(builtins.type(self), kwargs)
        self.options = kwargs
        self.name: str | None = None
        self.owner: str | None = None

    # -- what a subclass says -------------------------------------------------

    def annotation(self) -> Any:
        """The plain Python type: for JSON schema and serialization."""
        one = self.type[0] if len(self.type) == 1 else None
        return one if isinstance(one, type) else Any

    def validate(self, value: Any) -> Any:
        """
        The value as it is held by an instance.

        Raises:
            FieldError: of the field's own class, when the value does not fit.
        """
        if self.type != _ANY and not isinstance(value, self.type):
            error = WrongTypeError if self.error is FieldError else self.error
            raise self.problem(error, f"must be {self.type_names()}", value)
        return value

    def load(self, value: Any) -> Any:
        """The same for a value that comes from the database."""
        return self.validate(value)

    def other_form(self, value: Any) -> Any:
        """Another form in which a value may have been stored, or None."""
        return None

    def kind(self, model: Callable[[Any], Kind]) -> Kind:
        """How the value lies in BSON; ``model`` gives the kind of any annotation."""
        return Scalar("any") if self.type == _ANY else model(self.annotation())

    # -- what all share -------------------------------------------------------

    @property
    def default(self) -> Any:
        """The declared default, as declared; None when there is none."""
        return self.options.get("default")

    def make_default(self) -> Any:
        """A default for one instance: called, or copied, and checked."""
        given = self.default
        if given is None:
            return None
        value = given() if callable(given) else copy.deepcopy(given)
        return None if value is None else self.validate(value)

    def check(self, value: Any) -> Any:
        """
        ``validate``, where None stands for the default.

        Raises:
            FieldError: also for None in a required field without a default.
        """
        if value is not None:
            try:
                return self.validate(value)
            except FieldError:
                raise
            except ValueError as error:
                # Of an application's own field class, which names no field.
                raise self._named(error, value) from None
        value = self.make_default()
        if value is None and self.required:
            raise self.missing()
        return value

    def stored_kind(self, model: Callable[[Any], Kind]) -> Kind:
        """``kind``, with null where the field may be empty."""
        kind = self.kind(model)
        return kind if self.required else Nullable(kind)

    def full_annotation(self) -> Any:
        """The annotation that pydantic is given: the type, None, and this object."""
        plain = self.annotation()
        return Annotated[plain if self.required else plain | None, self]

    def named(self, owner: str, name: str) -> None:
        """Learn where the field stands, once, for messages."""
        if self.owner is None:
            self.owner, self.name = owner, name

    def problem(
        self, cls: type[FieldError], text: str, value: Any = None
    ) -> FieldError:
        """An error that names document, field and, unless secret, the value."""
        shown = "" if self.secret else f", not {_SHORT.repr(value)}"
        hidden = None if self.secret else value
        name = self.name or type(self).__name__
        made = cls(text + shown, self.owner, name, hidden)
        made.told = text
        return made

    def _named(self, error: ValueError, value: Any) -> FieldError:
        if self.secret:
            return self.problem(self.error, "is refused")
        text = f"{error}: {_SHORT.repr(value)}"
        return self.error(text, self.owner, self.name or type(self).__name__, value)

    def missing(self) -> FieldError:
        """The error for a required field without a value."""
        return self.error("a value is required", self.owner, self.name)

    def type_names(self) -> str:
        """The accepted types, in words."""
        return " or ".join(one.__name__ for one in self.type)

    # -- what pydantic asks ---------------------------------------------------

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        def validate(value: Any, _: Any, info: ValidationInfo) -> Any:
            if info.context is STORED:
                return None if value is None else self.load(value)
            return self.check(value)

        return core_schema.with_info_wrap_validator_function(
            validate, handler(source), serialization=self.serializer()
        )

    def serializer(self) -> Any:
        """How JSON is made of the value, where pydantic cannot know; or None."""
        if type(self) is not Field:
            return None
        return core_schema.plain_serializer_function_ser_schema(
            jsonable, when_used="json-unless-none"
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Any:
        found = handler(schema)
        if extra := self.json_schema():
            found = {**handler.resolve_ref_schema(found), **extra}
        return found

    def json_schema(self) -> dict[str, Any]:
        """What JSON schema says beyond the type."""
        text = self.options.get("help_text")
        return {"description": text} if text else {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"
