"""Motormongo's names, by its own import paths."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from typing import Any

import pytest

import mongolane
from mongolane import motormongo

TOP = [
    "Document", "EmbeddedDocument", "DataBase", "get_db", "BinaryField",
    "BooleanField", "DateTimeField", "EmbeddedDocumentField", "EnumField",
    "FloatField", "GeoJSONField", "IntegerField", "ListField", "ReferenceField",
    "StringField",
]  # fmt: skip

PATHS = {
    "fields": "Field StringField ReferenceField",
    "fields.binary_field": "BinaryField",
    "fields.boolean_field": "BooleanField",
    "fields.datetime_field": "DateTimeField",
    "fields.embedded_document_field": "EmbeddedDocumentField",
    "fields.enum_field": "EnumField",
    "fields.field": "Field",
    "fields.float_field": "FloatField",
    "fields.geojson_field": "GeoJSONField",
    "fields.integer_field": "IntegerField",
    "fields.list_field": "ListField",
    "fields.reference_field": "ReferenceField",
    "fields.string_field": "StringField Field StringLengthError",
    "fields.exceptions": "StringLengthError MissingTypeAnnotationError",
    "fields.exceptions.binary_field": "BinaryFieldError",
    "fields.exceptions.string_field": "StringFieldError",
    "abstracts": "Document",
    "abstracts.document": "Document DocumentMeta TDocument DocumentInsertError",
    "abstracts.embedded_document": "EmbeddedDocument",
    "abstracts.exceptions": "DocumentError DocumentValidationError",
    "mongo": "DataBase get_db",
    "mongo.database": "DataBase get_db",
    "utils.formatter": "add_timestamps_if_required camel_to_snake_or_lower",
    "utils.logging": "logger DEBUG_MODE",
}


@pytest.mark.parametrize("name", TOP)
def test_fifteen_names_at_the_top(name: str) -> None:
    """Each of motormongo's names is in both places, and the same thing."""
    assert getattr(mongolane, name) is getattr(motormongo, name)


@pytest.mark.parametrize("path", PATHS)
def test_module_paths_are_kept(path: str) -> None:
    """Each module that user code can hold has its names."""
    module = importlib.import_module(f"mongolane.motormongo.{path}")

    assert [name for name in PATHS[path].split() if not hasattr(module, name)] == []


def test_modules_are_attributes() -> None:
    """``import motormongo`` alone gives its modules, by dots, as the original's did."""
    program = (
        "import mongolane.motormongo as m;"
        "m.abstracts.exceptions.document; m.mongo.database.DataBase;"
        "m.fields.string_field.StringLengthError; m.utils.logging.logger;"
        "m.fields.exceptions.string_field.StringFieldError"
    )

    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_install_serves_the_old_name() -> None:
    """After install(), ``import motormongo`` leads here, deep paths included."""
    program = (
        "import mongolane, mongolane.motormongo as m; m.install();"
        "import motormongo, motormongo.fields.exceptions.string_field as e;"
        "from motormongo.mongo.database import get_db;"
        "assert motormongo.Document is mongolane.Document;"
        "assert e.StringFieldError is mongolane.errors.StringFieldError"
    )

    assert (
        subprocess.run([sys.executable, "-W", "error", "-c", program]).returncode == 0
    )


SIGNATURES = {
    "insert_one": "document=None **kwargs",
    "insert_many": "documents",
    "find_one": "query=None strict_validation=True **kwargs",
    "find_many": "query=None limit=None return_as_list=True **kwargs",
    "update_one": "query update_fields strict_validation=True",
    "update_many": "query update_fields",
    "delete_one": "query=None **kwargs",
    "delete_many": "query=None **kwargs",
    "find_one_or_create": "query defaults",
    "find_one_and_replace": "query replacement",
    "find_one_and_update_empty_fields": "query update_fields",
    "find_one_and_delete": "query=None **kwargs",
    "aggregate": "pipeline return_as_list=False",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_parameters_keep_their_names(name: str) -> None:
    """Positions, names and defaults are motormongo's; more is by keyword alone."""
    found = inspect.signature(getattr(mongolane.Document, name)).parameters
    parameters = {
        key: one for key, one in found.items() if one.kind is not one.KEYWORD_ONLY
    }
    shown = " ".join(str(one).partition(":")[0] for one in parameters.values())
    defaults = {
        one.name: one.default
        for one in parameters.values()
        if one.default is not inspect.Parameter.empty
    }
    given = " ".join(f"{one.partition('=')[0]}" for one in SIGNATURES[name].split())

    assert shown == given
    assert defaults == {
        one.partition("=")[0]: eval(one.partition("=")[2])
        for one in SIGNATURES[name].split()
        if "=" in one
    }


def test_nothing_happens_at_import() -> None:
    """Importing sets no logging handler and opens no connection."""
    program = (
        "import logging, mongolane; from mongolane import DataBase;"
        "assert not logging.getLogger().handlers;"
        "assert DataBase.client is None and DataBase.db is None"
    )

    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


HIDING = "copy json dict schema validate construct count find get path db insert items"


@pytest.mark.parametrize("name", HIDING.split())
async def test_fields_may_hide_methods(
    name: str, one_database: mongolane.DataBase
) -> None:
    """Fields called like methods, pydantic's too, are made without a warning."""
    body = {name: mongolane.StringField(), "__module__": __name__}
    cls: Any = type(mongolane.Document)("Hiding", (mongolane.Document,), body)
    made = await cls.insert_one({name: "a"})
    read = await cls.find_one({name: "a"})
    setattr(read, name, "b")
    await read.save()
    (found,) = await cls.find_many({})

    assert getattr(made, name) == "a"
    assert found.to_dict() == {"_id": str(made.id), name: "b"}
