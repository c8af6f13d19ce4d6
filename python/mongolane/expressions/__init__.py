"""Filters, updates and sorts as immutable values; nothing here sends anything."""

from .changes import Change, GivenChange
from .filters import And, Condition, Filter, Given, Nor, Or, Raw
from .functions import and_, expr, json_schema, nor, or_, text
from .geo import (
    Box,
    Center,
    CenterSphere,
    FlatPolygon,
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)
from .orders import Order, asc, desc
from .path import Path
from .shape import FieldSpec, Shape

__all__ = [
    "And",
    "Box",
    "Center",
    "CenterSphere",
    "Change",
    "Condition",
    "FieldSpec",
    "Filter",
    "FlatPolygon",
    "GeometryCollection",
    "Given",
    "GivenChange",
    "LineString",
    "MultiLineString",
    "MultiPoint",
    "MultiPolygon",
    "Nor",
    "Or",
    "Order",
    "Path",
    "Point",
    "Polygon",
    "Raw",
    "Shape",
    "and_",
    "asc",
    "desc",
    "expr",
    "json_schema",
    "nor",
    "or_",
    "text",
]
