"""What a hash function was given goes nowhere: not stored, logged, raised, or shown."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from mongolane import (
    BinaryField,
    DataBase,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    ListField,
    StringField,
    errors,
)
from tests.motormongo.people import Coat


def hashed(password: str) -> bytes:
    """Reversed, so that hashing twice would show."""
    return b"hashed:" + password[::-1].encode()


WANTED = hashed("hush-hush")


class Login(EmbeddedDocument):
    """A part with a secret."""

    code = BinaryField(hash_function=hashed)
    site = StringField()


class Member(Document):
    """Secrets in all places."""

    name = StringField()
    password = BinaryField(hash_function=hashed)
    old = ListField(BinaryField(hash_function=hashed))
    login = EmbeddedDocumentField(Login)
    logins = ListField(EmbeddedDocumentField(Login))


class Strict(Document):
    """Declared in both styles, so that pydantic itself has something to say."""

    name: str
    password = BinaryField(hash_function=hashed)
    login: Login | None = None


async def by_save(name: str) -> None:
    member = Member(name=name)
    await member.save()
    member.password = "hush-hush"
    member.old = ["hush-hush"]
    await member.save()
    await member.save()


async def by_update_many(name: str) -> None:
    await Member.insert_one(name=name)
    await Member.update_many({"name": name}, {"password": "hush-hush"})
    await Member.update_many({"name": name}, {"$push": {"old": "hush-hush"}})


async def by_update_one(name: str) -> None:
    await Member.insert_one(name=name)
    await Member.update_one({"name": name}, {"$set": {"password": b"hush-hush"}})
    await Member.update_one({"name": name}, {"$addToSet": {"old": "hush-hush"}})


async def by_replacement(name: str) -> None:
    await Member.insert_one(name=name)
    new = {"name": name, "password": "hush-hush", "old": ["hush-hush"]}
    await Member.find_one_and_replace({"name": name}, new)


async def by_find_or_create(name: str) -> None:
    query = {"name": name, "password": "hush-hush"}
    await Member.find_one_or_create(query, {"old": ["hush-hush"]})


async def by_empty_fields(name: str) -> None:
    await Member.insert_one(name=name)
    fields = {"password": "hush-hush", "old": ["hush-hush"]}
    await Member.find_one_and_update_empty_fields({"name": name}, fields)


async def by_insert_many(name: str) -> None:
    document = {"name": name, "password": "hush-hush", "old": ["hush-hush"]}
    await Member.insert_many([document])


async def by_pipeline(name: str) -> None:
    await Member.insert_one(name=name)
    stages = [{"$set": {"password": "hush-hush", "old": ["hush-hush"]}}]
    await Member.find(Member.name == name).update(stages)


async def by_expressions(name: str) -> None:
    await Member.insert_one(name=name)
    query = Member.find(Member.name == name)
    await query.update(Member.password.set("hush-hush"), Member.old.push("hush-hush"))


async def by_upsert(name: str) -> None:
    member = Member(name=name, password="hush-hush", old=["hush-hush"])
    await member.upsert("name")
    await member.upsert("name")


WAYS: list[Callable[[str], Any]] = [
    by_save, by_update_many, by_update_one, by_replacement, by_find_or_create,
    by_empty_fields, by_insert_many, by_pipeline, by_expressions, by_upsert,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
async def test_only_hashes_are_stored_and_nothing_is_logged(
    way: Callable[[str], Any], database: DataBase, caplog: pytest.LogCaptureFixture
) -> None:
    """Each write path stores the hash, made once, and no log has plain text or hash."""
    caplog.set_level(logging.DEBUG)
    await way("a")
    stored = await database.client[database.name]["member"].find_one()
    found = await Member.find_one(name="a")
    said = [str(vars(one)) for one in caplog.records if "mongolane" in one.name]

    assert stored is not None
    assert (stored["password"], stored["old"]) == (WANTED, [WANTED])
    assert not [one for one in said if "hush" in one or "hsuh" in one]
    assert "hsuh" not in repr(found) + str(found)


async def test_secrets_of_parts_are_hashed(database: DataBase) -> None:
    """A part given as a dict to any update is hashed inside, whole or by its path."""
    await Member.insert_one(name="a")
    part = {"code": "hush-hush", "site": "s"}
    members = Member.find(Member.name == "a")
    for update in (
        Member.update_one({"name": "a"}, {"login": part}),
        Member.update_many({"name": "a"}, {"login": part}),
        members.update({"$set": {"login": part}}),
        Member.update_one({"name": "a"}, {"login.code": "hush-hush"}),
        members.update([{"$set": {"login.code": "hush-hush", "login.site": "s"}}]),
        Member.update_one({"name": "a"}, {"$push": {"logins": part}}),
        Member.update_one({"name": "a"}, {"$push": {"logins": {"$each": [part]}}}),
    ):
        await update
        stored = await database.client[database.name]["member"].find_one()
        assert stored is not None
        parts = [stored["login"], *stored.get("logins", [])]
        assert {bytes(one["code"]) for one in parts} == {WANTED}


async def test_there_is_nothing_below_a_hash(database: DataBase) -> None:
    """A dotted path into a hashed field is refused, not stored as it is."""
    await Member.insert_one(name="a")
    for update in (Member.update_one, Member.update_many):
        with pytest.raises(errors.DocumentUpdateError):
            await update({"name": "a"}, {"password.x": "hush-hush"})

    assert await Member.count({"password": {"$exists": True}}) == 0


def chain(error: BaseException | None) -> str:
    """All that a traceback would show of an error's messages."""
    said = ""
    while error is not None:
        said += f"{error} {error!r} {vars(error)}"
        error = error.__cause__ or error.__context__
    return said


