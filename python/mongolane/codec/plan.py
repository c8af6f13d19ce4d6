"""
The plan: how one class lies in BSON. Both codecs, native and Python, obey it.

``schema`` reads a class once and writes a plan; ``codec.compile`` turns the plan
into something that decodes and encodes. A plan holds no pydantic: where a
field or a whole class needs it, the plan carries a plain callable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

__all__ = [
    "MISSING",
    "Clock",
    "DateTime",
    "Day",
    "DictOf",
    "EnumOf",
    "Exactly",
    "FieldPlan",
    "Fixed",
    "Kind",
    "ListOf",
    "Literal",
    "Model",
    "ModelPlan",
    "Nullable",
    "OneOf",
    "Parts",
    "Scalar",
    "Span",
    "Through",
]


class _Missing(Enum):
    MISSING = "MISSING"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING
"""No default: the field must be in the document."""


class Kind:
    """How one value lies in BSON; one of the subclasses below."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Scalar(Kind):
    """
    A value with a BSON type of its own.

    ``tag`` is one of: ``any`` (whatever comes, as ``codec.decode`` gives it),
    ``str``, ``int`` (int32 or int64), ``float`` (double; an int is accepted and
    becomes a float), ``bool``, ``object_id``, ``decimal`` (``decimal.Decimal``
    from Decimal128), ``decimal128`` (``bson.Decimal128``), ``bytes`` (binary
    subtype 0), ``uuid`` (binary subtype 4).
    Constraints are those that can be checked without Python: ``min_length``,
    ``max_length`` (str in code points, bytes in bytes), ``ge``, ``gt``, ``le``, ``lt``.
    A value that breaks one is a mismatch: the document goes to ``fallback``,
    where pydantic raises its own error.
    A text is first stripped of white space (``strip``), then checked, then written in
    one ``case``: ``lower`` or ``upper``.
    """

    tag: str
    min_length: int | None = None
    max_length: int | None = None
    ge: Any = None
    gt: Any = None
    le: Any = None
    lt: Any = None
    pattern: str | None = None
    strip: bool = False
    case: str | None = None


@dataclass(frozen=True, slots=True)
class DateTime(Kind):
    """A BSON date; aware UTC when ``aware``, naive UTC otherwise."""

    aware: bool = True


@dataclass(frozen=True, slots=True)
class Day(Kind):
    """A ``date``: a BSON date, which is its midnight in UTC."""


@dataclass(frozen=True, slots=True)
class Clock(Kind):
    """A ``time`` without a zone: ISO 8601 text with seconds, as ``isoformat`` gives."""


@dataclass(frozen=True, slots=True)
class Span(Kind):
    """A ``timedelta``: its seconds, a double. Has no JSON: pydantic spells it."""


@dataclass(frozen=True, slots=True)
class Exactly(Kind):
    """
    A value of one of ``bson``'s own types, as ``codec.decode`` gives it.

    What is binary is a ``Binary`` whatever its subtype, and an int32 an ``Int64``.
    """

    cls: type


@dataclass(frozen=True, slots=True)
class EnumOf(Kind):
    """Members stored by their value. A value that no member has is a mismatch."""

    cls: type[Enum]


