"""
Attributes that no class declares, on documents declared by field objects.

Motormongo keeps them on the instance, and ``save`` stores them. A class that has
annotated fields keeps pydantic's rule: it refuses them.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from pydantic import BaseModel
from pydantic.fields import FieldInfo, ModelPrivateAttr

from .. import codec
from ..abc import ModelCodec, Reply
from ..fields import Declared, Field
from ..schema import describe, plain
from .annotations import annotated_fields
from .quiet import is_quiet, quiet_parts
from .stamps import holders

__all__ = [
    "WithUndeclared",
    "hash_by_id",
    "is_open",
    "let_constants_be",
    "takes",
    "undeclared",
]

_PYDANTICS = (Field, Declared, FieldInfo, ModelPrivateAttr)


def is_open(body: dict[str, Any], bases: tuple[type, ...]) -> bool | None:
    """
    Whether a class takes undeclared attributes: all of its fields are field objects.

    None when neither it nor its bases have fields; then its subclasses decide.
    """
    models = [base for base in bases if issubclass(base, BaseModel)]
    styles = {getattr(base, "__mongolane_open__", False) for base in models}
    config = body.get("model_config") or {}
    if config.get("extra") is not None or config.get("frozen"):
        return False
    if False in styles or annotated_fields(body):
        return False
    own = any(isinstance(value, Field) for value in body.values())
    return True if own or True in styles else None


def let_constants_be(body: dict[str, Any], bases: tuple[type, ...]) -> None:
    """Mark what is neither annotated nor a field as the class's own, for pydantic."""
    inherited = {
        name for base in bases for name in getattr(base, "__pydantic_fields__", ())
    }
    annotations = body["__annotations__"]
    for name, value in body.items():
        if name[:2] == "__" or name == "model_config" or name in inherited:
            continue
        if isinstance(value, _PYDANTICS) or hasattr(value, "__get__"):
            continue
        annotations.setdefault(name, ClassVar[Any])


def takes(cls: Any, name: str) -> bool:
    """Whether an instance of an open class keeps an attribute just so."""
    if "__" in name or name in cls.__pydantic_fields__:
        return False
    for base in cls.__mro__:
        if name in base.__dict__:
            found = base.__dict__[name]
            return not (hasattr(found, "__set__") or isinstance(found, cached_property))
    return name not in cls.__private_attributes__


def undeclared(instance: Any) -> dict[str, Any]:
    """The undeclared attributes of one model, embedded ones apart."""
    cls = type(instance)
    held = instance.__dict__
    fields = cls.__pydantic_fields__
    if held.keys() <= fields.keys() or not getattr(cls, "__mongolane_open__", False):
        return {}
    return {
        name: value
        for name, value in held.items()
        if name not in fields and (name == "_id" or takes(cls, name))
    }


def hash_by_id(self: Any) -> int:
    """Equal documents have equal ids, and an id never changes once it is there."""
    if self.id is None:
        name = type(self).__name__
        raise TypeError(f"a {name} that was never stored has no id to be hashed by")
    return hash((type(self), self.id))


class WithUndeclared:
    """
    A codec that also writes undeclared attributes.

    Args:
        inner: the codec of what is declared.
    """

    def __init__(self, inner: ModelCodec[Any]) -> None:
        self._inner = inner
        self._parts: dict[Any, tuple[Any, ...] | None] = {}

    def decode(self, data: bytes) -> Any:
        return self._inner.decode(data)

    def decode_reply(self, reply: Reply) -> list[Any]:
        return self._inner.decode_reply(reply)

    def json(self, data: bytes) -> bytes:
        return self._inner.json(data)

    def json_reply(self, reply: Reply, *, whole: bool = False) -> bytes:
        return self._inner.json_reply(reply, whole=whole)

    def encode_all(self, instances: list[Any], into: list[bytes]) -> None:
        first = len(into)
        self._inner.encode_all(instances, into)
        for at, instance in enumerate(instances, first):
            into[at] = self._with_added(instance, into[at])

    def _may_add(self, instance: Any) -> bool:
        """Whether an instance may hold what nobody declares."""
        cls = type(instance)
        # Most classes embed nothing, and most instances have nothing of their own.
        if cls not in self._parts:
            self._parts[cls] = quiet_parts(describe(cls))
        if is_quiet(self._parts[cls]):
            return not instance.__dict__.keys() <= cls.__pydantic_fields__.keys()
        return _holds_undeclared(instance)

    def encode(self, instance: Any) -> bytes:
        return self._with_added(instance, self._inner.encode(instance))

    def _with_added(self, instance: Any, data: bytes) -> bytes:
        if not self._may_add(instance):
            return data
        document = codec.decode(data)
        _add(instance, document)
        return codec.encode(document)


def _holds_undeclared(value: Any) -> bool:
    """Whether a model, or one that it embeds, has an undeclared attribute."""
    if isinstance(value, list):
        return any(map(_holds_undeclared, value))
    cls = type(value)
    if BaseModel not in cls.__mro__:
        return False
    if undeclared(value):
        return True
    held = value.__dict__
    return any(_holds_undeclared(held.get(name)) for name in holders(describe(cls)))


def _add(instance: Any, document: dict[str, Any]) -> None:
    for name, value in undeclared(instance).items():
        document.setdefault(name, plain(value))
    schema = describe(type(instance))
    for name in holders(schema):
        key = schema.fields[name].key
        _add_inside(instance.__dict__.get(name), document.get(key))


def _add_inside(value: Any, stored: Any) -> None:
    if isinstance(stored, list) and isinstance(value, list):
        for one, inner in zip(value, stored, strict=False):
            _add_inside(one, inner)
    elif isinstance(stored, dict) and BaseModel in type(value).__mro__:
        _add(value, stored)
