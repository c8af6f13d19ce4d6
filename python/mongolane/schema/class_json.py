"""
Which classes' JSON pydantic has to write whole, and how it does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter

from ..codec.plan import ModelPlan
from .kinds import has_own_schema
from .serialized import beyond_json
from .whole import validators_after, whole_dump

__all__ = ["json_dump", "json_through", "validated_again"]

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
    return whole_dump(cls)


def json_dump(cls: type[BaseModel]) -> Callable[[Any], bytes]:
    """What writes an instance's JSON by pydantic, as FastAPI does."""
    adapter = _adapter(cls)

    def dump(instance: Any) -> bytes:
        serializer = adapter().serializer
        return serializer.to_json(instance, by_alias=True, fallback=beyond_json)

    return dump


def validated_again(plan: ModelPlan) -> Callable[[Any], Any] | None:
    """How FastAPI checks an instance once more, which a route returns; or None."""
    cls: type[BaseModel] = plan.cls
    revalidates = cls.model_config.get("revalidate_instances", "never") != "never"
    checks = validators_after(cls)
    if checks is None and not revalidates:
        return None
    if checks is not None and plan.whole is None and not revalidates:
        return _unless_refused(checks)
    adapter = _adapter(cls)
    return _unless_refused(lambda one: adapter().validator.validate_python(one))


def _unless_refused(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def again(instance: Any) -> Any:
        try:
            return check(instance)
        except (ValueError, AssertionError):
            # What was read is not refused for it.
            return instance

    return again


def _adapter(cls: type[BaseModel]) -> Callable[[], TypeAdapter[Any]]:
    made: TypeAdapter[Any] | None = None
    # A list, since typing would keep what can be hashed, and the class with it.
    told: Any = Annotated[cls, []]

    def adapter() -> TypeAdapter[Any]:
        nonlocal made
        made = made or TypeAdapter(told)
        return made

    return adapter
