"""Lines that a checker must complain about: field objects, paths, and results."""

# ruff: noqa: B015, B018, FURB, RUF

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pydantic
from bson import Int64, ObjectId
from pydantic import BaseModel

from mongolane import (
    BinaryField,
    BooleanField,
    DataBase,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    FloatField,
    GeoJSONField,
    Index,
    IntegerField,
    ListField,
    Mapped,
    ReferenceField,
    StringField,
    asc,
    bulk,
    desc,
    field,
)
from mongolane.expressions import Filter, Order, or_


class Kind(Enum):
    A = "a"
    B = "b"


class Size(EmbeddedDocument):
    width: Mapped[int]
    unit: Mapped[Literal["cm", "in"]] = field(default="cm")


class Brand(Document):
    name: Mapped[str]


class Thing(Document):
    name: Mapped[str]
    kind: Mapped[Kind] = field(default=Kind.A)
    price: Mapped[Decimal] = field(default=Decimal(0))
    made: Mapped[datetime | None] = field(default=None)
    size: Mapped[Size | None] = field(default=None)
    sizes: Mapped[list[Size]] = field(default_factory=list)
    marks: Mapped[set[str]] = field(default_factory=set)
    parts: Mapped[dict[str, int]] = field(default_factory=dict)
    owner: Mapped[ObjectId | None] = field(default=None)
    long: Mapped[Int64] = field(default=Int64(3))
    frozen: Mapped[frozenset[str]] = field(default_factory=frozenset)
    pair: Mapped[tuple[int, ...]] = field(default=())
    nick: Mapped[str | None] = StringField(max_length=3)
    count_: int
    level: int = pydantic.Field(ge=0, alias="lev")
    label: Annotated[str, Index()] = ""
    _memo: int = pydantic.PrivateAttr(default=0)
    note = StringField()
    stock = IntegerField()
    ratio = FloatField()
    live = BooleanField()
    born = DateTimeField()
    raw = BinaryField()
    where = GeoJSONField()
    box = EmbeddedDocumentField(Size)
    boxes = ListField(EmbeddedDocumentField(Size))
    words = ListField(StringField())
    brand = ReferenceField(Brand)
    brands = ListField(ReferenceField(Brand))


class Open(Document, init=False):
    name = StringField()


class Card(BaseModel):
    name: str


def constructors() -> None:
    Thing(name="x", count_=1)  # wrong
    Thing(name="x", lev=1)  # wrong
    Thing(name="x", count_=1, level=1)  # wrong
    Thing("x", count_=1, lev=1)  # wrong
    Thing(name="x", count_=1, lev=1, kind="z")  # wrong
    Thing(name="x", count_=1, lev=1, price="free")  # wrong
    Thing(name="x", count_=1, lev=1, size={"width": "x"})  # wrong
    Thing(name="x", count_=1, lev=1, sizes=[3])  # wrong
    Thing(name="x", count_=1, lev=1, parts={"x": "y"})  # wrong
    Thing(name="x", count_=1, lev=1, nick=3)  # wrong
    Thing(name="x", count_="1", lev=1)  # wrong
    Thing(name="x", count_=1, lev=1, label=3)  # wrong
    Thing(name="x", count_=1, lev=1, _memo=1)  # wrong
    Thing(name="x", count_=1, lev=1, note="a descriptor only")  # wrong
    Size()  # wrong
    Size(width=1, unit="mm")  # wrong
    StringField(max_length="3")  # wrong
    IntegerField(min_value="0")  # wrong
    ListField(str)  # wrong
    ReferenceField(3)  # wrong
    field(index=3)  # wrong
    Open(name="x").nam  # wrong


def assignments(thing: Thing) -> None:
    thing.name = 3  # wrong
    thing.name = None  # wrong
    thing.kind = "a"  # wrong
    thing.made = "2020-01-01"  # wrong
    thing.size = 3  # wrong
    thing.sizes = [3]  # wrong
    thing.sizes[0].width = "x"  # wrong
    thing.marks.append("x")  # wrong
    thing.parts["x"] = "y"  # wrong
    thing.count_ = "x"  # wrong
    thing.note = 3  # wrong
    thing.stock = "3"  # wrong
    thing.ratio = "0.5"  # wrong
    thing.live = "yes"  # wrong
    thing.born = 3  # wrong
    thing.box = 3  # wrong
    thing.boxes = [3]  # wrong
    thing.words = [3]  # wrong
    thing.words = "x"  # wrong
    thing.brands = 3  # wrong
    thing.unknown = 3  # wrong


