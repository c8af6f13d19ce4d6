"""GeoJSON geometries, and the flat shapes that only ``geo_within`` takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import QueryError

__all__ = [
    "Box",
    "Center",
    "CenterSphere",
    "FlatPoint",
    "FlatPolygon",
    "GeometryCollection",
    "LineString",
    "MultiLineString",
    "MultiPoint",
    "MultiPolygon",
    "Point",
    "Polygon",
    "to_area",
    "to_geojson",
]

Position = Sequence[float]
"""Longitude, latitude, and possibly the altitude."""


@dataclass(frozen=True, slots=True)
class Point:
    """One position; longitude comes first."""

    longitude: float
    latitude: float

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        position = [self.longitude, self.latitude]
        _check(position)
        return {"type": "Point", "coordinates": position}


@dataclass(frozen=True, slots=True)
class _Geometry:
    coordinates: Any

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        _check(self.coordinates)
        kind = type(self).__name__
        return {"type": kind, "coordinates": _lists(self.coordinates)}


class LineString(_Geometry):
    """Positions joined by a line: ``LineString([(0, 0), (1, 1)])``."""


class Polygon(_Geometry):
    """A closed ring, and rings that are holes in it: ``Polygon([[(0, 0), ...]])``."""


class MultiPoint(_Geometry):
    """Several positions."""


class MultiLineString(_Geometry):
    """Several lines."""


class MultiPolygon(_Geometry):
    """Several polygons."""


@dataclass(frozen=True, slots=True)
class GeometryCollection:
    """Several geometries of any kind."""

    geometries: Sequence[Any]

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        inner = [to_geojson(geometry) for geometry in self.geometries]
        return {"type": "GeometryCollection", "geometries": inner}


@dataclass(frozen=True, slots=True)
class Box:
    """A flat rectangle, from its lower left to its upper right corner."""

    lower_left: Position
    upper_right: Position

    def to_shape(self) -> dict[str, Any]:
        """What ``$geoWithin`` is given."""
        return {"$box": [list(self.lower_left), list(self.upper_right)]}


@dataclass(frozen=True, slots=True)
class Center:
    """A flat circle, its radius in the coordinates' own unit."""

    center: Position
    radius: float

    def to_shape(self) -> dict[str, Any]:
        """What ``$geoWithin`` is given."""
        return {"$center": [list(self.center), self.radius]}


@dataclass(frozen=True, slots=True)
class CenterSphere:
    """A circle on the globe, its radius in radians."""

    center: Position
    radius: float

    def to_shape(self) -> dict[str, Any]:
        """What ``$geoWithin`` is given."""
        return {"$centerSphere": [list(self.center), self.radius]}


@dataclass(frozen=True, slots=True)
class FlatPoint:
    """A position on a plane, for ``near`` with a 2d index."""

    x: float
    y: float

    def to_position(self) -> list[float]:
        return [self.x, self.y]


@dataclass(frozen=True, slots=True)
class FlatPolygon:
    """A flat polygon by its corners."""

    corners: Sequence[Position]

    def to_shape(self) -> dict[str, Any]:
        """What ``$geoWithin`` is given."""
        return {"$polygon": _lists(self.corners)}


def to_geojson(geometry: Any) -> dict[str, Any]:
    """
    The GeoJSON of a geometry: ours, any ``__geo_interface__``, a dict, or a pair.

    Raises:
        QueryError: when it is none of these.
    """
    if isinstance(geometry, Mapping):
        return dict(geometry)
    found = getattr(geometry, "__geo_interface__", None)
    if found is not None:
        return dict(found)
    if isinstance(geometry, (list, tuple)) and len(geometry) == 2:
        return Point(*geometry).__geo_interface__
    raise QueryError(f"a geometry is needed, not {geometry!r}")


def to_area(shape: Any) -> dict[str, Any]:
    """What ``$geoWithin`` takes: a flat shape, or a geometry."""
    flat = getattr(shape, "to_shape", None)
    found: dict[str, Any] = {"$geometry": to_geojson(shape)} if flat is None else flat()
    return found


def _lists(value: Any) -> Any:
    return (
        [_lists(part) for part in value] if isinstance(value, (list, tuple)) else value
    )


def _check(coordinates: Any) -> None:
    """Refuse what is no number or not on the globe; the depth is the server's duty."""
    if not coordinates:
        raise QueryError("a geometry needs coordinates")
    if isinstance(coordinates[0], (list, tuple)):
        for part in coordinates:
            _check(part)
        return
    longitude, latitude = coordinates[0], coordinates[1]
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise QueryError(
            f"longitude {longitude!r} and latitude {latitude!r} are not on the globe; "
            "longitude comes first"
        )
