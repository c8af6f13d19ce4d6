"""
``motormongo.fields.geojson_field`` by its old path.
"""

from mongolane.errors import GeoCoordinateError
from mongolane.fields import Field, GeoJSONField

__all__ = ["Field", "GeoCoordinateError", "GeoJSONField"]
