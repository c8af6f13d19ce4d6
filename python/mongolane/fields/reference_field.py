"""
References to documents of another collection, stored as the bare id.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Generic,
    TypeVar,
    get_args,
    get_origin,
    overload,
)

from bson import ObjectId
from bson.errors import InvalidId
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import core_schema

from ..codec.plan import Kind, Scalar
from ..errors import (
    ConfigurationError,
    FieldError,
    NotFoundError,
    ReferenceConversionError,
    ReferenceTypeError,
)
from .bson_types import jsonable
from .field import Field
from .steps import Steps

if TYPE_CHECKING:
    from ..expressions import Path

__all__ = ["Reference", "ReferenceField", "ReferenceList", "id_key"]

T = TypeVar("T")
V = TypeVar("V")


class Reference(Steps, Generic[T]):
    """
    What a reference field reads as: await it for the document.

    Awaited, it gives the document, or None when there is none (the field is empty, or
    the document is gone). An instance asks its server once.

    Attributes:
        id: the referenced id, None when the field is empty.
    """

    __slots__ = ("_cache", "_database", "_field", "_steps", "id")

    id: Any

    def __init__(
        self,
        id: Any,
        field: ReferenceField[T],
        cache: dict[Any, Any] | None = None,
        database: Any = None,
    ) -> None:
        self.id, self._field, self._database = id, field, database
        self._cache = {} if cache is None else cache

    def __await__(self) -> Generator[Any, None, T | None]:
        return self.fetch().__await__()

    async def fetch(self, *, required: bool = False) -> T | None:
        """
        The document.

        Args:
            required: raise instead of giving None.

        Raises:
            NotFoundError: there is none, and ``required``.
        """
        key = (self._field.name, id_key(self.id))
        if self.id is not None and key not in self._cache:
            query = {"_id": {"$eq": self.id}}
            documents = await self._field.find(query, self._database)
            self._cache[key] = documents[0] if documents else None
        found = self._cache.get(key)
        if found is None and required:
            where = f"{self._field.owner}.{self._field.name}"
            raise NotFoundError(f"{where} refers to {self.id!r}, which does not exist")
        return found

    def __bool__(self) -> bool:
        return self.id is not None

    def __eq__(self, other: object) -> bool:
        other = other.id if isinstance(other, Reference) else other
        return bool(self.id == other)

    def __hash__(self) -> int:
        return hash(self.id)

    if not TYPE_CHECKING:
        # A checker knows what a reference has.

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            where = f"{self._field.owner}.{self._field.name}"
            raise AttributeError(
                f"{where} is a reference, not the document: "
                f"(await ...).{name} is missing"
            )

    def __repr__(self) -> str:
        return f"Reference({self.id!r})"


class ReferenceList(list[Any], Generic[T]):
    """
    A list of ids; awaited, the documents in the same order, by one query.

    In the place of a document that is gone there is None.
    """

    __slots__ = ("_cache", "_field", "database")
    _field: Any  # a ReferenceField, which would be a descriptor to a checker
    database: Any
    """Where the documents are; None: in the default one."""

    def __getstate__(self) -> Any:
        # What was fetched is neither copied nor pickled.
        kept = ("_field", "database")
        return None, {one: getattr(self, one) for one in kept if hasattr(self, one)}

    def __await__(self) -> Generator[Any, None, list[T | None]]:
        return self._fetch().__await__()

    async def _fetch(self) -> list[T | None]:
        cache: dict[Any, Any] = getattr(self, "_cache", {})
        ids = {id_key(one): one for one in self}
        missing = {key: one for key, one in ids.items() if key not in cache}
        if missing:
            cache.update(dict.fromkeys(missing))
            database = getattr(self, "database", None)
            query = {"_id": {"$in": [*missing.values()]}}
            found = await self._field.find(query, database)
            cache.update((id_key(one.id), one) for one in found)
            self._cache = cache
        return [cache[id_key(one)] for one in self]


def id_key(document_id: Any) -> Any:
    """What an id is kept under; a model that is one may have no hash."""
    try:
        hash(document_id)
    except TypeError:
        return repr(document_id)
    return document_id


class ReferenceField(Field[Any], Generic[T]):
    """
    A reference to a document: stored as its id, read as something to await.

    Args:
        document: the class; or its name, or "self", looked up at first use.
        kwargs: what every ``Field`` takes; ``document_class`` is ``document``.
    """

    error: ClassVar[type[FieldError]] = ReferenceTypeError

    if TYPE_CHECKING:

        @overload  # type: ignore[override]
        def __get__(self, instance: None, owner: Any, /) -> Path[Any]: ...
        @overload
        def __get__(self, instance: object, owner: Any, /) -> Reference[T]: ...
        def __get__(self, instance: Any, owner: Any, /) -> Any: ...
        def __set__(self, instance: Any, value: Any, /) -> None: ...

    # Of a class that is only named, a checker knows nothing:
    # ``parent: ReferenceField["Team"] = ReferenceField("self")`` tells it.
    @overload
    def __init__(self: ReferenceField[V], document: type[V], **kwargs: Any) -> None: ...
    @overload
    def __init__(
        self: ReferenceField[V], *, document_class: type[V], **kwargs: Any
    ) -> None: ...
    @overload
    def __init__(
        self: ReferenceField[Any],
        document: str | None = None,
        *,
        document_class: str | None = None,
        **kwargs: Any,
    ) -> None: ...
    def __init__(self, document: Any = None, **kwargs: Any) -> None:
        document = kwargs.pop("document_class", document)
        good = isinstance(document, str) or (
            isinstance(document, type) and issubclass(document, BaseModel)
        )
        if not good:
            raise ConfigurationError(
                f"ReferenceField needs a Document class or its name, not {document!r}"
            )
        super().__init__(type=None, **kwargs)
        self._document: Any = document
        self._module: str | None = None
        self._adapter: Any = None

    @property
    def document(self) -> Any:
        """The referenced class."""
        return self.target()

    document_class = document

    def bind(self, cls: type) -> None:
        """Learn which class "self" is, and where names are looked up."""
        if self._module is None:
            self._module = cls.__module__
            if self._document in ("self", cls.__name__):
                self._document = cls

    def target(self) -> Any:
        """The referenced class, looked up by its name if need be."""
        if isinstance(self._document, str):
            module, _, name = self._document.rpartition(":")
            scope = vars(sys.modules.get(module or self._module or "", sys))
            if name not in scope:
                text = f"{self.owner}.{self.name} refers to an unknown class {name!r}"
                raise ConfigurationError(text)
            self._document = scope[name]
        return self._document

    async def find(self, query: dict[str, Any], database: Any = None) -> list[Any]:
        """
        Referenced documents, those of subclasses in their own collections, too.

        Args:
            query: a filter.
            database: where they are; None: in the default one.
        """
        target = self.target()
        several = bool(target.__subclasses__())
        home = target if database is None else target.using(database)
        found: list[Any] = await (
            home.find_many(query) if several else home.find(query)
        )
        return found

    def validate(self, value: Any) -> Any:
        if isinstance(value, Reference):
            value = value.id
        if isinstance(value, BaseModel) and type(value) not in self._id_classes():
            return self._id_of(value)
        if self._is_object_id():
            return self._object_id(value)
        try:
            return self._id_adapter().validate_python(value)
        except ValidationError:
            text = f"must be the id of a {self._target_name()}"
            raise self.problem(ReferenceConversionError, text, value) from None

    def _id_of(self, value: Any) -> Any:
        if not isinstance(value, self.target()):
            text = f"must be a {self._target_name()} or its id"
            raise self.problem(ReferenceTypeError, text, value)
        if value.id is None:
            text = f"must be a {self._target_name()} that is saved"
            raise self.problem(ReferenceTypeError, text, value)
        return value.id

    def _object_id(self, value: Any) -> ObjectId:
        if isinstance(value, ObjectId):
            return value
        if not isinstance(value, (str, bytes)):
            text = f"must be a {self._target_name()} or its id"
            raise self.problem(ReferenceTypeError, text, value)
        try:
            return ObjectId(value)
        except InvalidId:
            text = f"must be the id of a {self._target_name()}"
            raise self.problem(ReferenceConversionError, text, value) from None

    def _is_object_id(self) -> bool:
        # A class that is not there yet is taken to have the usual ids.
        if isinstance(self._document, str) and self._module is None:
            return True
        return self._id_classes() in (set(), {ObjectId})

    def _id_classes(self) -> set[Any]:
        """The types that an id may have; none if the class declares no id."""
        info = self.target().model_fields.get("id")
        return set() if info is None else _classes_in(info.annotation) - {type(None)}

    def _id_adapter(self) -> Any:
        if self._adapter is None:
            made: Any = TypeAdapter
            self._adapter = made(self.target().model_fields["id"].annotation)
        return self._adapter

    def _target_name(self) -> str:
        name = getattr(self._document, "__name__", self._document)
        return str(name)

    async def fetch(self, obj: Any) -> T | None:
        """The document that ``obj`` refers to, or None."""
        reference: Reference[T] = getattr(obj, self.name or "")
        return await reference

    def kind(self, model: Callable[[Any], Kind]) -> Kind:
        if self._is_object_id():
            return Scalar("object_id")
        return model(self.target().model_fields["id"].annotation)

    def annotation(self) -> Any:
        return Any

    def many(self, ids: Sequence[Any]) -> ReferenceList[T]:
        """Ids that can be awaited together."""
        found: ReferenceList[T] = ReferenceList(ids)
        found._field = self
        return found

    def serializer(self) -> Any:
        return core_schema.plain_serializer_function_ser_schema(
            jsonable, when_used="json-unless-none"
        )

    def json_schema(self) -> dict[str, Any]:
        text = {"type": "string"} if self.required else {"type": ["string", "null"]}
        return {**super().json_schema(), **text}


def _classes_in(annotation: Any) -> set[Any]:
    if get_origin(annotation) is Annotated:
        return _classes_in(get_args(annotation)[0])
    if args := get_args(annotation):
        return {one for arg in args for one in _classes_in(arg)}
    return {annotation}
