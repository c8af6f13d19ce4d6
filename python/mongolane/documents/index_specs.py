"""
What classes declare as indexes, in the server's terms; and when two are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..codec.plan import Kind, ListOf, Model, Nullable, OneOf
from ..errors import ConfigurationError
from ..expressions import Order, Path
from ..expressions.resolve import to_filter
from ..expressions.shape import Shape
from ..fields import Index
from ..schema import Schema, describe
from .family import shared_base

__all__ = ["Declared", "declared_indexes", "declared_together", "differences", "same"]

Spec = Mapping[str, Any]

# What the server says of an index that is as good as nothing.
_DEFAULTS: dict[str, Any] = {
    "unique": False,
    "sparse": False,
    "hidden": False,
    "default_language": "english",
    "language_override": "language",
    "bits": 26,
    "min": -180,
    "max": 180,
}
_OPTIONS = (
    *_DEFAULTS,
    "expireAfterSeconds",
)


@dataclass(frozen=True, slots=True)
class Declared:
    """
    An index and who wants it.

    Attributes:
        spec: as ``createIndexes`` takes it.
        owners: the names of the classes.
    """

    spec: dict[str, Any]
    owners: tuple[str, ...]


def declared_indexes(schema: Schema) -> list[dict[str, Any]]:
    """The indexes of a class as the server takes them, stored keys, names filled in."""
    found: list[dict[str, Any]] = []
    for spec in _specs(schema):
        twin = [one for one in found if same(one, spec) and not differences(one, spec)]
        for one in twin:
            found.remove(one)
        found.append(spec)
    return found


def declared_together(classes: Iterable[Any]) -> list[Declared]:
    """
    The indexes that several classes want of the collection they share.

    Raises:
        ConfigurationError: two of them cannot both be had.
    """
    found: list[Declared] = []
    for cls in classes:
        for spec in declared_indexes(describe(cls)):
            _add(found, spec, cls.__name__)
    return found


def _add(found: list[Declared], spec: dict[str, Any], owner: str) -> None:
    for number, one in enumerate(found):
        alike = same(one.spec, spec)
        if alike and not differences(one.spec, spec):
            owners = dict.fromkeys((*one.owners, owner))
            found[number] = Declared(one.spec, tuple(owners))
            return
        if alike or one.spec["name"] == spec["name"]:
            both = _is_text(one.spec) and _is_text(spec)
            hint = (
                "; a collection has one text index, of several fields" if both else ""
            )
            raise ConfigurationError(
                f"indexes clash: {one.owners[0]} wants {_told(one.spec)} and {owner} "
                f"wants {_told(spec)} on the same collection{hint}"
            )
    found.append(Declared(spec, (owner,)))


def _told(spec: Spec) -> str:
    rest = {key: value for key, value in spec.items() if key not in ("key", "name")}
    return f"{spec['name']!r} {dict(spec['key'])}" + (f" with {rest}" if rest else "")


def _specs(schema: Schema) -> Iterator[dict[str, Any]]:
    yield from _annotated(schema, schema, "", ())
    for index in schema.settings.indexes:
        keys = {_key(name, schema): way for name, way in index.keys}
        yield _spec(keys, index, schema, schema, "")


def _annotated(
    root: Schema, schema: Schema, prefix: str, seen: tuple[Any, ...]
) -> Iterator[dict[str, Any]]:
    """The indexes on fields of a class, which lies under ``prefix`` in the root."""
    for one in schema.fields.values():
        if one.index is not None and one.key != "_id" and _ours(one, prefix):
            yield _spec(_own_keys(one, schema, prefix), one.index, schema, root, prefix)
        for inner in _embedded(one.kind):
            if inner not in seen:
                below = f"{prefix}{one.key}."
                yield from _annotated(root, describe(inner), below, (*seen, inner))


def _own_keys(one: Any, schema: Schema, prefix: str) -> dict[str, Any]:
    """The keys of an annotated field's index: itself, or what the index names."""
    own = prefix + one.key
    if not one.index.keys:
        return {own: one.index.direction}
    return {
        f"{own}.$**" if name == "$**" else prefix + _key(name, schema): way
        for name, way in one.index.keys
    }


def _ours(one: Any, prefix: str) -> bool:
    # ``unique=True`` of a field object in an embedded document never made an index.
    return not prefix or one.field is None or bool(one.field.options.get("index"))


def _embedded(kind: Kind) -> Iterator[Any]:
    """The classes that a field embeds, itself or in lists; of a union, all."""
    while isinstance(kind, (Nullable, ListOf)):
        kind = kind.inner if isinstance(kind, Nullable) else kind.item
    if isinstance(kind, Model):
        yield kind.plan.cls
    elif isinstance(kind, OneOf):
        for one in (*kind.alternatives, *kind.tagged.values()):
            yield from _embedded(one)


def _key(name: Any, schema: Schema) -> str:
    if isinstance(name, (Path, Order)):
        return str(name)
    if name == "$**":
        return "$**"
    if name.endswith(".$**"):
        return f"{_key(name.removesuffix('.$**'), schema)}.$**"
    try:
        return schema.shape.locate(name)[0]
    except AttributeError as error:
        if getattr(schema.cls, "__mongolane_open__", False):
            # Documents may hold what the class does not declare.
            return str(name)
        raise ConfigurationError(
            f"an index of {schema.cls.__name__}: {error}"
        ) from None


