"""
Types of the user's, or of other packages', that say to pydantic what they are.

BSON has no form for them. What their serializer makes of a value is stored, if it can
be read again: that is what pydantic promises of them, and all that is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, get_origin

import pydantic
from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from ..codec.plan import Through
from ..errors import EncodeError
from .checks import loader
from .finder import Finder
from .fitting import NUMPY
from .forms import has_form, plain
from .metadata import inner_types, unwrapped
from .structures import JSON

__all__ = ["is_served", "own_kind"]

_SERIALIZERS = (pydantic.PlainSerializer, pydantic.WrapSerializer)
# Whose types are no user's own: most stand for others, and some are refused.
_NOBODYS = ("bson", "builtins", "collections", "types", "typing", NUMPY)


def is_served(annotation: Any, marks: Iterable[Any]) -> bool:
    """Whether values have the form that a serializer gives them, and no other."""
    bare, found = unwrapped(annotation, marks)
    if _is_own(bare):
        return True
    serialized = any(isinstance(one, _SERIALIZERS) for one in found)
    return serialized and _holds_own(bare)


def _is_own(annotation: Any) -> bool:
    cls = get_origin(annotation) or annotation
    if not isinstance(cls, type) or cls in _KNOWN:
        return False
    package = cls.__module__.partition(".")[0]
    return package not in _NOBODYS and not has_form(cls)


# Stand for other types, each in its own way.
_KNOWN: tuple[Any, ...] = (JSON, pydantic.AwareDatetime, pydantic.NaiveDatetime)


def _holds_own(annotation: Any, depth: int = 0) -> bool:
    bare, _ = unwrapped(annotation, ())
    inner = inner_types(bare) if depth < _DEEPEST else ()
    return _is_own(bare) or any(_holds_own(one, depth + 1) for one in inner)


_DEEPEST = 20


def own_kind(finder: Finder, annotation: Any, marks: Iterable[Any]) -> Through:
    """A kind that stores what pydantic's serializer gives, and validates it back."""
    full = Annotated[(annotation, *marks)] if marks else annotation
    check = finder.checks.of(full)
    all_ = not _is_own(unwrapped(annotation, ())[0])
    dump = _served(finder.checks.adapter(full), check, all_)
    return Through(loader(_same, check), dump, "stored as its serializer gives it")


def _served(
    adapter: Callable[[], TypeAdapter[Any]], check: Callable[[Any], Any], all_: bool
) -> Callable[[Any], Any]:
    """What stores a value; one that has a form already, too, if ``all_`` are served."""

    def dump(value: Any) -> Any:
        if hasattr(type(value), "__bson__") or (not all_ and has_form(type(value))):
            return plain(value)
        refused: Exception | None = None
        # What it is in Python may say more than what it is in JSON: a date, bytes.
        for mode in ("python", "json"):
            try:
                made = adapter().dump_python(value, mode=mode, warnings=False)
                if made is value:
                    continue
                check(made)
                return plain(made)
            except PydanticSerializationError:
                continue
            except (ValueError, TypeError, AssertionError) as error:
                refused = error
        if refused is None:
            return plain(value)
        raise EncodeError(
            f"what the serializer of {type(value).__name__} gives cannot be read again"
        ) from None

    return dump


def _same(value: Any) -> Any:
    return value