@dataclass(frozen=True, slots=True)
class Literal(Kind):
    """One of these values (str, int, bool or None), stored as it is."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Nullable(Kind):
    """``inner`` or null."""

    inner: Kind


@dataclass(frozen=True, slots=True)
class ListOf(Kind):
    """An array of ``item``; ``container`` is list, tuple, set, frozenset or deque."""

    item: Kind
    container: type = list
    min_length: int | None = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class Fixed(Kind):
    """An array of so many items, each of its own kind: a tuple."""

    items: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class DictOf(Kind):
    """A document with any text keys whose values are ``value``."""

    value: Kind


@dataclass(frozen=True, slots=True)
class Model(Kind):
    """An embedded document; ``plan`` may still be without fields (recursion)."""

    plan: ModelPlan


@dataclass(frozen=True, slots=True)
class OneOf(Kind):
    """
    A union whose alternatives differ in BSON type, or models told apart by a key.

    ``discriminator`` is the stored key whose value chooses from ``tagged``: a class,
    or a union that is told apart by another key of the same document.
    """

    alternatives: tuple[Kind, ...] = ()
    discriminator: str | None = None
    tagged: Mapping[Any, Model | OneOf] = field(default_factory=dict)

    @property
    def models(self) -> tuple[Model, ...]:
        """The classes that a discriminator may choose, at any depth."""
        found: list[Model] = []
        for one in self.tagged.values():
            found.extend(one.models if isinstance(one, OneOf) else [one])
        return tuple(found)

    def chosen(self, document: Mapping[str, Any]) -> Model | None:
        """The class that a document names by the discriminator, if it names one."""
        try:
            found = self.tagged.get(document.get(self.discriminator or ""))
        except TypeError:
            # Nothing that could be a tag.
            return None
        return found.chosen(document) if isinstance(found, OneOf) else found


@dataclass(frozen=True, slots=True)
class Through(Kind):
    """
    A field that goes through Python: a validator of its own, an unusual type.

    ``load`` gets the plain decoded value (as ``codec.decode`` gives it) and returns the
    attribute's value; any ValueError is a mismatch of the document. ``dump`` gets the
    attribute's value and returns something the codec encodes. ``json`` gets the
    attribute's value and returns its JSON; without it, JSON of the class is made
    from instances.
    ``why`` is for people. A ``secret`` is never shown in a message. ``inner`` is how
    the value lies in BSON, where that is known: for queries, codecs don't ask.

    What follows spares work and changes no outcome. ``besides`` is the kind that values
    are of besides: one that is exactly of it is stored by it. ``exact`` says that what
    it makes of a stored value is the value, and needs no check. ``checked``, if given,
    gets what ``besides`` makes of a stored value, instead of ``load``; any error is a
    mismatch. If it gives back the very same object, JSON is written as ``besides`` has
    it. ``direct`` gets the plain value instead of ``load`` where nothing is in it but
    texts, numbers, bools, nulls, dates, ObjectIds, UUIDs, bytes, arrays and documents.
    ``record`` is a class, and the names of its attributes: its instances are stored as
    a document of them, each as it is. ``models`` are members of a union that BSON types
    cannot tell: the first one whose stored form a document is, byte for byte, is meant.
    ``alike`` says that a value has no other stored form than ``encode`` has for it, if
    it takes it at all. ``parts`` is what a value is made of, for queries, too.
    """

    load: Callable[[Any], Any]
    dump: Callable[[Any], Any]
    why: str = ""
    json: Callable[[Any], bytes] | None = None
    secret: bool = False
    inner: Kind | None = None
    besides: Kind | None = None
    checked: Callable[[Any], Any] | None = None
    direct: Callable[[Any], Any] | None = None
    models: tuple[Model, ...] = ()
    alike: bool = False
    exact: bool = False
    record: tuple[type, tuple[str, ...]] | None = None
    parts: Parts | None = None


@dataclass(slots=True, eq=False)
class Parts:
    """
    What a value is made of that is no model: the fields of a dataclass, of a tuple.

    Attributes:
        owner: the class's name.
        unfold: gives by name where each lies, its kind, and its type; a class may hold
            itself, so it is called as late as can be.
        open: there may be others.
        adapter: gives what checks a value of a type.
        learnt: what others have worked out of it, to do it once.
    """

    owner: str
    unfold: Callable[[], Mapping[str, tuple[str, Kind, Any]]]
    open: bool = False
    adapter: Callable[[Any], Any] | None = None
    learnt: dict[Any, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """
    One declared field.

    Attributes:
        name: the attribute's name on the instance.
        key: the stored key (``_id`` for ``id``).
        kind: how its value lies in BSON.
        default: what an absent key becomes, or MISSING. Must be immutable.
        default_factory: called for an absent key instead, when given.
        omit_none: do not store the key when the value is None.
        json_key: the key in JSON; the attribute's name when None.
        json_skip: not in JSON at all (``exclude=True``).
        json: gets the attribute's value and returns its JSON; used for defaults, and
            for every value where ``json_by_value``.
        given: what a constructor is given the value by; the first that is there counts.
        json_by_value: reason why JSON is made from the attribute's value instead of
            BSON, or None.
        adopted: which values of the declared type a constructor leaves as they are: all
            (empty); ``held``, what a database can give back: no None, dates in UTC and
            milliseconds; or ``given``, the same, where a missing one is pydantic's.
    """

    name: str
    key: str
    kind: Kind
    default: Any = MISSING
    default_factory: Callable[[], Any] | None = None
    omit_none: bool = False
    json_key: str | None = None
    json_skip: bool = False
    json: Callable[[Any], bytes] | None = None
    json_by_value: str | None = None
    given: tuple[str, ...] = ()
    adopted: str = ""


@dataclass(slots=True, eq=False)
class ModelPlan:
    """
    One class. ``fields`` may be set after construction, once, for recursive classes.

    Attributes:
        cls: the class to make instances of.
        fields: in declared order.
        fallback: gets the whole plain document (stored keys) and returns a
            validated instance or raises; used for any mismatch.
        direct: gets the same by attributes' names, instead of ``fallback``, where
            nothing is in it but what ``Through.direct`` says; on any error
            ``fallback`` is asked.
        dump: gets an instance and returns a plain document with stored keys; used when
            an attribute's value is not of the declared kind.
        after: gets each instance that was made by the plan, and gives the one that is
            meant (validators of the whole that come last); any error is a mismatch.
        whole: reason why every document must go through ``fallback`` (model validators,
            custom ``__init__``...), or None.
        whole_dump: reason why every instance must be encoded through ``dump``, or None.
        json_through: reason why JSON must be made by pydantic from instances, or None;
            ``json_dump`` then gets an instance and returns JSON bytes.
        again: gets an instance before its JSON is written, and gives the one that is
            meant: validators look at it once more.
        adopts: whether pydantic makes of a mapping, whose values are of the types
            declared, an instance with the same values.
        known_only: whether that holds only if it has no other keys than those.
        extra: ``ignore``, ``allow`` (kept in ``__pydantic_extra__``) or ``forbid``
            (mismatch).
        private: defaults of private attributes by name, or None when the class has
            none; a callable value is called for each instance.
        keep_raw: keep the document's BSON on the instance: in
            ``__pydantic_private__`` when ``private`` has this name, else by
            ``object.__setattr__``; or None.
        learnt: what others have worked out of the plan, to do it once.
    """

    cls: type
    fields: tuple[FieldPlan, ...] = ()
    fallback: Callable[[dict[str, Any]], Any] | None = None
    direct: Callable[[dict[str, Any]], Any] | None = None
    dump: Callable[[Any], dict[str, Any]] | None = None
    after: Callable[[Any], Any] | None = None
    whole: str | None = None
    whole_dump: str | None = None
    json_through: str | None = None
    json_dump: Callable[[Any], bytes] | None = None
    again: Callable[[Any], Any] | None = None
    adopts: bool = False
    known_only: bool = False
    extra: str = "ignore"
    private: Mapping[str, Any] | None = None
    keep_raw: str | None = None
    learnt: dict[Any, Any] = field(default_factory=dict, repr=False)
