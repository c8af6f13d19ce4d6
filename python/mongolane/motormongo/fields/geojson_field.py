"""
``motormongo.fields.geojson_field`` by its old path.
"""

from mongolane.fields import GeoJSONField

__all__ = ["GeoJSONField"]
