"""
Documents inside documents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from pydantic import BaseModel, ValidationError
from pydantic_core import core_schema

from ..codec.plan import DictOf, Kind, Scalar
from ..errors import ConfigurationError, EmbeddedDocumentTypeError, FieldError
from .bson_types import jsonable
from .field import STORED, Field, without_value

__all__ = ["EmbeddedDocumentField"]

T = TypeVar("T", covariant=True)
V = TypeVar("V")


class NoDocumentTypeError(EmbeddedDocumentTypeError, ConfigurationError, TypeError):
    """What cannot be embedded was declared to be."""


class EmbeddedDocumentField(Field[T]):
    """
    An instance of a class, stored inside its parent.

    Args:
        document_type: an ``EmbeddedDocument``, any pydantic model, or ``dict``.
        kwargs: what every ``Field`` takes.
    """

    error: ClassVar[type[FieldError]] = EmbeddedDocumentTypeError

    if TYPE_CHECKING:
        # A mapping becomes an instance.
        def __set__(
            self, instance: Any, value: T | Mapping[str, Any] | None, /
        ) -> None: ...

    @overload
    def __init__(
        self: EmbeddedDocumentField[dict[str, Any]],
        document_type: type[dict[Any, Any]],
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: EmbeddedDocumentField[V], document_type: type[V], **kwargs: Any
    ) -> None: ...
    def __init__(self, document_type: type[Any], **kwargs: Any) -> None:
        good = isinstance(document_type, type) and issubclass(
            document_type, (BaseModel, dict)
        )
        if not good:
            raise NoDocumentTypeError(
                "EmbeddedDocumentField needs an EmbeddedDocument, a pydantic model or "
                f"dict, not {document_type!r}"
            )
        super().__init__(type=document_type, **kwargs)
        self.document_type: type[Any] = document_type
        self.held_as: type | None = document_type
        held = getattr(document_type, "model_config", {})
        self.secret: bool = bool(held.get("hide_input_in_errors"))

    def validate(self, value: Any) -> Any:
        if isinstance(value, self.document_type):
            return value
        if isinstance(value, BaseModel):
            value = value.model_dump()
        if not isinstance(value, Mapping):
            name = self.document_type.__name__
            raise self.problem(self.error, f"must be a {name} or a mapping", value)
        if issubclass(self.document_type, BaseModel):
            return self._make(self.document_type, value, None)
        made: Any = self.document_type
        return made(value)

    def load(self, value: Any) -> Any:
        if isinstance(value, Mapping) and issubclass(self.document_type, BaseModel):
            return self._make(self.document_type, value, STORED)
        return self.validate(value)

    def _make(self, cls: type[BaseModel], value: Any, context: Any) -> Any:
        try:
            made: Any = cls.model_validate(dict(value), context=context, by_name=True)
        except ValidationError as error:
            problems = error.errors(include_input=False, include_url=False)
            told = _told(cls, problems, without_value)
            # What is stored, and what may be secret, is only in the places and reasons.
            hidden = self.secret or context is STORED
            text = told if hidden else _told(cls, problems, _reason)
            given = None if hidden else value
            refused = self.error(text, self.owner, self.name, given)
            refused.told = told
            raise refused from error
        if "_id" in value and getattr(cls, "__mongolane_part_id__", False):
            if context is STORED:
                made.__dict__["_id"] = value["_id"]
            else:
                made._id = value["_id"]
        return made

    def annotation(self) -> Any:
        if issubclass(self.document_type, BaseModel):
            return self.document_type
        return dict[str, Any]

    def kind(self, model: Callable[[Any], Kind]) -> Kind:
        if issubclass(self.document_type, BaseModel):
            return model(self.document_type)
        return DictOf(Scalar("any"))

    def serializer(self) -> Any:
        if issubclass(self.document_type, BaseModel):
            return None
        return core_schema.plain_serializer_function_ser_schema(
            jsonable, when_used="json-unless-none"
        )


def _told(cls: type, problems: list[Any], reason: Callable[[Any], str]) -> str:
    found = (f"{'.'.join(map(str, one['loc']))}: {reason(one)}" for one in problems)
    return f"is no {cls.__name__}: {'; '.join(found)}"


def _reason(problem: Any) -> str:
    """What one problem is, with the value if a field object tells it."""
    error = problem.get("ctx", {}).get("error")
    return error.reason if isinstance(error, FieldError) else without_value(problem)
