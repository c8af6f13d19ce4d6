"""Classes for hypothesis to make: types, names, defaults, validators, serializers."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import typing
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import pydantic
import pydantic.alias_generators
from hypothesis import reject
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypeAliasType

from mongolane import Document, EmbeddedDocument, Stored
from tests.codec import documents

from .rarer import HASHING, NOT_DIRECT, RARER, RARER_CONTAINERS, evens
from .shapes import shape
from .types import DIRECT, LEAVES, NEEDS_HASH, Type, containers

__all__ = ["Made", "made_models"]

T = TypeVar("T")
ALL = [*LEAVES.values(), *RARER.values()]
leaves = st.sampled_from(ALL)
direct_leaves = st.sampled_from([one for one in ALL if one.direct])
wraps = {**containers, **RARER_CONTAINERS}


class Made(NamedTuple):
    """A class, and what its instances are made of, by field."""

    cls: Any
    fields: dict[str, st.SearchStrategy[Any]]
    optional: set[str]
    direct: bool

    def __repr__(self) -> str:
        cls = self.cls
        config = {key: one for key, one in cls.model_config.items() if one}
        fields = [f"{name}: {one!r}" for name, one in cls.model_fields.items()]
        return "; ".join([f"{cls.__name__} {config}", *fields])

    @property
    def values(self) -> st.SearchStrategy[dict[str, Any]]:
        """The values of one instance."""
        required = {k: v for k, v in self.fields.items() if k not in self.optional}
        others = {k: v for k, v in self.fields.items() if k in self.optional}
        return st.fixed_dictionaries(required, optional=others)


class Box(BaseModel, Generic[T]):
    """A generic model."""

    item: T
    count: int = 0


class Cat(BaseModel):
    """Told by a key."""

    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    """Told by a key."""

    kind: Literal["dog", "wolf"] = "dog"
    loud: bool = True


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
pets = st.builds(Cat, lives=st.integers(0, 9)) | st.builds(
    Dog, kind=st.sampled_from(["dog", "wolf"]), loud=st.booleans()
)


def _tree() -> Type:
    # Made anew: pydantic lets serializers of one place reach others where a model
    # holds itself.
    class Node(BaseModel):
        """Holds itself."""

        name: str
        more: list[Node] = []

    leaf = st.builds(Node, name=documents.text)
    nodes = st.recursive(
        leaf,
        lambda inner: st.builds(
            Node, name=documents.text, more=st.lists(inner, max_size=2)
        ),
        max_leaves=4,
    )
    return Type(Node, nodes, hashable=False)


@st.composite
def any_type(draw: st.DrawFn, direct: bool, depth: int = 2) -> Type:
    """A type of any shape."""
    ways = ["leaf"] * 8 + ["container"] * 6 + ["union", "box", "model", "known"] * 2
    ways += ["alias", "strict", "inside"]
    way = draw(st.sampled_from(ways)) if depth else "leaf"
    if way == "container":
        names = [n for n in wraps if not (direct and n in DIRECT | NOT_DIRECT)]
        name = draw(st.sampled_from(names))
        inner = draw(any_type(direct, depth - 1))
        if name in NEEDS_HASH | HASHING and not inner.hashable:
            name = "list"
        return wraps[name](inner)
    if way == "union":
        one, other = draw(any_type(direct, depth - 1)), draw(any_type(direct, 0))
        forms = one.forms | other.forms
        if one.forms & other.forms or (direct and "choice" in forms):
            return one
        return Type(
            typing.Union[one.annotation, other.annotation],  # noqa: UP007
            one.values | other.values,
            one.direct and other.direct,
            one.hashable and other.hashable,
            forms,
        )
    if way == "box":
        inner = draw(any_type(direct, depth - 1))
        made: Any = Box[inner.annotation]  # type: ignore[name-defined]
        # What is checked again may refuse what it was made of.
        boxes = inner.values.map(lambda one: fitting(made, {"item": one}))
        return Type(
            made, boxes.filter(lambda one: one is not None), inner.direct, False
        )
    if way == "model":
        base = draw(st.sampled_from([BaseModel, BaseModel, EmbeddedDocument]))
        made_model = draw(made_models(direct, depth=depth - 1, base=base))
        cls = made_model.cls
        values = made_model.values.map(lambda one: fitting(cls, one))
        return Type(cls, values.filter(lambda one: one is not None), direct, False)
    if direct and way == "strict":
        way = "alias"
    if way in ("alias", "strict", "inside"):
        one = draw(any_type(direct, depth - 1))
        # Pydantic itself refuses some aliases of what holds itself.
        recursive = any(name in repr(one.annotation) for name in ("Node", "Even"))
        if recursive and way in ("alias", "strict"):
            return one
        return marked(one, way, draw)
    if way == "known":
        pet = Type(Pet, pets, hashable=False)
        return draw(st.sampled_from([pet, _tree(), evens()]))
    return draw(direct_leaves if direct else leaves)


def marked(one: Type, way: str, draw: st.DrawFn) -> Type:
    """A type under another name, or with metadata of its own."""
    if way == "alias":
        return one._replace(annotation=TypeAliasType("Alias", one.annotation))
    mark: Any = pydantic.Strict()
    if way == "inside":
        mark = draw(
            st.sampled_from(
                [
                    pydantic.AfterValidator(_again),
                    pydantic.BeforeValidator(_again),
                    pydantic.WrapValidator(_handed),
                    pydantic.PlainSerializer(_shout, when_used="json"),
                    pydantic.WrapSerializer(_around),
                    pydantic.SerializeAsAny(),
                ]
            )
        )
    annotation = Annotated[one.annotation, mark]
    try:
        pydantic.TypeAdapter(annotation)
    except RuntimeError:
        # Not all types can be strict.
        return one
    return one._replace(annotation=annotation)


def built(cls: Any, values: dict[str, Any]) -> Any:
    """An instance by names."""
    return cls.model_validate(copy.deepcopy(values), by_name=True, by_alias=False)


def fitting(cls: Any, values: dict[str, Any]) -> Any | None:
    """The same, or None where the class refuses them."""
    try:
        one = built(cls, values)
        if not _alters(cls.model_config):
            return one
        # A text in capitals may be one that its own pattern refuses: of what a class
        # would not take again itself, nothing is said.
        again = built(cls, dict(one))
        return one if shape(dict(again)) == shape(dict(one)) else None
    except (pydantic.ValidationError, TypeError):
        # Pydantic compiles anything that is a text for a pattern, also bson's Code.
        return None


def _alters(config: Any) -> bool:
    return any(str(one).startswith("str_") for one in config)


CONFIGS: list[dict[str, Any]] = [
    {},
    {"extra": "allow"},
    {"extra": "forbid"},
    {"frozen": True},
    {"strict": True},
    {"strict": True},
    {"ser_json_timedelta": "float"},
    {"ser_json_temporal": "milliseconds"},
    {"ser_json_bytes": "base64"},
    {"ser_json_bytes": "hex"},
    {"ser_json_inf_nan": "constants"},
    {"ser_json_inf_nan": "strings"},
    {"use_enum_values": True, "validate_default": True},
    {"alias_generator": pydantic.alias_generators.to_camel},
    {"str_strip_whitespace": True, "validate_default": True},
    {"str_strip_whitespace": True},
    {"str_strip_whitespace": True, "str_max_length": 9, "str_to_lower": True},
    {"str_to_upper": True},
    {"str_min_length": 1},
    {"str_to_lower": True, "validate_default": True},
    {"validate_default": True},
    {"allow_inf_nan": False},
    {"coerce_numbers_to_str": True},
    {"revalidate_instances": "always"},
    {"validate_assignment": True},
    {"serialize_by_alias": False},
    {"url_preserve_empty_path": True},
    {"regex_engine": "python-re"},
    {"arbitrary_types_allowed": True},
    {"validate_by_name": True, "validate_by_alias": False},
    {"populate_by_name": True},
    {"serialize_by_alias": True},
    {"from_attributes": True},
    {"defer_build": True},
    {"str_max_length": 12},
    {"str_to_upper": True, "validate_default": True},
    {"ser_json_temporal": "seconds"},
    {"val_json_bytes": "base64", "ser_json_bytes": "base64"},
    {"polymorphic_serialization": True},
    {"use_attribute_docstrings": True, "protected_namespaces": ()},
]


def _again(value: Any) -> Any:
    return value


def _handed(value: Any, handler: Any) -> Any:
    return handler(value)


def _shout(value: Any) -> Any:
    return f"<{value!r:.9}>"


def _around(value: Any, handler: Any) -> Any:
    return {"held": handler(value)}


def _is_empty(value: Any) -> bool:
    return value in (None, 0, "", [])


WHEN: Any = st.sampled_from(["always", "unless-none", "json", "json-unless-none"])


@st.composite
def _marks(draw: st.DrawFn) -> list[Any]:
    way = draw(st.sampled_from(["none"] * 8 + ["plain", "wrap", "after", "as_any"]))
    if way == "plain":
        return [pydantic.PlainSerializer(_shout, when_used=draw(WHEN))]
    if way == "wrap":
        return [pydantic.WrapSerializer(_around, when_used=draw(WHEN))]
    if way == "after":
        return [pydantic.AfterValidator(_again)]
    return [pydantic.SerializeAsAny()] if way == "as_any" else []


@st.composite
def _info(draw: st.DrawFn, name: str, one: Type, optional: bool) -> Any:
    said: dict[str, Any] = {}
    alias = draw(st.sampled_from([None] * 4 + ["alias", "serialization", "both"]))
    if alias in ("alias", "both"):
        said["alias"] = f"{name}Alias"
    if alias in ("serialization", "both"):
        said["serialization_alias"] = f"{name}Out"
    if alias is None and draw(st.integers(0, 9)) == 0:
        choices = pydantic.AliasChoices(f"{name}One", pydantic.AliasPath("in", 0))
        said["validation_alias"] = choices
    if draw(st.integers(0, 9)) == 0:
        said["exclude"] = True
    elif draw(st.integers(0, 14)) == 0:
        said["exclude_if"] = _is_empty
    if draw(st.integers(0, 14)) == 0:
        said["frozen"] = True
    if optional and draw(st.integers(0, 14)) == 0:
        said["validate_default"] = True
    if optional:
        value = draw(one.values)
        way = draw(st.sampled_from(["default", "factory", "data", "none"]))
        if way == "default":
            said["default"] = value
        elif way == "data":
            said["default_factory"] = lambda data: copy.deepcopy(value)
        elif way == "factory":
            said["default_factory"] = lambda: copy.deepcopy(value)
        else:
            said["default"] = None
    return Field(**said)


def _validators(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    way = draw(st.sampled_from(["none"] * 6 + ["before", "after", "wrap", "info"]))
    if way == "none":
        return found
    name = draw(st.sampled_from(names))
    if way == "wrap":

        def wrap(cls: Any, value: Any, handler: Any) -> Any:
            return handler(value)

        found["a_check"] = pydantic.field_validator(name, mode="wrap")(wrap)
    elif way == "info":

        def seeing(cls: Any, value: Any, info: Any) -> Any:
            return value

        found["a_check"] = pydantic.field_validator(name)(seeing)
    else:

        def check(cls: Any, value: Any) -> Any:
            return value

        found["a_check"] = pydantic.field_validator(name, mode=way)(check)
    return found


def _model_validators(draw: st.DrawFn) -> dict[str, Any]:
    ways = ["before", "wrap", "post", "after", "after", "told", "refuses", "several"]
    way = draw(st.sampled_from(["none"] * 12 + ways))
    if way == "before":

        def before(cls: Any, value: Any) -> Any:
            return value

        return {"a_whole": pydantic.model_validator(mode="before")(classmethod(before))}
    if way == "after":

        def after(self: Any) -> Any:
            return self

        return {"a_whole": pydantic.model_validator(mode="after")(after)}
    if way == "told":

        def told(self: Any, info: Any) -> Any:
            return self

        return {"a_whole": pydantic.model_validator(mode="after")(told)}
    if way == "refuses":

        def refuses(self: Any) -> Any:
            if "f0" not in self.model_fields_set:
                raise ValueError("f0 must be given")
            return self

        return {"a_whole": pydantic.model_validator(mode="after")(refuses)}
    if way == "several":

        def marks(self: Any) -> Any:
            self.__dict__["touched"] = len(self.__dict__)
            self.model_fields_set.add("f0")
            return self

        def post(self: Any, context: Any) -> None:
            self.__dict__["touched"] = 0

        check = pydantic.model_validator(mode="after")
        return {
            "a_whole": check(marks),
            "b_whole": check(marks),
            "model_post_init": post,
        }
    if way == "wrap":

        def wrap(cls: Any, value: Any, handler: Any) -> Any:
            return handler(value)

        return {"a_whole": pydantic.model_validator(mode="wrap")(classmethod(wrap))}
    if way == "post":

        def model_post_init(self: Any, context: Any) -> None:
            self.__dict__["touched"] = True

        return {"model_post_init": model_post_init}
    return {}


def _serializers(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    ways = ["none"] * 9 + ["field", "field_wrap", "model", "model_wrap", "computed"]
    ways += ["all", "cached"]
    way = draw(st.sampled_from(ways))
    name = draw(st.sampled_from(names))
    if way == "field":

        def plain(self: Any, value: Any) -> Any:
            return _shout(value)

        made = pydantic.field_serializer(name, when_used=draw(WHEN))(plain)
        return {"a_serial": made}
    if way == "field_wrap":

        def wrap(self: Any, value: Any, handler: Any) -> Any:
            return _around(value, handler)

        made = pydantic.field_serializer(name, mode="wrap", when_used=draw(WHEN))(wrap)
        return {"a_serial": made}
    if way == "model":

        def whole(self: Any) -> Any:
            return {"count": len(self.__dict__)}

        return {"a_serial": pydantic.model_serializer(whole)}
    if way == "model_wrap":

        def more(self: Any, handler: Any) -> Any:
            return {**handler(self), "more": 1}

        return {"a_serial": pydantic.model_serializer(mode="wrap")(more)}
    if way == "all":

        def every(self: Any, value: Any, handler: Any, info: Any) -> Any:
            return [info.field_name, handler(value)]

        return {"a_serial": pydantic.field_serializer("*", mode="wrap")(every)}
    if way == "cached":

        def counted(self: Any) -> dict[str, Any]:
            return {"at": dt.date(2024, 5, 1), "count": len(type(self).model_fields)}

        made = functools.cached_property(counted)
        made.__set_name__(None, "a_computed")  # type: ignore[arg-type]
        return {"a_computed": pydantic.computed_field(made)}
    if way == "computed":

        def computed(self: Any) -> int:
            return len(self.__dict__)

        made_field = pydantic.computed_field(alias=draw(st.sampled_from([None, "C"])))
        return {"a_computed": made_field(property(computed))}
    return {}


@st.composite
def made_models(
    draw: st.DrawFn, direct: bool, depth: int = 2, base: Any = Document
) -> Made:
    """A class with one to five fields."""
    body: dict[str, Any] = {"__module__": __name__, "__qualname__": "Model"}
    annotations: dict[str, Any] = {}
    fields: dict[str, st.SearchStrategy[Any]] = {}
    optional: set[str] = set()
    count = 40 if depth == 2 and draw(st.integers(0, 30)) == 0 else 5
    config = draw(st.sampled_from([{}] * 12 + CONFIGS))
    if direct and config.get("strict"):
        config = {}
    names = [f"f{at}" for at in range(draw(st.integers(1, count)))]
    for name in names:
        one = draw(any_type(direct, depth))
        marks = draw(_marks())
        named = base is Document or not direct
        if named and draw(st.integers(0, 5)) == 0:
            marks.append(Stored(f"{name}_kept"))
        # Defaults are not looked at, and so may be what settings would change.
        has_default = draw(st.booleans()) and not _alters(config)
        annotation = one.annotation
        if has_default:
            optional.add(name)
        body[name] = draw(_info(name, one, has_default))
        annotations[name] = Annotated[(annotation, *marks)] if marks else annotation
        fields[name] = one.values
    body["model_config"] = ConfigDict(**config)
    body["__annotations__"] = annotations
    if draw(st.integers(0, 5)) == 0:
        body["_private"] = pydantic.PrivateAttr(default_factory=list)
        body["_mark"] = 3
    body |= _validators(draw, names)
    body |= _model_validators(draw)
    body |= _serializers(draw, names)
    try:
        cls = type(base)("Model", (base,), body)
    except (TypeError, RuntimeError, pydantic.PydanticUserError):
        # Not all metadata goes with all types.
        reject()
    if draw(st.integers(0, 7)) == 0:
        cls = _below(cls)
        fields["more"] = st.none() | st.integers(-9, 9)
        optional.add("more")
    return Made(cls, fields, optional, direct)


def _below(cls: Any) -> Any:
    """A class with one field more."""
    body = {"__annotations__": {"more": int | None}, "more": None}
    return type(cls)("Below", (cls,), {"__module__": __name__, **body})
