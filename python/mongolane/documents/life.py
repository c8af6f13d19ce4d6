"""
The life of one document: stored, changed, removed; by what has changed.
"""

from __future__ import annotations

from typing import Any, NoReturn, cast

from .. import codec, commands
from ..codec.plan import Model, ModelPlan, Nullable
from ..errors import NotFoundError, QueryError, VersionConflictError
from ..expressions.identity import id_change, same_id
from ..queries import FindOne
from ..queries.results import check
from ..schema import describe
from .collection import Collection
from .family import TAG
from .merging import merged
from .raw import raw_of, set_raw
from .settling import settle
from .stamps import holders, stamp

__all__ = ["changes", "delete", "refuse_stale", "reload", "save"]

_NOTHING = object()


async def save(home: Collection[Any], instance: Any) -> None:
    """
    Store a document: insert it, or send what has changed; upsert.

    Keys that the class does not declare stay as they are. ``created_at`` stays.
    """
    if instance.id is None:
        await home.insert(instance)
        return
    await home.indexed()
    settle(instance)
    raw = raw_of(instance)
    if raw is None:
        await _save_whole(home, instance)
    else:
        await _save_changes(home, instance, raw)


async def _save_changes(home: Collection[Any], instance: Any, raw: bytes) -> None:
    schema = describe(type(instance))
    before = codec.decode(raw)
    after = _kept(home, before, instance)
    if not same_id(before.get("_id"), after.get("_id")):
        error = id_change(schema.cls.__name__, "save", before["_id"], after.get("_id"))
        error.add_note("a copy with id=None is stored anew")
        raise error
    if not changes(schema.plan, before, after):
        return
    held = dict(instance.__dict__)
    version = _next_version(instance, schema.version)
    stamp(instance, home.clock, first=False)
    after = _kept(home, before, instance)
    change = changes(schema.plan, before, after)
    query = {"_id": before["_id"], **version}
    try:
        done = await _update(home, query, change)
        if not done["n"]:
            await _gone(home, instance, before["_id"], bool(version))
            return
    except BaseException:
        instance.__dict__.update(held)
        raise
    set_raw(instance, codec.encode(after))


def _kept(home: Collection[Any], old: dict[str, Any], instance: Any) -> dict[str, Any]:
    """The stored form by now, with what embedded classes do not declare."""
    schema, new = describe(type(instance)), _decoded(home, instance)
    return merged(schema.plan, old, new, instance) if holders(schema) else new


async def _read_and_kept(home: Collection[Any], instance: Any) -> dict[str, Any]:
    """The same for a document whose stored form is not known: it is read before."""
    schema, new = describe(type(instance)), _decoded(home, instance)
    for key in new:
        _path_to(schema.plan, "", key)
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
    await _save_whole(home, instance)


async def refuse_stale(
    home: Collection[Any], instance: Any, document_id: Any
) -> NoReturn:
    """
    Say that somebody else wrote a document.

    Raises:
        VersionConflictError: always; carries the document as it is now.
    """
    current = await home.get(document_id)
    name = type(instance).__name__
    raise VersionConflictError(
        f"the {name} with _id {document_id!r} was changed by somebody else", current
    )


async def _save_whole(home: Collection[Any], instance: Any) -> None:
    """A document whose stored form is not known: set all that is declared."""
    schema = describe(type(instance))
    version = schema.version
    if version is not None and version in instance.model_fields_set:
        await _save_version(home, instance, version)
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


async def _save_version(home: Collection[Any], instance: Any, name: str) -> None:
    """A document from elsewhere, a request perhaps, that says what it builds on."""
    held = dict(instance.__dict__)
    created = _creation(instance, home)
    query = _next_version(instance, name)
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
    from .stamps import ways

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
    check(reply)
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
    return codec.decode(home.source.codec.encode(instance))


def _next_version(instance: Any, name: str | None) -> dict[str, Any]:
    """Count the write; the filter that finds the version it builds on."""
    if name is None:
        return {}
    current = instance.__dict__.get(name)
    instance.__dict__[name] = (current or 0) + 1
    return {describe(type(instance)).fields[name].key: current}


def changes(
    plan: ModelPlan, before: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any]:
    """
    The update that makes ``before`` to ``after``; empty when there is nothing to do.

    Only keys that the class knows are looked at, at any depth; all others stay.

    Raises:
        QueryError: for a changed key, undeclared, that no path leads to.
    """
    found: dict[str, dict[str, Any]] = {"$set": {}, "$unset": {}}
    _compare(plan, before, after, "", found)
    found["$set"].pop(TAG, None)
    return {operator: fields for operator, fields in found.items() if fields}


def _compare(
    plan: ModelPlan,
    before: dict[str, Any],
    after: dict[str, Any],
    path: str,
    found: dict[str, dict[str, Any]],
) -> None:
    for key, value in after.items():
        old = before.get(key, _NOTHING)
        if old is not _NOTHING and _same(old, value):
            continue
        inner = _model_at(plan, key)
        both = isinstance(old, dict) and isinstance(value, dict)
        if inner is not None and both and _all_plain(cast("Any", old), value):
            _compare(inner, cast("Any", old), value, f"{path}{key}.", found)
            continue
        found["$set"][_path_to(plan, path, key)] = value
    for key in _gone_keys(plan, before, after):
        found["$unset"][_path_to(plan, path, key)] = ""


def _gone_keys(
    plan: ModelPlan, before: dict[str, Any], after: dict[str, Any]
) -> list[str]:
    """Keys that an instance holds no more; one that it never held is not among them."""
    known = before if plan.extra == "allow" else (one.key for one in plan.fields)
    return [key for key in known if key in before and key not in after and key != TAG]


def _path_to(plan: ModelPlan, path: str, key: str) -> str:
    if _is_plain(key):
        return path + key
    raise QueryError(
        f"{plan.cls.__name__}.{key!r} changed, and no update has a path to a key with "
        "a dot or a $ in it: replace() the document"
    )


def _is_plain(key: str) -> bool:
    return "." not in key and key[:1] != "$" and key != ""


def _all_plain(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return all(map(_is_plain, (*old, *new)))


def _model_at(plan: ModelPlan, key: str) -> ModelPlan | None:
    for one in plan.fields:
        if one.key == key:
            kind = one.kind.inner if isinstance(one.kind, Nullable) else one.kind
            return kind.plan if isinstance(kind, Model) else None
    return None


def _same(one: Any, other: Any) -> bool:
    """Whether two stored values are the same in BSON: 1 is neither 1.0 nor True."""
    if type(one) is type(other) and one is other:
        return True
    return codec.encode({"": one}) == codec.encode({"": other})


async def delete(home: Collection[Any], instance: Any) -> bool:
    """Remove a document; whether it was there."""
    if instance.id is None:
        raise NotFoundError(f"this {type(instance).__name__} was never stored")
    removed = await home.get(instance.id).delete()
    set_raw(instance, None)
    if (version := describe(type(instance)).version) is not None:
        # What is saved after this is a new document, and builds on nothing.
        instance.__pydantic_fields_set__.discard(version)
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