BAD: list[Callable[[], Any]] = [
    lambda: Member(name=5, password="hush-hush"),
    lambda: Member(password=["hush-hush"]),
    lambda: Member(old="hush-hush"),
    lambda: Member(old=["hush-hush", 5]),
    lambda: Member(old=[["hush-hush"]]),
    lambda: Member(login=["hush-hush"]),
    lambda: Member(login={"code": "hush-hush", "site": 5}),
    lambda: Member(name="a").__setattr__("password", {"a": "hush-hush"}),
    lambda: Strict(password="hush-hush"),
    lambda: Strict(login={"code": "hush-hush", "site": 5}),
    lambda: Strict.model_validate({"password": "hush-hush"}),
    lambda: Member.find(Member.password == ["hush-hush"]).command(),
    lambda: Member.password.set(["hush-hush"]),
]


@pytest.mark.parametrize("call", BAD)
def test_errors_do_not_show_secrets(call: Callable[[], Any]) -> None:
    """No message in an error's chain has what was to be hashed."""
    with pytest.raises(Exception) as caught:  # noqa: PT011
        call()

    assert "hush" not in chain(caught.value)


BAD_WRITES: list[Callable[[], Any]] = [
    lambda: Member.insert_one([{"password": "hush-hush"}]),
    lambda: Member.insert_many([["hush-hush"]]),
    lambda: Member.insert_many({"password": "hush-hush"}),  # type: ignore[arg-type]
    lambda: Member.update_one({}, [{"password": "hush-hush"}]),  # type: ignore[arg-type]
    lambda: Member.update_one({}, {"password": ["hush-hush"]}),
    lambda: Member.update_many({}, {"password": {"a": "hush-hush"}}),
    lambda: Member.find_one_or_create([{"password": "hush-hush"}], {}),  # type: ignore[arg-type]
    lambda: Member.find_one_and_replace({}, ["hush-hush"]),
    lambda: Member.find_one_and_update_empty_fields(["hush-hush"], {}),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("call", BAD_WRITES)
async def test_refused_writes_do_not_show_secrets(
    call: Callable[[], Any], one_database: DataBase
) -> None:
    """Nor has an error of a call that was given something odd."""
    with pytest.raises(Exception) as caught:  # noqa: PT011
        await call()

    assert "hush" not in chain(caught.value)


class Vault(Document):
    """Secrets in lists of lists, and in parts that are one of several."""

    nested = ListField(ListField(BinaryField(hash_function=hashed)))
    either: Login | int | None = None
    by_name: dict[str, Login] = {}  # noqa: RUF012 (pydantic copies it)


PART = {"code": "hush-hush", "site": "s"}


@pytest.mark.parametrize(
    "change",
    [
        {"nested": [["hush-hush"]]},
        {"$set": {"nested": [["hush-hush"], []]}},
        {"$push": {"nested": ["hush-hush"]}},
        {"$push": {"nested": {"$each": [["hush-hush"]], "$position": 0}}},
        {"$addToSet": {"nested": ["hush-hush"]}},
        {"nested.0": ["hush-hush"]},
        {"nested.0.0": "hush-hush"},
        {"$push": {"nested.0": "hush-hush"}},
        {"either": PART},
        {"by_name": {"a": PART}},
        {"by_name.a": PART},
        {"by_name.a.code": "hush-hush"},
        {"either.code": "hush-hush"},
    ],
)
@pytest.mark.parametrize("way", ["update_one", "update_many", "find"])
async def test_secrets_in_lists_of_lists_and_unions(
    change: Any, way: str, one_database: DataBase
) -> None:
    """They are hashed by every update that names them, whole or in part."""
    await Vault(nested=[[]], either=Login(site="s")).save()
    if way == "find":
        await Vault.find({}).update(change)
    else:
        await getattr(Vault, way)({}, change)
    stored = await one_database.client[one_database.name]["vault"].find_one(
        {}, {"_id": 0}
    )

    assert WANTED in [bytes(one) for one in leaves(stored) if isinstance(one, bytes)]
    assert "hush-hush" not in str(stored)


def leaves(value: Any) -> list[Any]:
    """All that is no document and no array."""
    if isinstance(value, (dict, list)):
        items = value.values() if isinstance(value, dict) else value
        return [leaf for one in items for leaf in leaves(one)]
    return [value]


@pytest.mark.parametrize("way", WAYS)
async def test_a_hash_function_is_called_once_a_value(
    way: Callable[[str], Any], one_database: DataBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is slow by intention; saving again, copying and pickling call it no more."""
    seen: list[str] = []

    def counted(password: str) -> bytes:
        seen.append(password)
        return hashed(password)

    fields: Any = Member
    for field in (fields._fields["password"], fields._fields["old"].field):
        monkeypatch.setattr(field, "hash_function", counted)
    await way("a")
    member = await Member.find_one(name="a")
    assert member is not None
    calls = len(seen)
    for one in (member, pickle.loads(pickle.dumps(member)), copy.deepcopy(member)):
        one.name += "x"
        await one.save()
    await Member(**member.to_dict()).save()
    found = await Member.find_one({"_id": member.id})

    assert found is not None
    assert (found.password, found.old, len(seen)) == (WANTED, [WANTED], calls)
    # A query's value is hashed for the query, too.
    assert calls == (3 if way is by_find_or_create else 2)


@pytest.mark.parametrize(
    "change",
    [
        {"$rename": {"name": "password"}},
        {"$rename": {"name": "login.code"}},
        {"$rename": {"name": "login"}},
        Member.name.rename(Member.password),
    ],
)
def test_plain_text_is_not_renamed_to_a_secret(change: Any) -> None:
    """A rename to where only hashes are is refused; one between hashes is not."""
    with pytest.raises(errors.QueryError, match="is kept hashed"):
        Member.find({}).update(change).command()
    command = Member.find({}).update({"$rename": {"password": "login.code"}}).command()

    assert command["updates"][0]["u"] == {"$rename": {"password": "login.code"}}


HASH: list[dict[str, Any]] = [
    {"password": WANTED},
    {"password": "hush-hush"},
    {"password": b"hush-hush"},
    {"password": {"$eq": WANTED}},
    {"password": {"$in": [b"other", WANTED]}},
    {"password": {"$not": {"$eq": b"other"}}},
    {"$or": [{"password": WANTED}, {"name": "none"}]},
    {"old": WANTED},
    {"login.code": WANTED},
    {"logins.code": {"$in": [WANTED]}},
    {"logins": {"$elemMatch": {"code": WANTED}}},
]


@pytest.mark.parametrize("query", HASH)
async def test_a_hash_finds_its_document(
    query: dict[str, Any], one_database: DataBase
) -> None:
    """Bytes in a query may be the hash itself, or what is hashed; text is hashed."""
    member = await Member.insert_one(
        name="a",
        password="hush-hush",
        old=["hush-hush"],
        login={"code": "hush-hush"},
        logins=[{"code": "hush-hush"}],
    )

    assert await Member.find_many(query) == [member]
    assert await Member.find_one_or_create({**query, "name": "a"}, {}) == (
        member,
        False,
    )


async def test_rows_that_do_not_fit_hide_their_hashes(one_database: DataBase) -> None:
    """What a pipeline made of another type leaves the other fields as they are."""
    await Member.insert_one(name="a", password="hush-hush")
    stages = [{"$set": {"name": {"$strLenCP": "$name"}}}]
    (row,) = await Member.aggregate(stages, return_as_list=True)
    again = Member(**{**row.to_dict(), "name": "b"})

    assert row.name == 1  # type: ignore[comparison-overlap]
    assert "hashed" not in row.to_json() + repr(row)
    assert bytes(again.password) == WANTED


async def test_a_hash_excludes_its_document(one_database: DataBase) -> None:
    """Where a value may not be, neither form may; as text, a hash is plain text."""
    await Member.insert_one(name="a", password="hush-hush")
    path: Any = Member.password
    for query in (
        {"password": {"$ne": WANTED}},
        {"password": {"$nin": [WANTED]}},
        {"password": WANTED.decode()},
        path != WANTED,
    ):
        assert await Member.find_many(query) == []
    assert len(await Member.find(path == WANTED)) == 1


async def test_bytes_of_a_query_are_hashed_when_they_are_stored(
    one_database: DataBase,
) -> None:
    """find_one_or_create makes a document with the hash, and finds it again."""
    query = {"password": b"hush-hush"}
    made, created = await Member.find_one_or_create(query, {"name": "a"})
    found = await Member.find_one_or_create(query, {"name": "b"})

    assert created
    assert bytes(made.password) == WANTED
    assert found == (made, False)


PASSWORD: Any = Member.password
CODES: Any = Member.old


@pytest.mark.parametrize(
    "make",
    [
        lambda: PASSWORD == "hush-hush",
        lambda: ~(PASSWORD.in_(["hush-hush"])) & (Member.name == "a"),
        lambda: PASSWORD.set("hush-hush"),
        lambda: CODES.push("hush-hush"),
        lambda: Member.find(PASSWORD != "hush-hush"),
        lambda: Member.find_one({"password": "hush-hush"}),
        lambda: Member.find_many({"$or": [{"login.code": "hush-hush"}]}),
        lambda: Member.find_many({"$expr": {"$eq": ["$name", "hush-hush"]}}),
        lambda: Member.find(CODES.elem_match({"$eq": "hush-hush"})),
    ],
)
def test_expressions_and_queries_do_not_show_secrets(
    make: Callable[[], Any],
) -> None:
    """What is compared with a hash is masked, also where a query was not awaited."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        shown = [repr(make())]
    shown += [str(one.message) for one in caught]

    assert "hush" not in str(shown)
    assert "*****" in str(shown)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Member.find_many({"password": {"$in": "hush-hush"}}),
        lambda: Member.find_one([("password", "hush-hush")]),
        lambda: Member.update_one({}, {"$inc": {"password": "hush-hush"}}),
        lambda: Member.update_one({}, {"$mul": {"old.0": "hush-hush"}}),
    ],
)
async def test_refused_queries_do_not_show_secrets(
    call: Callable[[], Any], one_database: DataBase
) -> None:
    """Nor does the error for a query that cannot be meant."""
    with pytest.raises(errors.DocumentError) as caught:
        await call()

    assert "hush" not in "".join(traceback.format_exception(caught.value))


