"""
What ``Annotated`` may carry besides pydantic's own: names, indexes, the version.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import ConfigurationError
from ._index_rules import check_index

__all__ = ["Index", "Mark", "Stored", "Version"]

_DIRECTIONS = (1, -1, "2d", "2dsphere", "hashed", "text")
_OPTIONS = frozenset(
    {
        "2dsphereIndexVersion", "background", "bits", "bucketSize", "collation",
        "default_language", "expireAfterSeconds", "hidden", "language_override", "max",
        "min", "name", "partialFilterExpression", "prepareUnique", "sparse",
        "storageEngine", "textIndexVersion", "unique", "v", "weights",
        "wildcardProjection",
    }
)  # fmt: skip


class Mark:
    """Metadata that is ours; pydantic carries it and asks no more of it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Stored(Mark):
    """
    How a field lies in the database.

    Attributes:
        name: the stored key; None: the attribute's name. Never the pydantic alias.
        secret: ``"plain"`` stores the content of a ``SecretStr`` or ``SecretBytes`` as
            it is. Without it, a class with such a field cannot be stored.
        decimal: what happens to a ``Decimal`` of more than 34 digits: ``"error"`` or
            ``"round"`` (half to even).
    """

    name: str | None = None
    secret: Literal["plain"] | None = None
    decimal: Literal["error", "round"] = "error"

    def __post_init__(self) -> None:
        name = self.name
        if name is not None and not _is_key(name):
            raise ConfigurationError(f"{name!r} cannot be the name of a stored key")
        if self.secret not in (None, "plain"):
            raise ConfigurationError(f'secret is None or "plain", not {self.secret!r}')
        if self.decimal not in ("error", "round"):
            raise ConfigurationError(
                f'decimal is "error" or "round", not {self.decimal!r}'
            )


def _is_key(name: Any) -> bool:
    if not isinstance(name, str) or not name or name[0] == "$" or "\0" in name:
        return False
    return not any("\ud800" <= one <= "\udfff" for one in name)


@dataclass(frozen=True, slots=True)
class Version(Mark):
    """Marks the integer field that counts an object's writes (optimistic locking)."""


@dataclass(frozen=True, slots=True, init=False)
class Index(Mark):
    """
    An index: on its field inside ``Annotated``, on those that it names otherwise.

    Attributes:
        keys: ``(field, direction)`` pairs. Empty, inside ``Annotated``: the field
            itself; ``"$**"`` there is every key below the field.
        direction: of the annotated field: 1, -1, "2dsphere", "text", "hashed", ...
        options: what goes to the server: ``unique``, ``sparse``, ``hidden``,
            ``expireAfterSeconds`` (a number or a timedelta), ``name``,
            ``partialFilterExpression``, ``collation`` (a dict, or a locale),
            ``weights``, ``wildcardProjection``, ...; ``expire_after_seconds`` is as
            good.

    Raises:
        ConfigurationError: for a definition that no server would take.
    """

    keys: tuple[tuple[str, Any], ...] = ()
    direction: Any = 1
    options: dict[str, Any] = field(default_factory=dict)

    def __init__(
        self, *keys: Any, direction: int | str = 1, unique: bool = False, **options: Any
    ) -> None:
        pairs = tuple(_pair(key) for key in keys)
        for _, one in (*pairs, ("", direction)):
            if one not in _DIRECTIONS:
                raise ConfigurationError(f"{one!r} is no direction of an index")
        object.__setattr__(self, "keys", pairs)
        object.__setattr__(self, "direction", direction)
        given = {_option(name): value for name, value in options.items()}
        given = {**({"unique": unique} if unique is not False else {}), **given}
        if isinstance(locale := given.get("collation"), str):
            given["collation"] = {"locale": locale}
        object.__setattr__(self, "options", given)
        self._check()

    def _check(self) -> None:
        check_index(self.keys or (("", self.direction),), self.options)

    def __hash__(self) -> int:
        return hash((self.keys, self.direction, tuple(self.options)))


def _option(name: str) -> str:
    """An option as the server spells it."""
    if name in _OPTIONS:
        return name
    first, *rest = name.split("_")
    camel = first + "".join(map(str.capitalize, rest))
    if camel in _OPTIONS:
        return camel
    raise ConfigurationError(f"{name!r} is no option of an index")


def _pair(key: Any) -> tuple[str, Any]:
    if isinstance(key, str):
        if not key.strip("-"):
            raise ConfigurationError("a key of an index has no name")
        return (key[1:], -1) if key[:1] == "-" else (key, 1)
    if isinstance(key, (tuple, list)) and len(key) == 2:
        return str(key[0]), key[1]
    if (stored := getattr(key, "name", None)) is not None:
        return str(stored), getattr(key, "direction", 1)
    raise ConfigurationError(f"{key!r} is no key of an index")