def _spec(
    key: dict[str, Any], index: Index, schema: Schema, root: Schema, prefix: str
) -> dict[str, Any]:
    """
    An index as the server takes it.

    Args:
        key: the stored keys and their directions.
        index: as it is declared.
        schema: of the class that declares it, and whose names its options have.
        root: of the document.
        prefix: where the class lies in the document.
    """
    options = dict(index.options)
    name = options.pop("name", None)
    # What is embedded in two places has two indexes of it.
    name = prefix + name if name else "_".join(f"{one}_{key[one]}" for one in key)
    if isinstance(expiry := options.get("expireAfterSeconds"), timedelta):
        options["expireAfterSeconds"] = int(expiry.total_seconds())
    for option in ("weights", "wildcardProjection"):
        if (given := options.get(option)) is not None:
            options[option] = {
                prefix + _named(one, schema): value for one, value in given.items()
            }
    if (partial := options.get("partialFilterExpression")) is not None:
        shape = Shape(schema.cls.__name__, schema.shape.fields, open=True)
        found = to_filter((partial,), shape, False)
        options["partialFilterExpression"] = _below(prefix, found)
    elif options.get("unique") and not options.get("sparse"):
        options |= _only_where_declared(key, root)
    return {"key": key, "name": name, **options}


def _named(name: Any, schema: Schema) -> str:
    """The stored key of a name in an option; as it is where it is not declared."""
    try:
        return _key(name, schema)
    except ConfigurationError:
        return str(name)


def _below(prefix: str, filter: Mapping[str, Any]) -> dict[str, Any]:
    """A filter on an embedded document, for the document that it lies in."""
    return {
        key if key[:1] == "$" else prefix + key: [_below(prefix, one) for one in value]
        if key in ("$and", "$or", "$nor")
        else value
        for key, value in filter.items()
    }


def _only_where_declared(key: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """
    Keep a subclass's unique index off the documents of the base it shares with.

    They all lack the field, which the server takes for one value that they share.
    """
    base = shared_base(schema.cls)
    if base is None:
        return {}
    known = {one.key for one in describe(base).fields.values()}
    own = [one for one in key if one.partition(".")[0] not in known]
    there = {one: {"$exists": True} for one in own}
    return {"partialFilterExpression": there} if own else {}


def same(one: Spec, other: Spec) -> bool:
    """Whether a collection can have only one of the two, whatever they are called."""
    if _is_text(one) and _is_text(other):
        return True
    return (
        list(one["key"].items()) == list(other["key"].items())
        and _collations_agree(one.get("collation"), other.get("collation"))
        and _plain(one.get("partialFilterExpression"))
        == _plain(other.get("partialFilterExpression"))
    )


def differences(have: Spec, want: Spec) -> dict[str, tuple[Any, Any]]:
    """The options in which two indexes that are the same differ: of each, both."""
    pairs: dict[str, tuple[Any, Any]] = {
        name: (_plain(_option(have, name)), _plain(_option(want, name)))
        for name in _OPTIONS
    }
    pairs["wildcardProjection"] = (_projection(have), _projection(want))
    if _is_text(want):
        pairs["weights"] = (_weights(have), _weights(want))
        pairs["key"] = (_around_text(have), _around_text(want))
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


def _option(spec: Spec, name: str) -> Any:
    value = spec.get(name)
    return _DEFAULTS.get(name) if value is None else value


def _projection(spec: Spec) -> dict[str, bool] | None:
    """A wildcard's projection, however it is spelt: by paths, without what is usual."""
    if (given := spec.get("wildcardProjection")) is None:
        return None
    found = dict(_flat("", given))
    if found.get("_id") is False:
        del found["_id"]
    return found


def _flat(prefix: str, value: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for name, one in value.items():
        if isinstance(one, Mapping):
            yield from _flat(f"{prefix}{name}.", one)
        else:
            yield prefix + name, bool(one)


def _is_text(spec: Spec) -> bool:
    return "text" in spec["key"].values()


def _weights(spec: Spec) -> dict[str, Any]:
    if (given := spec.get("weights")) is not None and "_fts" in spec["key"]:
        return dict(given)
    texts = [key for key, way in spec["key"].items() if way == "text"]
    return {**dict.fromkeys(texts, 1), **dict(given or {})}


def _around_text(spec: Spec) -> list[tuple[str, Any]]:
    """The keys that are not text, which the server keeps as they are."""
    pairs = spec["key"].items()
    return [(key, way) for key, way in pairs if way != "text" and key != "_ftsx"]


def _collations_agree(one: Any, other: Any) -> bool:
    # The server fills in every option of a collation; what is given must hold.
    one, other = _real(one), _real(other)
    if not one or not other:
        return bool(one) == bool(other)
    return all(one[key] == other[key] for key in one.keys() & other.keys())


def _real(collation: Any) -> dict[str, Any]:
    said = dict(collation or {})
    return {} if said.get("locale") == "simple" else said


def _plain(value: Any) -> Any:
    """A value without the classes that drivers give documents."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
