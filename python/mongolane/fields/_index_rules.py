"""
What no server takes for an index, found where it is declared.

https://www.mongodb.com/docs/manual/reference/command/createIndexes/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ..errors import ConfigurationError

__all__ = ["check_index"]

Keys = Sequence[tuple[str, Any]]
Options = Mapping[str, Any]

_FLAGS = ("unique", "sparse", "hidden", "background", "prepareUnique")
_TEXT = ("weights", "default_language", "language_override", "textIndexVersion")
_FLAT = ("bits", "min", "max")


def check_index(keys: Keys, options: Options) -> None:
    """
    Refuse an impossible index.

    Args:
        keys: names and directions; the name is empty for the annotated field.
        options: in the server's spelling.

    Raises:
        ConfigurationError: the first thing that is wrong.
    """
    for problem in _problems(keys, options):
        raise ConfigurationError(problem)


def _problems(keys: Keys, options: Options) -> Iterator[str]:
    names = [name for name, _ in keys]
    ways = [way for _, way in keys]
    if len(set(names)) < len(names):
        yield f"an index has a field twice: {names}"
    yield from _wrong_values(options, len(keys))
    yield from _wrong_for_kind(ways, options)
    if any(name.endswith("$**") for name in names):
        yield from _wrong_for_wildcards(ways, options)
    elif "wildcardProjection" in options:
        yield "wildcardProjection is for a wildcard index, on '$**'"
    if names in (["_id"], ["id"]) and (options.keys() - {"name"} or ways != [1]):
        yield "the index of _id is there already, and takes no options"


def _wrong_values(options: Options, fields: int) -> Iterator[str]:
    for name in _FLAGS:
        if not isinstance(options.get(name, False), bool):
            yield f"{name} is True or False, not {options[name]!r}"
    name = options.get("name", "n")
    if not isinstance(name, str) or not name or name in ("_id_", "*") or "\0" in name:
        yield f"{name!r} cannot be the name of an index"
    expiry = options.get("expireAfterSeconds")
    if isinstance(expiry, timedelta):
        expiry = expiry.total_seconds()
    if expiry is not None and (fields > 1 or not _is_duration(expiry)):
        yield (
            "expireAfterSeconds is a number of seconds, on an index of one field, "
            f"not {expiry!r} on {fields}"
        )
    yield from _wrong_documents(options)


def _wrong_documents(options: Options) -> Iterator[str]:
    partial = options.get("partialFilterExpression")
    is_filter = isinstance(partial, Mapping) or hasattr(partial, "to_filter")
    if partial is not None and not is_filter:
        yield f"partialFilterExpression is a filter, not {partial!r}"
    if partial is not None and options.get("sparse"):
        yield "an index is sparse or has a partialFilterExpression, not both"
    collation = options.get("collation")
    if collation is not None and not _has_locale(collation):
        yield f"collation is a dict with a locale, not {collation!r}"
    weights = options.get("weights")
    if weights is not None and not _are_weights(weights):
        yield f"weights are numbers from 1 to 99999 by field, not {weights!r}"


def _wrong_for_kind(ways: Sequence[Any], options: Options) -> Iterator[str]:
    for names, way in ((_TEXT, "text"), (_FLAT, "2d")):
        for name in names:
            if name in options and way not in ways:
                yield f"{name} is for an index of direction {way!r}"
    if "hashed" in ways and options.get("unique"):
        yield "a hashed index cannot be unique"
    if ways.count("hashed") > 1:
        yield "an index has one hashed field at most"
    if "text" in ways and options.get("collation", {}).get("locale") not in (
        None,
        "simple",
    ):
        yield "a text index has the simple collation alone"
    if options.get("expireAfterSeconds") is not None and ways not in ([1], [-1]):
        yield "expireAfterSeconds is for an index of direction 1 or -1"


def _wrong_for_wildcards(ways: Sequence[Any], options: Options) -> Iterator[str]:
    for name in ("unique", "expireAfterSeconds"):
        if options.get(name):
            yield f"a wildcard index takes no {name}"
    if "hashed" in ways or "2d" in ways or "2dsphere" in ways:
        yield "a wildcard index has the directions 1, -1 or 'text'"


def _is_duration(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and 0 <= value <= 2**31 - 1


def _has_locale(collation: Any) -> bool:
    return isinstance(collation, Mapping) and isinstance(collation.get("locale"), str)


def _are_weights(weights: Any) -> bool:
    return isinstance(weights, Mapping) and all(map(_is_weight, weights.values()))


def _is_weight(one: Any) -> bool:
    return isinstance(one, int) and not isinstance(one, bool) and 1 <= one < 100_000
