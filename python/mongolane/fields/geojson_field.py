"""
Points on the earth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from ..codec.plan import Kind, Through
from ..errors import FieldError, GeoCoordinateError
from .field import Field

__all__ = ["GeoJSONField"]

P = TypeVar("P", covariant=True)


class NotANumberError(GeoCoordinateError, TypeError):
    """A coordinate is no number; motormongo raised a TypeError."""


class GeoJSONField(Field[P]):
    """
    A GeoJSON Point, given as ``[longitude, latitude]``, as a Point mapping, or as any
    point with a ``__geo_interface__`` (``mongolane.expressions.Point``).

    Args:
        return_as_list: an instance holds ``[longitude, latitude]``; False: the mapping.
        kwargs: what every ``Field`` takes, and ``store_as_list=True``: the bare
            coordinates are stored, as motormongo did, and not GeoJSON. Both are read.
    """

    error: ClassVar[type[FieldError]] = GeoCoordinateError

    if TYPE_CHECKING:
        # Any of the forms becomes the one that is held.
        def __set__(self, instance: Any, value: Any, /) -> None: ...

    @overload
    def __init__(
        self: GeoJSONField[list[float]],
        return_as_list: Literal[True] = True,
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: GeoJSONField[dict[str, Any]],
        return_as_list: Literal[False],
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: GeoJSONField[Any], return_as_list: bool, **kwargs: Any
    ) -> None: ...
    def __init__(self, return_as_list: bool = True, **kwargs: Any) -> None:
        self.store_as_list: bool = kwargs.pop("store_as_list", False)
        super().__init__(type=(list, tuple, dict), **kwargs)
        self.return_as_list = return_as_list

    def validate(self, value: Any) -> Any:
        pair = [self._number(one, value) for one in self._pair(value)]
        if not (-180 <= pair[0] <= 180 and -90 <= pair[1] <= 90):
            text = "must be a longitude (-180 to 180) and a latitude (-90 to 90)"
            raise self.problem(GeoCoordinateError, text, value)
        return pair if self.return_as_list else _point(pair)

    def _pair(self, value: Any) -> Sequence[Any]:
        # Our own Point, shapely's, or any other that says what it is.
        found = getattr(value, "__geo_interface__", value)
        if isinstance(found, Mapping) and found.get("type") == "Point":
            found = found.get("coordinates")
        if isinstance(found, (list, tuple)) and len(found) == 2:
            return found
        text = "must be [longitude, latitude] or a GeoJSON Point"
        raise self.problem(GeoCoordinateError, text, value)

    def _number(self, one: Any, value: Any) -> float | int:
        real = isinstance(one, (int, float)) and not isinstance(one, bool)
        if real and math.isfinite(one):
            return one  # type: ignore[no-any-return]
        raise self.problem(NotANumberError, "coordinates must be numbers", value)

    def dump(self, value: Any) -> Any:
        """The stored form."""
        pair = list(self._pair(value))
        return pair if self.store_as_list else _point(pair)

    def other_form(self, value: Any) -> Any:
        try:
            pair = list(self._pair(value))
        except GeoCoordinateError:
            return None
        return _point(pair) if self.store_as_list else pair

    def kind(self, model: Callable[[Any], Kind]) -> Kind:
        return Through(self.validate, self.dump, "a point, read in both forms")


def _point(pair: list[Any]) -> dict[str, Any]:
    return {"type": "Point", "coordinates": pair}
