"""
Which classes' JSON pydantic has to write whole, and how it does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from .kinds import has_own_schema
from .serialized import beyond_json

__all__ = ["json_dump", "json_through"]

_USUAL = {
    "json_encoders": None,
    "polymorphic_serialization": False,
    "ser_json_bytes": "utf8",
    "ser_json_inf_nan": "null",
    "ser_json_temporal": "iso8601",
    "ser_json_timedelta": "iso8601",
    "revalidate_instances": "never",
}
"""Settings that JSON hangs on, and what it hangs on without them."""


def json_through(cls: type[BaseModel]) -> str | None:
    """Why an instance's JSON cannot be written field by field, or None."""
    decorators = cls.__pydantic_decorators__
    if has_own_schema(cls):
        return "a core schema of its own"
    for kind, found in (
        ("computed_field", decorators.computed_fields),
        ("field_serializer", decorators.field_serializers),
        ("model_serializer", decorators.model_serializers),
    ):
        if found:
            return f"{kind} {next(iter(found))}"
    for setting, usual in _USUAL.items():
        if cls.model_config.get(setting, usual) != usual:
            return f"{setting} of model_config"
    for name, info in cls.model_fields.items():
        if getattr(info, "exclude_if", None) is not None:
            return f"{name}: exclude_if"
    return None


def json_dump(cls: type[BaseModel]) -> Callable[[Any], bytes]:
    """What writes an instance's JSON by pydantic, as FastAPI does."""
    again = bool(cls.__pydantic_decorators__.model_validators) or (
        cls.model_config.get("revalidate_instances", "never") != "never"
    )
    adapter: TypeAdapter[Any] | None = None
    # A list, since typing would keep what can be hashed, and the class with it.
    told: Any = Annotated[cls, []]

    def dump(instance: Any) -> bytes:
        # What FastAPI does with an instance that a route returns.
        nonlocal adapter
        adapter = adapter or TypeAdapter(told)
        if again:
            with contextlib.suppress(ValidationError):
                instance = adapter.validator.validate_python(instance)
        return adapter.serializer.to_json(instance, by_alias=True, fallback=beyond_json)

    return dump
