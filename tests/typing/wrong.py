"""Lines that a checker must complain about, each marked so."""

# ruff: noqa: B015, B018, B007

from __future__ import annotations

from mongolane import Document, Mapped, desc, field


class User(Document):
    """Declared so that a checker sees it exactly."""

    name: Mapped[str]
    age: Mapped[int] = field(default=0)
    tags: Mapped[list[str]] = field(default_factory=list)


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
