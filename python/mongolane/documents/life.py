"""
The life of one document: stored, changed, removed; by what has changed.
"""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

from .. import codec, commands
from ..commands.options import acknowledged
from ..errors import (
    EncodeError,
    NotFoundError,
    VersionConflictError,
)
from ..expressions.identity import id_change, same_id
from ..queries import FindOne
from ..queries.results import approve, check
from ..schema import TOO_DEEP, describe
from .collection import Collection
from .differences import changes, path_to
from .merging import merged
from .quick_saves import Plain, dates_each_save, quick_change
from .raw import raw_of, set_raw
from .stamps import holders, stamp, ways
from .versions import (
    count_on,
    version_field,
    version_known,
    version_read,
    version_said,
)

__all__ = [
    "Changed",
    "changed",
    "conflict",
    "delete",
    "refuse_stale",
    "reload",
    "save",
    "save_whole",
]


async def save(home: Collection[Any], instance: Any) -> None:
    """
    Store a document: insert it, or send what has changed; upsert.

    Keys that the class does not declare stay as they are. ``created_at`` stays.
    """
    if instance.id is None:
        await home.insert(instance)
        return
    if (pending := home.pending()) is not None:
        await pending
    try:
        quiet, raw = home.settled(instance), raw_of(instance)
        if raw is None:
            await save_whole(home, instance)
        elif quiet and (plain := quick_change(home, instance, raw)) is not None:
            if plain.statement:
                await _save_plain(home, instance, plain)
        else:
            await _save_changes(home, instance, raw)
    except RecursionError:
        raise EncodeError(f"{type(instance).__name__} is {TOO_DEEP}") from None


class Changed(NamedTuple):
    """
    What a save sends.

    Attributes:
        query: the filter that finds the document, in the version that was read.
        change: the update.
        after: the document as it is then.
        held: what the instance held before its version and dates were counted on.
    """

    query: dict[str, Any]
    change: dict[str, Any]
    after: dict[str, Any]
    held: dict[str, Any]


def changed(home: Collection[Any], instance: Any, raw: bytes) -> Changed | None:
    """
    What has changed in an instance since it was read; None: nothing.

    If anything has, its version and dates are counted on.

    Raises:
        QueryError: the id has.
    """
    schema = describe(type(instance))
    before = codec.decode(raw)
    after = _kept(home, before, instance)
    if not same_id(before.get("_id"), after.get("_id")):
        error = id_change(schema.cls.__name__, "save", before["_id"], after.get("_id"))
        error.add_note("a copy with id=None is stored anew")
        raise error
    change = changes(schema.plan, before, after)
    if not change and not dates_each_save(schema):
        return None
    held = dict(instance.__dict__)
    query = {"_id": before["_id"], **version_read(instance, before)}
    count_on(instance)
    if stamp(instance, home.clock, first=False) or schema.version is not None:
        after = _kept(home, before, instance)
        change = changes(schema.plan, before, after)
    return Changed(query, change, after, held)


async def _save_plain(home: Collection[Any], instance: Any, plain: Plain) -> None:
    source = home.source
    command = commands.updates(
        source.database.name, source.collection, (plain.statement,), source.options
    )
    try:
        reply = await source.database.lane.run(command)
        if command.acknowledged:
            counts = reply.counts
            if not (check(reply)["n"] if counts is None else counts[0]):
                await save_whole(home, instance)
                return
    except BaseException:
        instance.__dict__.update(plain.held)
        raise
    set_raw(instance, plain.after)


async def _save_changes(home: Collection[Any], instance: Any, raw: bytes) -> None:
    if (made := changed(home, instance, raw)) is None:
        return
    try:
        done = await _update(home, made.query, made.change)
        if not done["n"]:
            await _gone(home, instance, made.query["_id"], len(made.query) > 1)
            return
    except BaseException:
        instance.__dict__.update(made.held)
        raise
    set_raw(instance, codec.encode(made.after))


def _kept(home: Collection[Any], old: dict[str, Any], instance: Any) -> dict[str, Any]:
    """The stored form by now, with what embedded classes do not declare."""
    schema, new = describe(type(instance)), _decoded(home, instance)
    return merged(schema.plan, old, new, instance) if holders(schema) else new


async def _read_and_kept(home: Collection[Any], instance: Any) -> dict[str, Any]:
    """The same for a document whose stored form is not known: it is read before."""
    schema, new = describe(type(instance)), _decoded(home, instance)
    for key in new:
        path_to(schema.plan, "", key)
    if not holders(schema):
        return new
    query: FindOne[Any] = FindOne(home.bare, ({"_id": new["_id"]},))
    kept = _kept(home, await query.raw() or {}, instance)
    return {key: kept[key] for key in new}


async def _gone(
    home: Collection[Any], instance: Any, document_id: Any, versioned: bool
) -> None:
    """Nothing matched: somebody deleted it, or wrote another version."""
    if versioned:
        await refuse_stale(home, instance, document_id)
    await save_whole(home, instance)


async def refuse_stale(
    home: Collection[Any], instance: Any, document_id: Any
) -> NoReturn:
    """
    Say that somebody else wrote a document.

    Raises:
        VersionConflictError: always; carries the document as it is now, as a dict if
            it no longer fits its class.
    """
    raise await conflict(home, instance, document_id)


