"""Lines that a checker must complain about, each marked so."""

# ruff: noqa: B015, B018, B007, FURB, RUF

from __future__ import annotations

from pydantic import BaseModel

from mongolane import Document, EmbeddedDocument, Mapped, StringField, bulk, desc, field


class Address(EmbeddedDocument):
    """Inside of another document."""

    city: Mapped[str]
    zip: Mapped[int] = field(default=0)


class User(Document):
    """Declared so that a checker sees it exactly."""

    name: Mapped[str]
    age: Mapped[int] = field(default=0)
    tags: Mapped[list[str]] = field(default_factory=list)
    nickname = StringField()
    email: str = ""


class Short(BaseModel):
    """What a list shows."""

    name: str


async def wrong() -> None:
    """Each marked line is wrong."""
    User(name=3)  # wrong
    User(name="Ann", agee=3)  # wrong
    User.age > "x"  # wrong
    User.age.in_(["x"])  # wrong
    User.age.set("x")  # wrong
    User.agee  # wrong
    User.find(User.age > 3).limit("5")  # wrong
    User.find(User.age > 3).on_invalid("ignore")  # wrong
    User.find(User.age > 3).sorted(desc(User.age))  # wrong
    (await User.find(User.age > 3)).name  # wrong
    user: User = await User.find_one({"name": "Ann"})  # wrong
    (await User.find_one({"name": "Ann"})).name  # wrong
    number: str = await User.find().count()  # wrong
    async for one in User.find_one({}):  # wrong
        pass
    print(user, number)


async def wrong_too() -> None:
    """What a newcomer gets wrong first."""
    User()  # wrong
    User(name="Ann", age="3")  # wrong
    User(name=None)  # wrong
    Address(city=3)  # wrong
    person = User(name="Ann")
    person.age = "old"  # wrong
    person.nickname = 3  # wrong
    person.email = 3  # wrong
    person.nmae  # wrong
    person.age.desc()  # wrong
    User.age.upper()  # wrong
    User.name.inc("x").set(3)  # wrong
    User.name.min(3)  # wrong
    User.age.max("x")  # wrong
    User.age.not_in("x")  # wrong
    User.name.exists("yes")  # wrong
    User.tags.size("2")  # wrong
    User.name.mod("4")  # wrong
    User.age.set_on_insert("x")  # wrong
    (User.age > 3) & 3  # wrong
    User.find(User.age > 3).skip("1")  # wrong
    User.find(User.age > 3).project(3)  # wrong
    User.find(User.age > 3).max_time("soon")  # wrong
    User.find(User.age > 3).first().limit(3)  # wrong
    users: list[Short] = await User.find()  # wrong
    shorts: list[User] = await User.find().project(Short)  # wrong
    first: User = await User.find().first()  # wrong
    names = await User.find().distinct(User.name)
    names[0] + 1  # wrong
    (await User.find().update(User.age.inc(1))).matches  # wrong
    deleted: bool = await User.find().delete()  # wrong
    found, made, _more = await User.find().upsert(User.age.set(1))  # wrong
    for _ in User.find():  # wrong
        pass
    User.find()[0]  # wrong
    len(User.find())  # wrong
    (await User.find().first().and_update(User.age.inc(1))).age  # wrong
    await bulk(User.find())  # wrong
    await bulk(User.find().first().and_delete())  # wrong
    await User.insert_all([Short(name="x")])  # wrong
    await User.insert_all([person], progress="loud")  # wrong
    await person.patch("name")  # wrong
    print(users, shorts, first, deleted, found, made)
