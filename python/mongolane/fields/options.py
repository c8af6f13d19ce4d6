"""
Options of field objects that do nothing: what may have been meant by them.

Motormongo keeps any keyword in a field's ``options``, and so do we; but a name that is
misspelt, or that another library's fields have, was hardly meant to be a remark.
"""

from __future__ import annotations

import difflib
import inspect
import sys
import warnings
from collections.abc import Iterable
from functools import cache

__all__ = ["warn_of_unread"]

_READ = frozenset({"default", "stored", "index", "help_text"})
"""What every field reads of its ``options``."""

_BESIDE = frozenset(
    {
        *("alias", "validation_alias", "serialization_alias", "exclude", "frozen"),
        *("title", "examples", "deprecated", "repr", "json_schema_extra"),
    }
)
"""What pydantic.Field says of a field, beside what its values are."""

_INSTEAD = {
    "db_field": "stored=",
    "description": "help_text=",
    "verbose_name": "help_text=",
    "default_factory": "default=, which may be something to call",
    "pattern": "regex=",
    "length": "min_length= and max_length=",
    "ge": "min_value=",
    "le": "max_value=",
    "min": "min_value=",
    "max": "max_value=",
    "choices": "an EnumField",
    "discriminator": "an annotation, pet: Cat | Dog",
    "sparse": "index=Index(sparse=True)",
    "unique_with": "an index in Meta.indexes",
    "validation": "a field class of your own, with validate()",
}
"""Names that other fields have, here or in other libraries."""

_OTHERS = {
    **dict.fromkeys(("min_length", "max_length", "regex"), "a StringField"),
    **dict.fromkeys(("min_value", "max_value"), "a field of numbers"),
    **dict.fromkeys(("auto_now", "auto_now_add"), "a DateTimeField"),
    **dict.fromkeys(("encode", "decode", "return_decoded"), "a BinaryField"),
}
"""Options that only one kind of field has."""


def warn_of_unread(field: type, given: Iterable[str]) -> None:
    """
    Warn of keywords that nobody reads, where something else must have been meant.

    Args:
        field: the class of the field object.
        given: the keywords that were kept in its ``options``.
    """
    for name in given:
        if name not in _READ and (hint := _hint(field, name)):
            text = f"{field.__name__} has no option {name!r}; {hint}"
            warnings.warn(text, UserWarning, stacklevel=_level())


def _hint(field: type, name: str) -> str:
    if name in _BESIDE:
        return f"write it beside: Annotated[..., pydantic.Field({name}=...)] = ..."
    if name in _INSTEAD:
        return f"write {_INSTEAD[name]}"
    if name in _OTHERS:
        return f"{_OTHERS[name]} has it"
    if name == "null":
        return "any field that is not required may be None"
    near = difflib.get_close_matches(name, _options(field), n=1, cutoff=0.75)
    return f"did you mean {near[0]!r}?" if near else ""


@cache
def _options(field: type) -> frozenset[str]:
    """All that a field class takes, by the constructors of its bases."""
    makers = [one.__init__ for one in field.__mro__ if "__init__" in vars(one)]  # type: ignore[misc]
    found = {
        name
        for maker in makers
        for name, one in inspect.signature(maker).parameters.items()
        if one.kind is one.POSITIONAL_OR_KEYWORD or one.kind is one.KEYWORD_ONLY
    }
    return frozenset(found - {"self"}) | _READ


def _level() -> int:
    """How far away the code is that declares the field."""
    package = __name__.partition(".")[0]
    level = 1
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals["__name__"].partition(".")[0] == package:
        frame, level = frame.f_back, level + 1
    return level
