"""
Classes that the plan alone cannot read or make, and why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from .._compat import annotations_of
from ..fields import (
    STORED,
    BooleanField,
    DateTimeField,
    EmbeddedDocumentField,
    Field,
    FloatField,
    IntegerField,
    ListField,
    StringField,
)
from .kinds import has_own_schema
from .metadata import missable, takes_info
from .schema import Schema

__all__ = ["adopted", "adopts", "after", "validators_after", "whole", "whole_dump"]


def whole(schema: Schema) -> str | None:
    """Why pydantic has to read whole documents of a class, or None."""
    cls = schema.cls
    decorators = cls.__pydantic_decorators__
    if has_own_schema(cls):
        return "a core schema of its own"
    if _typed_extra(cls):
        return "a type for undeclared keys"
    for name, check in decorators.model_validators.items():
        if check.info.mode != "after" or takes_info(check.func, "after"):
            return f"model_validator {name}"
    if decorators.root_validators or decorators.validators:
        return "a validator of pydantic 1"
    if cls.__pydantic_custom_init__:
        return "an __init__ of its own"
    for one in decorators.field_validators.values():
        if takes_info(one.func, one.info.mode):
            return f"field_validator {one.cls_var_name} asks for other fields"
    if cls.model_config.get("validate_default"):
        return "validate_default"
    for name, info in cls.model_fields.items():
        if info.validate_default and not schema.fields[name].field:
            return f"{name}: validate_default"
        if info.default_factory_takes_validated_data:
            return f"{name}: its default is made of other fields"
    return None


def whole_dump(cls: type[BaseModel]) -> str | None:
    """Why the instances of a class are written as a whole, or None."""
    for name, info in cls.model_fields.items():
        if missable(info.annotation):
            return f"{name}: may be MISSING"
    return None


def after(schema: Schema) -> Callable[[Any], Any] | None:
    """What pydantic does with an instance whose fields are all valid, or None."""
    cls = schema.cls
    if schema.plan.whole is not None:
        return None
    checks = validators_after(cls)
    if not (cls.__pydantic_post_init__ and _own_post_init(cls)):
        return checks

    def initialised(instance: Any) -> Any:
        instance.model_post_init(STORED)
        return instance if checks is None else checks(instance)

    return initialised


def validators_after(cls: type[BaseModel]) -> Callable[[Any], Any] | None:
    """The class's validators of whole instances, one after the other."""
    decorators = cls.__pydantic_decorators__.model_validators.values()
    functions = [one.func for one in decorators]
    if len(functions) < 2:
        return functions[0] if functions else None

    def all_of(instance: Any) -> Any:
        for function in functions:
            instance = function(instance)
        return instance

    return all_of


def _typed_extra(cls: type[BaseModel]) -> bool:
    return any(
        "__pydantic_extra__" in annotations_of(one)
        for one in cls.__mro__[: cls.__mro__.index(BaseModel)]
    )


def _own_post_init(cls: type[BaseModel]) -> bool:
    # With private attributes and nothing else, pydantic puts its own function there.
    function = cls.model_post_init
    return function.__module__.partition(".")[0] != "pydantic"


_KNOWN = (BooleanField, DateTimeField, FloatField, IntegerField, StringField)


def is_known(field: Any) -> bool:
    """Whether a field object leaves as it is what its kind says, but for dates."""
    kind = type(field)
    if kind is ListField:
        item = field.field
        return item is None or (type(item) is not DateTimeField and is_known(item))
    if kind is EmbeddedDocumentField:
        return issubclass(field.document_type, BaseModel)
    return kind in _KNOWN


def adopted(field: Field[Any] | None) -> str:
    """Which values a constructor leaves as they are, as the plan says it."""
    if field is None:
        return ""
    return "held" if field.default is None and not field.required else "given"


def adopts(schema: Schema) -> bool:
    """Whether instances can be made of dicts of the types declared, by the plan."""
    config, fields = schema.cls.model_config, schema.fields.values()
    return (
        schema.plan.whole is None
        and schema.plan.after is None
        and all(one.field is None or is_known(one.field) for one in fields)
        and all(one.plan.given for one in fields)
        and config.get("revalidate_instances", "never") == "never"
    )
