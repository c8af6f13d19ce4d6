"""
A class's shape for motormongo's queries: what no field can have is sent as given.

Nothing equals it, and the server knows what that means to ``$ne``, ``$nin``, ``$or``
and their kin. Native queries refuse such a value instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..expressions.shape import FieldSpec, Shape
from .filter_values import UnusableValueError, WrongValueError
from .forms import plain

__all__ = ["AsGiven"]


class AsGiven(Shape):
    """
    The fields of another shape, which take any value in a filter.

    Args:
        shape: looked into when asked, as it may be unfinished, and may hold itself.
        open: names that are not declared are let through.
    """

    __slots__ = ("_shape",)

    def __init__(self, shape: Shape, *, open: bool) -> None:
        super().__init__(shape.owner, open=open)
        self._shape = shape
        self.part_id: bool = shape.part_id

    @property
    def fields(self) -> Mapping[str, FieldSpec]:
        """Those of the shape."""
        return {name: _as_given(one) for name, one in self._shape.fields.items()}

    @fields.setter
    def fields(self, fields: Mapping[str, FieldSpec]) -> None:
        """They are the shape's own."""

    @property
    def strict(self) -> Shape:
        return Shape(self.owner, self._shape.fields, open=self.open)

    def specs(self) -> Iterable[FieldSpec]:
        return map(_as_given, self._shape.specs())

    def find(self, name: str) -> FieldSpec | None:
        found = self._shape.find(name)
        return None if found is None else _as_given(found)

    def at(self, key: str) -> FieldSpec | None:
        found = self._shape.at(key)
        return None if found is None else _as_given(found)

    def spec(self, name: str) -> FieldSpec:
        found = self.find(name)
        if found is None and self.open:
            return FieldSpec(name, name, open=True)
        return found or _as_given(self._shape.spec(name))


def _as_given(spec: FieldSpec) -> FieldSpec:
    encode = spec.encode
    if encode is not None and not spec.secret:
        encode = partial(_encoded, encode)
    shape = spec.shape
    return replace(
        spec,
        encode=encode,
        item=None if spec.item is None else _as_given(spec.item),
        value=None if spec.value is None else _as_given(spec.value),
        shape=None if shape is None else AsGiven(shape, open=shape.open),
    )


def _encoded(encode: Callable[[Any], Any], value: Any) -> Any:
    try:
        return encode(value)
    except UnusableValueError:
        raise
    except WrongValueError:
        return plain(value)
