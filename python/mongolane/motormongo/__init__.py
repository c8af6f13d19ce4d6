"""
motormongo's names, by its own paths: change ``motormongo`` to ``mongolane.motormongo``.

``install()`` makes ``import motormongo`` itself lead here, so that nothing is changed.
"""

import importlib
import pkgutil
import sys

from mongolane.documents import DataBase, Document, EmbeddedDocument, get_db
from mongolane.fields import (
    BinaryField,
    BooleanField,
    DateTimeField,
    EmbeddedDocumentField,
    EnumField,
    FloatField,
    GeoJSONField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
)

from . import abstracts, fields, mongo, utils

__all__ = [
    "BinaryField",
    "BooleanField",
    "DataBase",
    "DateTimeField",
    "Document",
    "EmbeddedDocument",
    "EmbeddedDocumentField",
    "EnumField",
    "FloatField",
    "GeoJSONField",
    "IntegerField",
    "ListField",
    "ReferenceField",
    "StringField",
    "abstracts",
    "fields",
    "get_db",
    "install",
    "mongo",
    "utils",
]


def install() -> None:
    """
    Let ``import motormongo``, and all of its modules, lead to this package.

    Raises:
        ImportError: motormongo itself was imported before.
    """
    present = sys.modules.get("motormongo")
    if present is not None and present is not sys.modules[__name__]:
        raise ImportError("motormongo is imported already; call install() before that")
    sys.modules["motormongo"] = sys.modules[__name__]
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        name = module.name.removeprefix("mongolane.")
        sys.modules[name] = importlib.import_module(module.name)
