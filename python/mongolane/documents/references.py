"""
What ``user.team`` reads as, when ``team`` is a reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import UnknownFieldError
from ..expressions import Path
from ..fields import Reference, ReferenceField
from .belonging import database_of

__all__ = ["ReferenceAccess", "cache_of"]

CACHE = "__mongolane_cache__"


def cache_of(instance: Any) -> dict[Any, Any]:
    """What an instance remembers of the documents that it refers to."""
    try:
        return object.__getattribute__(instance, CACHE)  # type: ignore[no-any-return]
    except AttributeError:
        cache: dict[Any, Any] = {}
        object.__setattr__(instance, CACHE, cache)
        return cache


class ReferencePath(Path[Any]):
    """
    The path of a reference, which also fetches: ``await User.team.fetch(user)``.

    It has the attributes of its field object, too (``User.team.document``).
    """

    __slots__ = ("_field",)

    def __init__(self, path: Path[Any], field: ReferenceField[Any]) -> None:
        super().__init__(path._owner, path._name, path._key, path._spec)
        self._field = field

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            try:
                return super().__getattr__(name)
            except UnknownFieldError:
                if not hasattr(self._field, name):
                    raise
                return getattr(self._field, name)

    async def fetch(self, obj: Any) -> Any:
        """The document that an instance refers to, or None."""
        return await self._field.fetch(obj)


class ReferenceAccess:
    """
    A descriptor: the path on the class, something to await on an instance.

    The instance itself holds the bare id, which is what is stored and serialized.
    """

    __slots__ = ("_field", "_name", "_paths")

    def __init__(self, name: str, field: ReferenceField[Any]) -> None:
        self._name, self._field = name, field
        self._paths: dict[Any, ReferencePath] = {}

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            # The metaclass knows paths, and when to be silent.
            path = type(owner).__getattr__(owner, self._name)
            if owner not in self._paths:
                self._paths[owner] = ReferencePath(path, self._field)
            return self._paths[owner]
        held = instance.__dict__.get(self._name)
        return Reference(held, self._field, cache_of(instance), database_of(instance))

    def __set__(self, instance: Any, value: Any) -> None:
        # Makes this a data descriptor. Pydantic's own __setattr__ does the setting.
        instance.__dict__[self._name] = value
