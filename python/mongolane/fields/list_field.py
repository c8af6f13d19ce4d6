"""
Lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from pydantic_core import core_schema

from ..codec.plan import Kind, ListOf, Scalar, Through
from ..errors import FieldError, ListItemTypeError, ListValueTypeError
from .binary_field import BinaryField
from .bson_types import jsonable
from .enum_field import EnumField
from .field import Field
from .reference_field import ReferenceField, ReferenceList

__all__ = ["ListField"]

L = TypeVar("L", bound=list[Any], covariant=True)
V = TypeVar("V")


class ListField(Field[L]):
    """
    A list whose items are checked by another field.

    Args:
        field: a field object for the items; None takes any items. The items of an
            ``EnumField`` are members, those of a ``ReferenceField`` are ids.
        kwargs: what every ``Field`` takes.
    """

    error: ClassVar[type[FieldError]] = ListValueTypeError

    if TYPE_CHECKING:

        @overload
        def __set__(
            self: ListField[ReferenceList[Any]],
            instance: Any,
            value: Iterable[Any] | None,
            /,
        ) -> None: ...
        @overload
        def __set__(self, instance: Any, value: L | None, /) -> None: ...
        def __set__(self, instance: Any, value: Any, /) -> None: ...

    @overload
    def __init__(
        self: ListField[list[Any]], field: None = None, **kwargs: Any
    ) -> None: ...
    @overload
    def __init__(
        self: ListField[ReferenceList[V]], field: ReferenceField[V], **kwargs: Any
    ) -> None: ...
    @overload
    def __init__(
        self: ListField[list[V]], field: Field[V] | type[Field[V]], **kwargs: Any
    ) -> None: ...
    def __init__(self, field: Any = None, **kwargs: Any) -> None:
        kind: Any = list
        super().__init__(type=kind, **kwargs)
        if isinstance(field, type) and issubclass(field, Field):
            field = field()
        self.field: Field[Any] | None = field
        self.secret: bool = field is not None and field.secret

    def named(self, owner: str, name: str) -> None:
        super().named(owner, name)
        if self.field is not None:
            self.field.named(owner, f"{name}[]")

    def validate(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.problem(ListValueTypeError, "must be a list", value)
        return self._each(value, self._check)

    def load(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.problem(ListValueTypeError, "must be a list", value)
        return self._each(value, self._load)

    def _each(self, value: list[Any], step: Callable[[Any], Any]) -> list[Any]:
        items = [self._item(at, item, step) for at, item in enumerate(value)]
        if isinstance(self.field, ReferenceField):
            return self.field.many(items)
        return items

    def _check(self, item: Any) -> Any:
        if isinstance(self.field, EnumField):
            return self.field.member(item)
        return item if self.field is None else self.field.validate(item)

    def _load(self, item: Any) -> Any:
        if self.field is None or isinstance(self.field, EnumField):
            return self._check(item)
        return self.field.load(item)

    def _item(self, at: int, item: Any, step: Callable[[Any], Any]) -> Any:
        try:
            return step(item)
        except FieldError as error:
            text = f"item {at}: {error.reason}"
            made = ListItemTypeError(text, self.owner, self.name, error.value)
            made.told = f"item {at}: {error.told}"
            raise made from error

    def annotation(self) -> Any:
        if self.field is None:
            return list[Any]
        if isinstance(self.field, EnumField):
            return list[self.field.enum]  # type: ignore[name-defined]
        item: Any = self.field.annotation()
        return list[item]

    def kind(self, model: Callable[[Any], Kind]) -> Kind:
        if self.field is None:
            return ListOf(Scalar("any"))
        if isinstance(self.field, EnumField):
            return ListOf(model(self.field.enum))
        if isinstance(self.field, ReferenceField):
            return Through(self.load, list, "ids that can be awaited together")
        item = self.field.kind(model)
        if isinstance(item, Through):
            # Items go one by one, so that an error names the item.
            return Through(self.load, self._dump(item), f"a list of {item.why}")
        return ListOf(item)

    def serializer(self) -> Any:
        if self._is_binary():
            # Pydantic would write the bytes, also those that are never shown.
            return core_schema.plain_serializer_function_ser_schema(
                self._texts, when_used="json-unless-none"
            )
        return core_schema.wrap_serializer_function_ser_schema(
            lambda value, inner: inner(jsonable(value)), when_used="json-unless-none"
        )

    def _is_binary(self) -> bool:
        field = self.field
        if isinstance(field, ListField):
            return field._is_binary()
        return isinstance(field, BinaryField)

    def _texts(self, value: Any) -> list[Any]:
        field: Any = self.field
        inside = isinstance(field, ListField)
        return [*map(field._texts if inside else field.to_json, value)]

    def _dump(self, item: Through) -> Callable[[Any], Any]:
        return lambda value: [item.dump(one) for one in value]