def attributes(thing: Thing) -> None:
    text: str = thing.stock  # wrong
    number: int = thing.nick  # wrong
    thing.size.width  # wrong
    thing.brand.name  # wrong
    thing.note.inc(1)  # wrong
    thing.words.contains("x")  # wrong
    print(text, number)


def comparisons() -> None:
    Thing.find(Thing.name == 3)  # wrong
    Thing.find(Thing.kind == "a")  # wrong
    Thing.find(Thing.price == "3")  # wrong
    Thing.find(Thing.long == "3")  # wrong
    Thing.find(Thing.frozen == 3)  # wrong
    Thing.find(Thing.pair == "3")  # wrong
    Thing.price > "3"  # wrong
    Thing.frozen.in_([3])  # wrong
    Thing.long.in_(["3"])  # wrong
    Thing.find(Thing.note == 3)  # wrong
    Thing.find(Thing.stock != "3")  # wrong
    Thing.find(Thing.words == 3)  # wrong
    Thing.find(Thing.marks == 3)  # wrong
    Thing.find(Thing.owner == 3)  # wrong
    Thing.find((Thing.name == 3) & (Thing.stock > 1))  # wrong
    Thing.find((Thing.stock > 1) | (Thing.name == 3))  # wrong
    Thing.note > 3  # wrong
    Thing.stock <= "3"  # wrong
    Thing.made < "2020"  # wrong
    Thing.words > 3  # wrong
    Thing.sizes[0].width.desc().upper()  # wrong
    Thing.note.in_([3])  # wrong
    Thing.words.in_([3])  # wrong
    Thing.marks.not_in([3])  # wrong
    Thing.owner.in_([3])  # wrong
    Thing.kind.in_(["a"])  # wrong
    Thing.note.starts_with(3)  # wrong
    Thing.note.regex(3)  # wrong
    Thing.note.desk()  # wrong
    Thing.stock.mod("x")  # wrong
    Thing.words.all("x", "y")  # wrong
    Thing.words.elem_match(3)  # wrong
    Thing.unknown == 3  # wrong
    Thing.count_ > "x"  # wrong
    Thing.count_.inc(1)  # wrong
    Thing.label.desc()  # wrong
    Thing.find(3)  # wrong
    Thing.find("name")  # wrong
    Thing.find([Thing.stock > 3])  # wrong
    Thing.find(Thing.stock.desc())  # wrong
    Thing.find(Thing.stock.inc(1))  # wrong
    Thing.find_one("name")  # wrong
    or_("name")  # wrong
    wrong: Order = Thing.stock > 3  # wrong
    also: Filter = Thing.stock.asc()  # wrong
    Thing.find().where(3)  # wrong
    print(wrong, also, asc)


