"""Lines that a checker must complain about: fields below embedded documents."""

# ruff: noqa: B015, B018

from __future__ import annotations

from typing import Literal

from mongolane import (
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    ListField,
    Mapped,
    StringField,
    field,
    path_of,
)


class Place(EmbeddedDocument):
    lat: Mapped[float]
    label: str = ""


class Address(EmbeddedDocument):
    city: Mapped[str]
    zip: str = ""
    street = StringField()
    kind: Mapped[Literal["home", "work"]] = field(default="home")
    place: Mapped[Place | None] = field(default=None)
    kids: Mapped[list[Address]] = field(default_factory=list)


class User(Document):
    home: Mapped[Address]
    work: Mapped[Address | None] = field(default=None)
    all: Mapped[list[Address]] = field(default_factory=list)
    named: Mapped[dict[str, Address]] = field(default_factory=dict)
    age: Mapped[int] = field(default=3)
    tags: Mapped[list[str]] = field(default_factory=list)
    counts: Mapped[dict[str, int]] = field(default_factory=dict)
    level: int = 3
    old = EmbeddedDocumentField(Address)
    olds = ListField(EmbeddedDocumentField(Address))


def names() -> None:
    User.home.ctiy  # wrong
    User.home.ctiy == "Porto"  # wrong
    User.work.ctiy.desc()  # wrong
    User.work.place.lta  # wrong
    User.all.ctiy  # wrong
    User.all[0].ctiy  # wrong
    User.all.each.ctiy  # wrong
    User.all.filtered("f").ctiy  # wrong
    User.all[0].kids[0].kids.ctiy  # wrong
    User.named["x"].ctiy  # wrong
    User.named.x.place.lta  # wrong
    User.old.ctiy  # wrong
    User.olds.ctiy  # wrong
    User.age.ctiy  # wrong
    User.tags.ctiy  # wrong
    User.tags[0].ctiy  # wrong
    User.counts["x"].ctiy  # wrong
    User.home.city.ctiy  # wrong
    User.home.place.lat.ctiy  # wrong
    User.home.find()  # wrong
    User.home.exist()  # wrong
    path_of(User.home.city).ctiy  # wrong
    path_of(User.level).ctiy  # wrong


def filters() -> None:
    User.find(User.home.city == 5)  # wrong
    User.find(User.home.city != 5)  # wrong
    User.home.city > 5  # wrong
    User.home.city.in_([5])  # wrong
    User.home.street.starts_with(5)  # wrong
    User.find(User.home.kind == "office")  # wrong
    User.find(User.home.zip == 5)  # wrong
    User.home.zip.in_(["x"])  # wrong
    User.find(User.work.place.lat == "x")  # wrong
    User.find(User.work.place.label == 5)  # wrong
    User.find(User.all.city == 5)  # wrong
    User.find(User.all[0].city == 5)  # wrong
    User.find(User.named["x"].city == 5)  # wrong
    User.find(User.old.city == 5)  # wrong
    User.find(User.olds.street == 5)  # wrong
    User.find(User.home == "Porto")  # wrong
    User.find(User.work != 5)  # wrong
    User.find(User.all == [5])  # wrong
    User.find(User.home == Place(lat=1))  # wrong
    User.home.in_(["Porto"])  # wrong
    User.home > 5  # wrong
    User.find(User.counts["x"] == "y")  # wrong
    User.find(User.tags[0] == 5)  # wrong
    User.find(path_of(User.level) == "x")  # wrong
    path_of(User.home.zip).in_([5])  # wrong
    User.find((User.home.city == "x") & (User.home.city == 5))  # wrong


def changes() -> None:
    User.home.set(5)  # wrong
    User.home.set(Place(lat=1))  # wrong
    User.home.city.set(5)  # wrong
    User.work.place.set("x")  # wrong
    User.all[0].city.set(5)  # wrong
    User.named["x"].city.set(5)  # wrong
    User.find().update(User.home.city)  # wrong


def values(user: User) -> None:
    user.home.ctiy  # wrong
    user.home.exists()  # wrong
    user.work.city  # wrong
    user.all[0].city.desc()  # wrong
    user.home.city = 5  # wrong
    user.home = Place(lat=1)  # wrong
    Address(city=5)  # wrong
    Address(ctiy="x")  # wrong
