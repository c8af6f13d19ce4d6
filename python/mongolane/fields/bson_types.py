"""
What pydantic is told of ``bson``'s value types, which know nothing of it.

Only annotations inside documents are told, and those of dataclasses, typed dicts and
named tuples in documents; nobody else's models change.
"""

from __future__ import annotations

import base64
import contextlib
import decimal
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

from bson import Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex
from bson import Timestamp as BSONTimestamp
from bson.binary import Binary
from bson.errors import InvalidId
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from .marks import Mark
from .members import tell_members
from .replaced import aliased, replaced

__all__ = ["BSONType", "jsonable", "told", "untold"]


class BSONType(Mark):
    """
    Metadata that lets pydantic check, convert, describe and serialize a ``bson`` type.

    Args:
        cls: the type.
        convert: makes a value of something else; raises ValueError or TypeError.
        to_json: what JSON gets.
        schema: the JSON schema.
    """

    __slots__ = ("cls", "convert", "schema", "to_json")

    cls: type
    convert: Callable[[Any], Any] | None
    to_json: Callable[[Any], Any]

    def __init__(
        self,
        cls: type,
        convert: Callable[[Any], Any] | None = None,
        to_json: Callable[[Any], Any] = str,
        schema: dict[str, Any] | None = None,
    ) -> None:
        self.cls, self.convert, self.to_json = cls, convert, to_json
        self.schema: dict[str, Any] = schema or {"type": "string"}

    def validate(self, value: Any) -> Any:
        """The value, converted if need be."""
        if isinstance(value, self.cls):
            return value
        if self.convert is not None:
            try:
                return self.convert(value)
            except (
                AttributeError,
                InvalidId,
                TypeError,
                ValueError,
                decimal.DecimalException,
            ):
                pass
        raise ValueError(f"not a valid {self.cls.__name__}")

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.validate,
            # In Python it stays what it is.
            serialization=core_schema.plain_serializer_function_ser_schema(
                self.to_json, when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.schema)


def _object_id(value: Any) -> ObjectId:
    # Not int or the like: ObjectId(None) would make a new one.
    return ObjectId(value if isinstance(value, (str, bytes)) else str(value.id))


def _decimal128(value: Any) -> Decimal128:
    # Not the pair of integers that it takes, too: an array is no decimal.
    if not isinstance(value, (str, decimal.Decimal)):
        raise TypeError(value)
    return Decimal128(value)


def _base64(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


def _int64(value: Any) -> Int64:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError(value)
    return Int64(value)


_KNOWN: dict[Any, BSONType] = {
    one.cls: one
    for one in (
        BSONType(
            ObjectId,
            _object_id,
            schema={
                "type": "string",
                "pattern": "^[0-9a-fA-F]{24}$",
                "examples": ["65f0c1d2e3a4b5c6d7e8f901"],
            },
        ),
        BSONType(Decimal128, _decimal128),
        BSONType(Int64, _int64, int, {"type": "integer"}),
        BSONType(Binary, Binary, _base64, {"type": "string", "format": "binary"}),
        BSONType(Regex, Regex.from_native, lambda one: one.pattern),
        BSONType(BSONTimestamp, None, lambda one: {"t": one.time, "i": one.inc}),
        BSONType(Code),
        BSONType(DBRef, None, lambda one: jsonable(dict(one.as_doc()))),
        BSONType(MinKey, None, lambda _: "MinKey"),
        BSONType(MaxKey, None, lambda _: "MaxKey"),
    )
}


def jsonable(value: Any) -> Any:
    """The value with ``bson``'s own types, at any depth, as JSON's."""
    if (known := _KNOWN.get(type(value))) is not None:
        return known.to_json(value)
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(item) for item in value]
    if isinstance(value, bytes):
        return _base64(value)
    return value


def told(annotation: Any) -> Any:
    """The annotation with each ``bson`` type in it marked for pydantic."""
    return _told(annotation, ())


def untold(annotation: Any) -> Any:
    """The annotation without what ``told`` put into it."""

    def known(one: Any) -> Any:
        marked = get_origin(one) is Annotated and isinstance(get_args(one)[1], BSONType)
        return get_args(one)[0] if marked else None

    return replaced(annotation, known)


def _told(annotation: Any, within: tuple[Any, ...]) -> Any:
    def known(one: Any) -> Any:
        tell_members(get_origin(one) or one, told)
        if get_origin(one) is Regex:
            # Checkers want ``Regex[str]``; at run time there is one kind.
            one = Regex
        if (mark := _KNOWN.get(one) if _hashable(one) else None) is not None:
            return Annotated[one, mark]
        if get_origin(one) is Annotated:
            marked = map(_has_schema, get_args(one)[1:])
            return one if any(marked) else None
        # A name for a type, of which pydantic looks at the type itself.
        behind = _behind(one, within)
        made = behind if behind is None else _told(behind, (*within, one))
        return None if made is behind else made

    return replaced(annotation, known)


def _has_schema(mark: Any) -> bool:
    return hasattr(mark, "__get_pydantic_core_schema__")


def _behind(named: Any, within: tuple[Any, ...]) -> Any:
    """What a ``NewType`` or a type alias stands for; None: it's neither."""
    if any(named is one for one in within):
        return None
    # An alias may name what is not known yet.
    with contextlib.suppress(NameError):
        if hasattr(named, "__value__"):
            return aliased(named)
    return getattr(named, "__supertype__", None)


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