async def conflict(
    home: Collection[Any], instance: Any, document_id: Any
) -> VersionConflictError:
    """The error for a document that somebody else wrote, with what is stored now."""
    current = await home.get(document_id).on_invalid("raw")
    name, what = type(instance).__name__, "deleted" if current is None else "changed"
    return VersionConflictError(
        f"the {name} with _id {document_id!r} was {what} by somebody else", current
    )


async def save_whole(home: Collection[Any], instance: Any) -> None:
    """A document whose stored form is not known: set all that is declared."""
    schema = describe(type(instance))
    version = schema.version
    if version is not None and version in instance.model_fields_set:
        await _save_version(home, instance)
        return
    created = _creation(instance, home)
    stamp(instance, home.clock, first=True)
    document = await _read_and_kept(home, instance)
    document_id = document.pop("_id")
    first = {key: document.pop(key) for key in created if key in document}
    empty = [
        one.key
        for one in schema.plan.fields
        if one.omit_none and one.key not in document and one.key not in first
    ]
    counted = {} if version is None else {schema.fields[version].key: version}
    for key in counted:
        document.pop(key, None)
    change: dict[str, Any] = {
        "$set": document,
        "$setOnInsert": first,
        "$unset": {key: "" for key in empty if key != "_id"},
        "$inc": dict.fromkeys(counted, 1),
    }
    change = {operator: fields for operator, fields in change.items() if fields}
    reply = await _modify(home, {"_id": document_id}, change, upsert=True)
    fresh = reply.value()
    if fresh is not None and (first or counted):
        _take_over(home, instance, fresh, [*created.values(), *counted.values()])
    set_raw(instance, fresh)


async def _save_version(home: Collection[Any], instance: Any) -> None:
    """A document from elsewhere, a request perhaps, that says what it builds on."""
    held = dict(instance.__dict__)
    created = _creation(instance, home)
    query = version_said(instance)
    count_on(instance)
    stamp(instance, home.clock, first=False)
    document = await _read_and_kept(home, instance)
    document_id = document.pop("_id")
    fields = {key: one for key, one in document.items() if key not in created}
    try:
        reply = await _modify(home, {"_id": document_id, **query}, {"$set": fields})
        if (fresh := reply.value()) is None:
            await refuse_stale(home, instance, document_id)
    except BaseException:
        instance.__dict__.update(held)
        raise
    _take_over(home, instance, fresh, list(created.values()))
    set_raw(instance, fresh)


def _take_over(
    home: Collection[Any], instance: Any, fresh: bytes, names: list[str]
) -> None:
    stored = home.source.codec.decode(fresh)
    for name in names:
        instance.__dict__[name] = stored.__dict__.get(name)


def _creation(instance: Any, home: Collection[Any]) -> dict[str, str]:
    """Dates of creation that are not known yet: stored keys and names."""
    schema = describe(type(instance))
    return {
        schema.fields[name].key: name
        for name, way in ways(schema).items()
        if way == "created" and instance.__dict__.get(name) is None
    }


async def _modify(
    home: Collection[Any], query: dict[str, Any], change: Any, *, upsert: bool = False
) -> Any:
    source = home.source
    command = commands.find_and_modify(
        source.database.name,
        source.collection,
        query,
        change,
        source.options,
        new=True,
        upsert=upsert,
    )
    reply = await source.database.lane.run(command)
    approve(reply)
    return reply


async def _update(
    home: Collection[Any], query: dict[str, Any], change: dict[str, Any]
) -> dict[str, Any]:
    source = home.source
    statement = commands.update_statement(query, change)
    command = commands.update(
        source.database.name, source.collection, statement, source.options
    )
    reply = await source.database.lane.run(command)
    if not command.acknowledged:
        return {"n": 1}
    return check(reply)


def _decoded(home: Collection[Any], instance: Any) -> dict[str, Any]:
    return codec.decode(home.source.encoded(instance))


async def delete(home: Collection[Any], instance: Any) -> bool:
    """
    Remove a document; whether it was there.

    Raises:
        VersionConflictError: it counts its versions, and somebody else wrote it.
    """
    if instance.id is None:
        raise NotFoundError(f"this {type(instance).__name__} was never stored")
    version = version_known(instance)
    query = FindOne(home.bare, (version,)) if version else home.get(instance.id)
    removed = await query.delete()
    stale = version and not removed and acknowledged(home.source.options)
    if stale and await home.exists({"_id": {"$eq": instance.id}}):
        await refuse_stale(home, instance, instance.id)
    set_raw(instance, None)
    if (one := version_field(instance)) is not None:
        # What is saved after this is a new document, and builds on nothing.
        instance.__pydantic_fields_set__.discard(one.name)
    return removed > 0


async def reload(home: Collection[Any], instance: Any) -> None:
    """Take over what is stored by now."""
    fresh = await home.get(instance.id)
    if fresh is None:
        raise NotFoundError(
            f"there is no {type(instance).__name__} with _id {instance.id!r} any more"
        )
    instance.__dict__.clear()
    instance.__dict__.update(fresh.__dict__)
    set_raw(instance, raw_of(fresh))