def queries() -> None:
    Thing.find().first().sort(Thing.stock).batch_size(3)  # wrong
    Thing.find().update(3)  # wrong
    Thing.find().update("x")  # wrong
    Thing.find().update(Thing.stock > 3)  # wrong
    Thing.find().update(Thing.stock.inc(1), array_filters=3)  # wrong
    Thing.find().upsert(Thing.stock.inc(1), insert=Card(name="x"))  # wrong
    Thing.find().first().replace(Card(name="x"))  # wrong
    Thing.find().first().and_replace(Card(name="x"))  # wrong
    Thing.find().first().and_update(Thing.stock.inc(1), new="yes")  # wrong
    Thing.find().limit(None)  # wrong
    Thing.find().collation(3)  # wrong
    Thing.find().with_options(read_concerns="majority")  # wrong
    Thing.find().on_invalid("raw", 3)  # wrong
    Thing.find().project("name")  # wrong
    Thing.find().count().limit(3)  # wrong
    Thing.stock.push(3, slices=3)  # wrong
    Thing.stock.push(3)  # wrong
    Thing.name.push("x")  # wrong
    Thing.marks.push(3)  # wrong
    Thing.marks.push(each=[3])  # wrong
    Thing.marks.push("x", each=["x"])  # wrong
    Thing.words.push(3)  # wrong
    Thing.words.add_to_set(3)  # wrong
    Thing.pair.add_to_set(each=["x"])  # wrong
    Thing.marks.pull(3)  # wrong
    Thing.marks.pull_all([3])  # wrong
    Thing.marks.contains(3)  # wrong
    Thing.name.contains(3)  # wrong
    Thing.stock.contains(3)  # wrong
    Thing.stock.inc("x")  # wrong
    Thing.name.inc(1)  # wrong
    Thing.marks.inc(1)  # wrong
    Thing.price.mul("x")  # wrong
    Thing.parts["a"].inc("x")  # wrong
    Thing.size.width.inc("x")  # wrong
    Thing.stock.pop("last")  # wrong
    Thing.note.set(3)  # wrong
    Thing.words.set([3])  # wrong
    Thing.pipeline("x")  # wrong
    Thing.pipeline([{"$match": {}}]).to(3)  # wrong
    Thing.bulk(3)  # wrong
    bulk(Thing.find().count())  # wrong
    Thing.using("other")  # wrong
    Thing.get()  # wrong
    DataBase("mongodb://x", 3)  # wrong
    DataBase.lifespan(url="embedded://", db=3)  # wrong
    desc()  # wrong


async def awaited(thing: Thing) -> None:
    thing.save().name  # wrong
    saved: Thing = thing.save()  # wrong
    things: list[Thing] = Thing.find()  # wrong
    for one in await Thing.find().first():  # wrong
        print(one)
    async for row in Thing.pipeline([]).to(Card):
        row.stock  # wrong
    async for one in Thing.find_many({}):
        one.nam  # wrong
    if Thing.find().exists() == 3:  # wrong
        pass
    if thing.brand:
        pass
    [one.name for one in Thing.find()]  # wrong
    Thing.find().count() + 1  # wrong
    sum(Thing.find().distinct(Thing.stock))  # wrong
    thing.save()  # wrong
    Thing.find().delete()
    Thing.find_one({})["name"]  # wrong
    str(await Thing.find().first()).nam  # wrong
    count: int = Thing.find().count()  # wrong
    body: str = await Thing.find().json()  # wrong
    cards = await Thing.find().project(Card)
    cards[0].stock  # wrong
    rows = await Thing.find().only(Thing.name)
    rows[0].name  # wrong
    (await Thing.find().raw())[0].name  # wrong
    (await Thing.find().first().project(Card)).name  # wrong
    (await Thing.find().one_or_raise().project(Card)).stock  # wrong
    document, created = await Thing.find().upsert(Thing.stock.inc(1))
    document.nam  # wrong
    created.name  # wrong
    mixed = await Thing.find().on_invalid("raw")
    mixed[0].name  # wrong
    (await Thing.find_one({})).name  # wrong
    (await Thing.update_one({}, {"stock": 1})).name  # wrong
    (await Thing.insert_many([{"name": "x"}])).name  # wrong
    (await Thing.delete_one({})).name  # wrong
    (await thing.brand).name  # wrong
    (await thing.brands)[0].name  # wrong
    await thing.brands[0].name.x
    await Thing.insert_one(3)  # wrong
    await Thing.insert_many(3)  # wrong
    await Thing.insert_all([{"name": "x"}])  # wrong
    await Thing.update_one({}, 3)  # wrong
    await Thing.update_one({}, {"stock": 1}, "yes", 3)  # wrong
    await Thing.find_one_or_create(3, {})  # wrong
    await thing.patch(3)  # wrong
    await thing.save(using="other")  # wrong
    await DataBase.connect("embedded://", lanes="direct", lane=3)  # wrong
    (await DataBase.get().plan_indexes(Thing)).x  # wrong
    names = await Thing.find().distinct(Thing.name)
    numbers: Sequence[str] = [one.stock async for one in Thing.find()]  # wrong
    print(saved, things, count, body, names, numbers, Any)
