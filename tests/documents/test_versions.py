"""Optimistic locking, and what every write sets, by whichever way it goes."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from bson import ObjectId
from pydantic import BaseModel

from mongolane import (
    DataBase,
    Document,
    Stored,
    Version,
    bulk,
    codec,
    commands,
    errors,
)


class Account(Document):
    """Counts its writes, under another key."""

    owner: str
    balance: int = 0
    version: Annotated[int, Stored("v"), Version()] = 1

    class Settings:
        name = "accounts"
        timestamps = True


class Body(BaseModel):
    """A request's body."""

    owner: str | None = None
    version: int | None = None


def dates(account: Any) -> tuple[Any, Any]:
    """When it was made and changed."""
    return account.created_at, account.updated_at


async def test_a_document_from_a_request(database: DataBase) -> None:
    """A document built from a body is stored when its version is the stored one."""
    made = await Account(owner="Ann", balance=3).insert()
    body = Account.model_validate({"id": str(made.id), "owner": "Bob", "version": 1})
    await body.save()
    read = await Account.get(made.id)

    assert read is not None
    assert (read.owner, read.balance, read.version, body.version) == ("Bob", 0, 2, 2)
    assert dates(read)[0] == dates(made)[0]
    assert dates(read)[1] > dates(made)[1]
    body.owner = "Cid"
    await body.save()
    assert body.version == 3


async def test_a_conflict_with_what_does_not_fit(database: DataBase) -> None:
    """The current document is a dict if it fits no more; the conflict is told."""
    made = await Account(owner="Ann").insert()
    raw = database.client[database.name]["accounts"]
    await raw.update_one({"_id": made.id}, {"$set": {"owner": 5, "v": 7}})
    made.owner = "Bob"
    with pytest.raises(errors.VersionConflictError) as caught:
        await made.save()

    assert (caught.value.current["owner"], caught.value.current["v"]) == (5, 7)
    await raw.delete_one({"_id": made.id})
    with pytest.raises(errors.VersionConflictError, match="deleted") as caught:
        await made.save()
    assert caught.value.current is None


async def test_a_stale_document_from_a_request(database: DataBase) -> None:
    """An older version is a conflict that carries the current document."""
    made = await Account(owner="Ann").insert()
    made.owner = "Bob"
    await made.save()
    stale = Account(id=made.id, owner="Cid", version=1)
    with pytest.raises(errors.VersionConflictError) as caught:
        await stale.save()

    assert caught.value.current == made
    assert stale.version == 1
    assert await Account.get(made.id) == made


async def test_a_version_of_what_is_gone(database: DataBase) -> None:
    """A version of a document that is gone is a conflict with nothing."""
    with pytest.raises(errors.VersionConflictError) as caught:
        await Account(id=ObjectId(), owner="Ann", version=4).save()

    assert caught.value.current is None
    assert await Account.count() == 0


async def test_an_id_without_a_version(database: DataBase) -> None:
    """Without a version the write is counted, and nothing is compared."""
    account = Account(id=ObjectId(), owner="Ann")
    await account.save()
    again = Account(id=account.id, owner="Bob")
    await again.save()

    assert (account.version, again.version) == (1, 2)
    await again.delete()
    await again.save()
    assert again.version == 1


async def test_patch_by_version(database: DataBase) -> None:
    """A body's version is what it builds on; another one is a conflict."""
    made = await Account(owner="Ann").insert()
    await made.patch(Body(owner="Bob", version=1))
    with pytest.raises(errors.VersionConflictError) as caught:
        await made.patch(Body(owner="Cid", version=1))

    assert caught.value.current == made
    assert (made.owner, made.version) == ("Bob", 2)
    assert await Account.get(made.id) == made


async def test_updates_by_query_are_counted(database: DataBase) -> None:
    """An update by query counts, so that an older document cannot be saved over it."""
    made = await Account(owner="Ann").insert()
    query = Account.find({"owner": "Ann"})
    await query.update({"$set": {"balance": 5}})
    await query.first().update({"$inc": {"balance": 1}})
    after = await query.first().and_update([{"$set": {"balance": 7}}])

    assert after is not None
    assert (after.balance, after.version) == (7, 4)
    assert dates(after)[1] >= dates(made)[1]
    assert dates(after)[0] == dates(made)[0]
    made.balance = 1
    with pytest.raises(errors.VersionConflictError):
        await made.save()


async def test_upserts_are_dated(database: DataBase) -> None:
    """An upsert by query dates what it makes, and counts from 1."""
    query = Account.find({"owner": "Ann"})
    made, created = await query.upsert({"$set": {"balance": 1}})
    again, _ = await query.upsert({"$set": {"balance": 2}})
    same, _ = await query.upsert(insert=Account(owner="Ann"))

    assert created
    assert (made.version, again.version, same.version) == (1, 2, 2)
    assert None not in dates(made)
    assert dates(again)[0] == dates(made)[0]
    assert dates(again)[1] >= dates(made)[1]
    assert same == again


