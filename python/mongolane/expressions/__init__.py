"""Filters, updates and sorts as immutable values; nothing here sends anything."""

from .changes import Change, GivenChange
from .computed import meta, rand
from .filters import And, Condition, Filter, Given, Nor, Or, Raw
from .functions import (
    and_,
    comment,
    expr,
    json_schema,
    nor,
    or_,
    sample_rate,
    text,
    where,
)
from .geo import (
    Box,
    Center,
    CenterSphere,
    FlatPoint,
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
from .path_of import path_of
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
    "FlatPoint",
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
    "comment",
    "desc",
    "expr",
    "json_schema",
    "meta",
    "nor",
    "or_",
    "path_of",
    "rand",
    "sample_rate",
    "text",
    "where",
]
