"""
The errors of ``geojson_field`` by their old path.
"""

from mongolane.errors import GeoCoordinateError, GeoJSONFieldError

__all__ = ["GeoCoordinateError", "GeoJSONFieldError"]