async def test_what_an_update_says_itself_holds(database: DataBase) -> None:
    """A version or date that the update sets itself is not touched."""
    await Account(owner="Ann").insert()
    await Account.find().update({"$set": {"version": 9}})
    shown = Account.find().update({"$set": {"balance": 1}}).command()

    assert (await Account.find())[0].version == 9
    assert shown["updates"][0]["u"]["$inc"] == {"v": 1}
    assert set(shown["updates"][0]["u"]["$set"]) == {"balance", "updated_at"}


async def test_a_bulk_by_version(database: DataBase) -> None:
    """A bulk counts versions, and leaves alone what was written in between."""
    ann = await Account(owner="Ann").insert()
    bob = await Account(owner="Bob").insert()
    await Account.get(bob.id).update({"$set": {"balance": 9}})
    done = await Account.bulk(
        *(
            Account.find({"id": one.id, "version": one.version}).update(
                {"$inc": {"balance": 1}}
            )
            for one in (ann, bob)
        )
    )
    stored = await Account.find().sort("owner")

    assert (done.matched, done.modified) == (1, 1)
    assert [(one.balance, one.version) for one in stored] == [(1, 2), (9, 2)]
    ann.balance = 5
    with pytest.raises(errors.VersionConflictError) as caught:
        await ann.save()
    assert caught.value.current == stored[0]


async def test_a_stale_document_is_not_deleted(database: DataBase) -> None:
    """delete() is a write, too; what is gone, or names no version, is no conflict."""
    made = await Account(owner="Ann").insert()
    stale = await Account.get(made.id)
    assert stale is not None
    await made.patch({"balance": 3})
    with pytest.raises(errors.VersionConflictError) as caught:
        await stale.delete()

    assert caught.value.current == made
    await made.delete()
    await stale.delete()
    assert await Account.count() == 0
    again = await Account(owner="Bob").insert()
    await again.patch({"balance": 1})
    await Account(id=again.id, owner="?").delete()
    assert await Account.count() == 0


async def test_documents_from_before_there_were_versions(database: DataBase) -> None:
    """What has no version yet is saved and counted, unless somebody did so before."""
    old = {"_id": ObjectId(), "owner": "Ann", "balance": 1}
    await database.lane.run(
        commands.insert(database.name, "accounts", [codec.encode(old)])
    )
    first, second = await Account.get(old["_id"]), await Account.get(old["_id"])
    assert first is not None
    assert second is not None
    await first.patch({"balance": 2})

    assert (await Account.get(old["_id"]) or second).version == first.version == 2
    with pytest.raises(errors.VersionConflictError):
        await second.patch({"balance": 3})
    assert second.version == 1


async def bodies(*names: str) -> list[Account]:
    """Stored accounts, with a change in each."""
    accounts = [await Account(owner=name).insert() for name in names]
    for account in accounts:
        account.balance = 5
    return accounts


@pytest.mark.parametrize(
    ("ordered", "balances"), [(True, [5, 9, 0]), (False, [5, 9, 5])]
)
async def test_a_bulk_of_stale_documents(
    database: DataBase, ordered: bool, balances: list[int]
) -> None:
    """A bulk saves stored documents; conflicts are told by number, with the current."""
    accounts = await bodies("Ann", "Bob", "Cid")
    await Account.get(accounts[1].id).update({"balance": 9})
    with pytest.raises(errors.BulkWriteError) as caught:
        await bulk(accounts, ordered=ordered)

    stored = await Account.find().sort("owner")
    assert [one.balance for one in stored] == balances
    assert {at: one.current for at, one in caught.value.conflicts.items()} == {
        1: stored[1]
    }
    details = caught.value.details or {}
    assert [one["index"] for one in details["writeErrors"]] == [1]
    assert [one.version for one in accounts] == [2, 1, 1 if ordered else 2]
    assert [one.balance for one in accounts] == [5, 5, 5]
    await accounts[2].save()
    assert await Account.get(accounts[2].id) == accounts[2]


async def test_a_bulk_saves_and_inserts(database: DataBase) -> None:
    """Stored documents are saved, new ones inserted, each once; unchanged ones rest."""
    accounts = await bodies("Ann", "Bob")
    accounts[1].balance = 0
    done = await bulk(accounts, Account(owner="Cid"))

    assert (done.inserted, done.matched, done.modified) == (1, 1, 1)
    assert [one.version for one in await Account.find().sort("owner")] == [2, 1, 1]
    assert (await bulk(accounts)).matched == 0
