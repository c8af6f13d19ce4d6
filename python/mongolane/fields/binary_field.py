"""
Bytes, and secrets that are only kept hashed.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Literal,
    Self,
    TypeVar,
    get_args,
    get_type_hints,
    overload,
)

from bson.binary import Binary
from pydantic_core import SchemaSerializer, core_schema

from .._compat import signature_of
from ..codec.plan import Kind, Through
from ..errors import BinaryDecodingError, FieldError, InvalidBinaryTypeError
from .field import Field

__all__ = ["BinaryField", "Bytes", "Hashed"]

B = TypeVar("B", covariant=True)

_MASK = "**********"


def _in_json(text: Callable[[Any], str]) -> SchemaSerializer:
    """What pydantic looks for on a value of a type it does not know."""
    form = core_schema.plain_serializer_function_ser_schema(text, when_used="json")
    return SchemaSerializer(core_schema.any_schema(serialization=form))


class Bytes(Binary):
    """
    ``bson.Binary``, which becomes text in JSON: UTF-8 if it is that, else base64.

    That lets FastAPI answer any ``to_dict()``: by pydantic, which asks for the
    serializer below, or by its older encoder, which calls ``decode()``.
    """

    __pydantic_serializer__: SchemaSerializer = _in_json(lambda value: value.decode())

    def __new__(cls, data: bytes) -> Self:
        return super().__new__(cls, bytes(data), 0)

    def __eq__(self, other: object) -> bool:
        # Binary is never equal to bytes, which surprises who compares hashes.
        if isinstance(other, Binary):
            return super().__eq__(other)
        return bytes(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return super().__hash__()

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        try:
            return super().decode(encoding, errors)
        except UnicodeDecodeError:
            if encoding != "utf-8":
                raise
            return base64.b64encode(self).decode()

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (bytes(self),)


class Hashed(Bytes):
    """The outcome of a hash function; never hashed again, never shown."""

    __pydantic_serializer__: SchemaSerializer = _in_json(lambda value: _MASK)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        # FastAPI's older encoder must not send it; the application may compare it.
        if sys._getframe(1).f_globals.get("__name__") == "fastapi.encoders":
            return _MASK
        return super().decode(encoding, errors)

    def __repr__(self) -> str:
        return f"Hashed('{_MASK}')"

    __str__ = __repr__


class BinaryField(Field[B]):
    """
    Bytes; text is encoded. With a hash function, only its outcome is kept.

    Args:
        hash_function: gets text (or bytes, if its first parameter is annotated so) and
            gives bytes. Applied once to every value given, text and bytes, on every
            way into the database; what comes from the database is hashed already.
        return_decoded: an instance holds text, by ``decode``.
        encode: text to bytes; UTF-8 when None.
        decode: bytes to text; UTF-8 when None.
        kwargs: what every ``Field`` takes.
    """

    error: ClassVar[type[FieldError]] = InvalidBinaryTypeError

    if TYPE_CHECKING:
        # Text becomes bytes, and the other way round.
        def __set__(self, instance: Any, value: Any, /) -> None: ...

    @overload
    def __init__(
        self: BinaryField[bytes],
        hash_function: Callable[..., Any] | None = None,
        return_decoded: Literal[False] = False,
        encode: Callable[[str], bytes] | None = None,
        decode: Callable[[bytes], str] | None = None,
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: BinaryField[str],
        hash_function: None = None,
        *,
        return_decoded: Literal[True],
        encode: Callable[[str], bytes] | None = None,
        decode: Callable[[bytes], str] | None = None,
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: BinaryField[Any],
        hash_function: Callable[..., Any] | None = None,
        return_decoded: bool = False,
        encode: Callable[[str], bytes] | None = None,
        decode: Callable[[bytes], str] | None = None,
        **kwargs: Any,
    ) -> None: ...
    def __init__(
        self,
        hash_function: Callable[..., bytes] | None = None,
        return_decoded: bool = False,
        encode: Callable[[str], bytes] | None = None,
        decode: Callable[[bytes], str] | None = None,
        **kwargs: Any,
    ) -> None:
        if hash_function is not None and not callable(hash_function):
            raise TypeError(f"hash_function is a function, not {hash_function!r}")
        super().__init__(type=(str, bytes), **kwargs)
        self.hash_function = hash_function
        self.return_decoded = return_decoded
        self.encode: Callable[[str], bytes] = encode or _encode
        self.decode: Callable[[bytes], str] = decode or _decode
        self.secret: bool = hash_function is not None
        self.held_as: type | None = (
            Hashed if self.secret else str if return_decoded else Bytes
        )
        self._takes_bytes = hash_function is not None and _takes_bytes(hash_function)

    def validate(self, value: Any) -> Any:
        if isinstance(value, Hashed):
            return value
        if not isinstance(value, (str, bytes, bytearray, memoryview)):
            raise self.problem(InvalidBinaryTypeError, "must be text or bytes", value)
        if self.hash_function is not None:
            return self._hash(value)
        return self._held(self._bytes(value))

    def load(self, value: Any) -> Any:
        if not isinstance(value, (bytes, str)):
            raise self.problem(InvalidBinaryTypeError, "must be binary", value)
        raw = self._bytes(value)
        return Hashed(raw) if self.hash_function is not None else self._held(raw)

    def _held(self, raw: bytes) -> Any:
        if not self.return_decoded:
            return Bytes(raw)
        try:
            return self.decode(raw)
        except Exception as error:
            text = "cannot be decoded"
            raise self.problem(BinaryDecodingError, text, raw) from error

    def _bytes(self, value: Any) -> bytes:
        if not isinstance(value, str):
            return bytes(value)
        try:
            return self.encode(value)
        except Exception as error:
            text = "cannot be encoded"
            raise self.problem(BinaryDecodingError, text, value) from error

    def _hash(self, value: Any) -> Hashed:
        assert self.hash_function is not None
        if self._takes_bytes:
            value = self._bytes(value)
        elif not isinstance(value, str):
            value = bytes(value).decode("utf-8", "surrogateescape")
        # From None: a hash function's own error may hold what was to be hidden.
        try:
            hashed = self.hash_function(value)
        except Exception:
            hashed = None
        if isinstance(hashed, str):
            hashed = hashed.encode()
        if not isinstance(hashed, bytes):
            text = "the hash function failed, or did not give bytes"
            raise self.problem(BinaryDecodingError, text) from None
        return Hashed(hashed)

    def kind(self, model: Callable[[Any], Kind]) -> Kind:
        return Through(self.load, self.dump, "bytes in a class of their own")

    def dump(self, value: Any) -> Any:
        """The stored form: of a secret a hash, even where nobody has checked it."""
        if self.secret and not isinstance(value, Hashed):
            value = self.validate(value)
        return self._bytes(value)

    def other_form(self, value: Any) -> Any:
        """Of a secret, bytes in a query may be the hash as well as what is hashed."""
        known = not self.secret or isinstance(value, Hashed)
        return Bytes(value) if isinstance(value, bytes) and not known else None

    def serializer(self) -> Any:
        return core_schema.plain_serializer_function_ser_schema(
            self.to_json, when_used="json-unless-none"
        )

    def to_json(self, value: Any) -> str:
        """A value as JSON's text: UTF-8, or else base64; of a secret nothing."""
        if self.secret:
            return _MASK
        return value if isinstance(value, str) else Bytes(value).decode()

    def annotation(self) -> Any:
        return str if self.return_decoded and not self.secret else bytes


def _takes_bytes(function: Callable[..., Any]) -> bool:
    """Whether the first parameter is annotated, and not with text."""
    try:
        first = next(iter(signature_of(function).parameters))
        hint = get_type_hints(function).get(first, str)
    except (StopIteration, NameError, TypeError, ValueError):
        return False
    return hint is bytes or (bool(get_args(hint)) and str not in get_args(hint))


def _encode(text: str) -> bytes:
    return text.encode()


def _decode(raw: bytes) -> str:
    return raw.decode()
