"""An account in plain annotations, with all kinds of types."""

# ruff: noqa: RUF012, PT018

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, assert_type

from bson import Decimal128, Int64, ObjectId, Regex
from pydantic import (
    AnyUrl,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    Index,
    Stored,
    Version,
    asc,
    bulk,
    desc,
)
from mongolane.errors import VersionConflictError
from mongolane.queries import BulkResult, Find, UpdateResult


class Tier(StrEnum):
    FREE = "free"
    PAID = "paid"


class Limits(TypedDict):
    cpu: int
    ram: float


@dataclass
class Point2:
    x: int
    y: int


class Pair(NamedTuple):
    a: int
    b: str


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    good: bool = True


class Home(EmbeddedDocument):
    street: str
    city: str = "Porto"
    geo: list[float] = []


class Account(Document):
    model_config = ConfigDict(populate_by_name=True)

    name: Annotated[str, Index(unique=True)]
    email: EmailStr = "a@example.org"
    tier: Tier = Tier.FREE
    since: date = date(2020, 1, 1)
    at: time = time(1, 2)
    span: timedelta = timedelta(0)
    money: Annotated[Decimal, Stored("m", decimal="round")] = Decimal(0)
    ip: IPv4Address | None = None
    url: AnyUrl | None = None
    folder: Path = Path("/x")
    token: Annotated[SecretStr, Stored(secret="plain")] = SecretStr("")
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Cat()
    limits: Limits = {"cpu": 1, "ram": 1.0}
    spot: Point2 = Point2(1, 2)
    pair: Pair = Pair(1, "x")
    homes: list[Home] = []
    main: Home | None = None
    last: deque[int] = deque()
    by_day: dict[date, int] = {}
    nick: str = Field(default="", alias="nickname", max_length=10)
    version: Annotated[int, Version()] = 1
    big: Int64 | None = None
    exact: Decimal128 | None = None
    ref: ObjectId | None = None
    rx: Regex[str] | None = None

    class Settings:
        name = "accounts"
        timestamps = True
        indexes = ["tier", Index("name", "-since")]

    @property
    def label(self) -> str:
        return f"{self.name}!"

    @field_validator("name")
    @classmethod
    def strip(cls, value: str) -> str:
        return value.strip()

    @model_validator(mode="after")
    def check(self) -> Account:
        return self


class Short(BaseModel):
    name: str
    money: Annotated[Decimal, Stored("m")]


async def main() -> None:
    await DataBase.connect(uri="embedded://", db="p03")
    acc = await Account(name=" Ann ", homes=[Home(street="x")], nickname="an").insert()
    assert_type(acc, Account)
    assert acc.name == "Ann"
    query = Account.find(
        Account.name == "Ann",
        Account.tier == Tier.FREE,
        Account.money >= 0,
        Account.since < date(2021, 1, 1),
        Account.version == 1,
        {"homes.city": "Porto"},
    )
    assert_type(query, Find[Account])
    assert await query.count() == 1
    assert await Account.find({"pet.kind": "cat"}).exists()
    res = await query.sort(
        desc(Account.money), asc(Account.name), "-since", ("tier", 1)
    )
    assert_type(res, list[Account])
    up = await query.update({"money": Decimal(3)}, {"$push": {"last": 3}})
    assert_type(up, UpdateResult)
    assert await Account.find(Account.money == Decimal(3)).project(Short)
    print(await Account.find().only("name", Account.money))
    acc.money = Decimal(5)
    try:
        await acc.save()
    except VersionConflictError as error:
        print(error.current)
    await acc.reload()
    acc.money = Decimal(7)
    await acc.save()
    b = await bulk(
        Account.find(Account.name == "Ann").update({"$set": {"tier": Tier.PAID}})
    )
    assert_type(b, BulkResult)
    out = await Account.find().first()
    assert out is not None
    assert_type(out.pet, Cat | Dog)
    print(out.limits["cpu"] + 1, out.spot.x, out.pair.a, out.label, out.by_day)
    dump: dict[str, Any] = out.model_dump()
    print(dump["name"], Account.explain_codec(), Account.model_json_schema()["title"])
    doc, created = await Account(name="Bob").upsert("name")
    assert created and doc.name == "Bob"
    deleted = await Account.find(Account.name == "Bob").delete()
    assert_type(deleted, int)
    print(datetime.now(UTC))
    await DataBase.close()


if __name__ == "__main__":
    asyncio.run(main())
