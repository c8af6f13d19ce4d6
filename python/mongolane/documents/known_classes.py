"""
Which document classes there are: subclasses that are still in use, by collection.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from ..schema import collection_of, describe
from .index_specs import Declared, declared_together

__all__ = [
    "by_collection",
    "declared_by_collection",
    "document_classes",
    "known_documents",
    "readable_documents",
    "root",
]

R = TypeVar("R")

_ROOTS: list[type] = []


def root(cls: type[R]) -> type[R]:
    """Mark the class whose subclasses are the documents."""
    _ROOTS.append(cls)
    return cls


def document_classes() -> Iterator[Any]:
    """Every document class there is by now, parents first, each once."""
    seen: set[type] = set()
    waiting: list[type] = [*_ROOTS]
    while waiting:
        children: list[type] = waiting.pop(0).__subclasses__()
        for one in children:
            if one not in seen:
                seen.add(one)
                waiting.append(one)
                if _has_collection(one) and not _is_replaced(one):
                    yield one


def _has_collection(cls: Any) -> bool:
    # An unparametrized generic, and a class that still waits for a name, is no
    # document yet.
    generic = cls.__pydantic_generic_metadata__["parameters"]
    return not generic and cls.__pydantic_complete__


def _is_replaced(cls: type) -> bool:
    """Whether the class was declared again, as where a notebook's cell runs twice."""
    found: Any = sys.modules.get(cls.__module__)
    for step in cls.__qualname__.split("."):
        found = getattr(found, "__dict__", {}).get(step)
    if not isinstance(found, type) or _name(found) != _name(cls):
        return False
    # Not so one that a function made under the same name (``create_model``) later.
    return _number(found) > _number(cls)


def _name(cls: type) -> tuple[str, str]:
    return cls.__module__, cls.__qualname__


def _number(cls: type) -> int:
    number: int = vars(cls).get("__mongolane_count__", -1)
    return number


def readable_documents() -> list[Any]:
    """All document classes; what is out of use and cannot be read is not among them."""
    _forget_unless(lambda: [describe(one) for one in document_classes()])
    return list(document_classes())


def known_documents(classes: Iterable[Any]) -> list[Any]:
    """
    The classes that are given with those that share their collections; or all.

    What is out of use, and clashes with one in use, is not among them.
    """
    given = list(classes)
    _forget_unless(lambda: declared_by_collection(_sharing(given)))
    return _sharing(given)


def _sharing(given: list[Any]) -> list[Any]:
    known = list(document_classes())
    if not given:
        return known
    collections = {collection_of(one) for one in given}
    sharing = [
        one for one in known if one not in given and collection_of(one) in collections
    ]
    return [*given, *sharing]


def _forget_unless(works: Callable[[], object]) -> None:
    """
    Collect classes that nobody has any more, unless something works with them, too.

    A class is part of reference cycles: it stays after its last use until Python
    collects those, and must not be in the way of others as long.
    """
    try:
        works()
    except Exception:
        # Said by whoever needs the class, if it is in use.
        pass
    else:
        return
    gc.collect()


def by_collection(classes: Iterable[Any]) -> dict[str, list[Any]]:
    """Classes by the collection that they are stored in."""
    found: dict[str, list[Any]] = {}
    for one in classes:
        found.setdefault(collection_of(one), []).append(one)
    return found


def declared_by_collection(classes: Iterable[Any]) -> dict[str, list[Declared]]:
    """The indexes that classes want, by collection."""
    found = by_collection(classes)
    return {name: declared_together(sharing) for name, sharing in found.items()}
