"""Paths: names to stored keys, and what they refuse."""

from __future__ import annotations

import pytest

from mongolane.errors import QueryError, UnknownFieldError
from mongolane.expressions import FieldSpec, Path, Shape, path_of
from tests.expressions.shapes import USER, User


@pytest.mark.parametrize(
    ("path", "stored", "shown"),
    [
        (User.id, "_id", "User.id"),
        (User.address.city.name, "address.c.n", "User.address.city.name"),
        (User.tags[0], "tags.0", "User.tags[0]"),
        (User.items[2].price, "items.2.p", "User.items[2].price"),
        (User.items.price, "items.p", "User.items.price"),
        (User.items.each.price, "items.$[].p", "User.items.each.price"),
        (User.items.matched.price, "items.$.p", "User.items.matched.price"),
        (User.items.filtered("x").price, "items.$[x].p", None),
        (User.extra.anything.at_all, "extra.anything.at_all", None),
        (User.extra["a key"], "extra.a key", "User.extra['a key']"),
    ],
)
def test_path_gives_stored_key(path, stored, shown):
    """A path's text is the stored path and its repr is what was typed."""
    assert str(path) == stored
    assert shown is None or repr(path) == shown


def test_field_hides_method():
    """An embedded field comes before a method of the same name."""
    assert str(User.address.size) == "address.size"
    assert User.address.size(2).to_filter() == {"address": {"$size": 2}}
    assert User.tags.size(2).to_filter() == {"tags": {"$size": 2}}


def test_field_of_elements_hides_method():
    """So does a field of an array's elements; called, it is the array's method."""
    part = Shape("Part", {name: FieldSpec(name, name) for name in ("size", "each")})
    spec = FieldSpec("parts", "ps", item=FieldSpec("", "", shape=part))
    path = Path.of(Shape("Whole", {"parts": spec}), "parts")

    assert str(path.size) == "ps.size"
    assert path.size(2).to_filter() == {"ps": {"$size": 2}}
    assert str(path.each.size) == "ps.$[].size"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            lambda: Path.of(USER, "nmae"),
            "User has no field 'nmae'; did you mean 'name'?",
        ),
        (lambda: User.items.prise, "has no field 'prise'; did you mean 'price'"),
        (
            lambda: User.name.exist,
            "User.name has no field 'exist'; did you mean 'exist",
        ),
        (lambda: User.address.exsts, "User.address has no field 'exsts'; did you mean"),
        (lambda: User.address.ctiy, "Address has no field 'ctiy'; did you mean 'city'"),
        (lambda: User.items.each.prize, "Item has no field 'prize'; did you mean"),
        (lambda: User.age.years, "User.age has no field 'years'"),
    ],
)
def test_unknown_field_names_near(path, message):
    """An unknown field is refused with its class and the name that is near."""
    with pytest.raises(UnknownFieldError, match="has no field") as caught:
        path()

    assert message in str(caught.value)


def test_dunder_is_plain_attribute_error():
    """Names with an underscore are never taken for fields."""
    assert not hasattr(User.extra, "_repr_html_")


@pytest.mark.parametrize("index", [-1, True, 1.5])
def test_odd_index_is_refused(index):
    """A path takes an index from 0 upwards, or a key."""
    with pytest.raises(QueryError):
        User.tags[index]


@pytest.mark.parametrize("key", ["a.b", "$a", "", "a\0"])
def test_keys_without_a_path_are_refused(key):
    """A key that no path leads to is refused, not taken for another one."""
    with pytest.raises(QueryError, match="no path leads"):
        User.extra[key]


def test_array_filter_name_is_checked():
    """The name of an array filter is letters and digits."""
    with pytest.raises(QueryError):
        User.items.filtered("$x")


def test_paths_stand_in_containers():
    """Paths are found in lists and dicts although == gives a filter."""
    assert User.age in [User.name, User.age]
    assert User.age not in [User.name]
    assert {User.age: 1}[Path.of(USER, "age")] == 1


def test_same_name_of_two_classes_differs():
    """Fields of the same name of two classes are different paths."""
    other = Shape("Other", {"age": FieldSpec("age", "age")})

    assert Path.of(other, "age") not in [User.age]


@pytest.mark.parametrize(
    "use",
    [
        lambda: bool(User.age),
        lambda: bool(User.age > 3),
        lambda: User.age > 3 and User.age < 5,
        lambda: not (User.age > 3),
        lambda: "a" in User.tags,
    ],
)
def test_truth_is_refused(use):
    """Neither a path nor a filter is true or false; the error says what to write."""
    with pytest.raises(QueryError, match=r"& \| ~|compare it|contains"):
        use()


def test_iteration_is_refused():
    """A path is not the list that it leads to."""
    with pytest.raises(TypeError):
        list(User.tags)


def test_recursive_shape():
    """A class that holds itself has paths of any depth."""
    node = Shape("Node")
    node.fields = {"next": FieldSpec("next", "x", shape=node)}

    assert str(Path.of(node, "next").next.next) == "x.x.x"


def test_cached_names_are_bounded():
    """Names from requests cannot fill the memory of a shape."""
    for number in range(5000):
        USER.locate(f"items.{number}.price")

    assert len(USER.located) <= 4096


def test_path_of_gives_the_path_back():
    """``path_of`` is for type checkers: it gives what it got."""
    assert path_of(User.address.city) is not None
    assert str(path_of(User.address.city.name)) == "address.c.n"


@pytest.mark.parametrize("value", ["name", 3, None, User])
def test_path_of_takes_paths_alone(value):
    """What is no path is refused, and named."""
    with pytest.raises(QueryError, match=r"path_of\(\) takes a field of a class"):
        path_of(value)