class Locker(EmbeddedDocument):
    """A part with secrets."""

    pin = BinaryField(hash_function=lambda text: b"hash of " + text.encode()[::-1])
    old = ListField(BinaryField(hash_function=lambda text: text.encode()[::-1]))


class Lodger(Document):
    """Secrets of its own, and of parts."""

    pin = BinaryField(hash_function=lambda text: b"hash of " + text.encode()[::-1])
    old = ListField(BinaryField(hash_function=lambda text: text.encode()[::-1]))
    locker = EmbeddedDocumentField(Locker)
    coat = EmbeddedDocumentField(Coat)


@pytest.mark.parametrize(
    "put",
    [
        lambda made: made.old.append("hush"),
        lambda made: made.locker.old.append("hush"),
        lambda made: made.__dict__.update(pin="hush"),
        lambda made: made.locker.__dict__.update(pin="hush"),
        lambda made: made.model_copy(update={"pin": "hush"}),
        lambda made: made.model_copy(update={"old": ["hush", "hush"]}),
        lambda made: Lodger.model_construct(pin="hush", old=["hush"]),
    ],
)
async def test_what_came_past_the_checks_is_not_shown(
    put: Any, one_database: DataBase
) -> None:
    """In no repr and no dict, before a save and after it; the instance holds hashes."""
    made = Lodger(old=[], locker={"old": []}, coat={"colour": "red"})
    made = put(made) or made
    assert "hush" not in repr(made)
    assert "hush" not in str(made.to_dict()) + made.to_json() + made.model_dump_json()
    again = put(Lodger(old=[], locker={"old": []})) or made
    await again.save()

    assert "hush" not in repr(vars(again)) + repr(again.model_dump())
    assert await Lodger.find_one() == again


def test_a_repr_calls_no_hash_function() -> None:
    """They are slow, and may fail."""

    def fail(text: str) -> bytes:
        raise AssertionError(text)

    class Failing(Document):
        pin = BinaryField(hash_function=fail)

    made = Failing.model_construct(pin="hush")
    assert repr(made) == "Failing(id=None, pin=Hashed('**********'))"
