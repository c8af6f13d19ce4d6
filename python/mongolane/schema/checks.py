"""
Single values checked by pydantic: what the plan does not know is asked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pydantic
from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypeAliasType

from ..fields import STORED
from .metadata import strict_in
from .values import undone

__all__ = ["Checks", "loader"]


class Checks:
    """
    What pydantic makes of single values, under the settings of one class.

    Args:
        config: the class's ``model_config``.
    """

    def __init__(self, config: ConfigDict) -> None:
        self._config = config

    def of(self, annotation: Any, strict: bool | None = None) -> Callable[[Any], Any]:
        """What pydantic makes of a value of this type, by names and not by aliases."""
        adapter = self.adapter(annotation)

        def check(value: Any) -> Any:
            # Not by the adapter's own method, which costs as much as a short check.
            return adapter().validator.validate_python(
                value, context=STORED, by_name=True, by_alias=False, strict=strict
            )

        return check

    def strict(self, annotation: Any, marks: Iterable[Any]) -> bool:
        """Whether a value must be of the very type that is declared."""
        return self.all_strict or strict_in(annotation, marks)

    @property
    def all_strict(self) -> bool:
        """Whether the class is strict, and so all that it holds."""
        return bool(self._config.get("strict"))

    @property
    def keeps_undeclared(self) -> bool:
        """Whether what is not declared is kept, also in dataclasses and typed dicts."""
        return self._config.get("extra") == "allow"

    def adapter(self, annotation: Any) -> Callable[[], TypeAdapter[Any]]:
        """What pydantic checks a value of a type with; made at its first use."""
        # Not at once: the type may not be complete yet.
        made: list[TypeAdapter[Any]] = []

        def adapter() -> TypeAdapter[Any]:
            if not made:
                made.append(self._made(annotation))
            return made[0]

        return adapter

    def _made(self, annotation: Any) -> TypeAdapter[Any]:
        kept = {
            key: value
            for key, value in self._config.items()
            if key not in ("title", "json_schema_extra", "defer_build")
        }
        config = ConfigDict(**{**kept, "arbitrary_types_allowed": True})  # type: ignore[typeddict-item]
        try:
            return TypeAdapter(annotation, config=config)
        except pydantic.PydanticUserError as error:
            if error.code != "type-adapter-config-unused":
                raise
            # Under a name a dataclass or TypedDict takes the class's settings, as it
            # does as a field; what has settings of its own keeps them.
            alias: Any = TypeAliasType("Held", annotation)
            return TypeAdapter(alias, config=config)


def loader(
    undo: Callable[[Any], Any],
    check: Callable[[Any], Any],
    typed: Callable[[Any], Any] | None = None,
    meant: Callable[[Any], Any] | None = None,
) -> Callable[[Any], Any]:
    """
    What makes an instance's value of a stored one.

    Args:
        undo: makes of the stored form what pydantic takes.
        check: what pydantic makes of that.
        typed: ``undo`` for strict pydantic, if that is another.
        meant: gives filters the value that a text stands for.
    """

    def load(value: Any) -> Any:
        return check(undone(undo, value))

    # For whole documents, which pydantic checks itself, and once.
    load.undo = undo  # type: ignore[attr-defined]
    load.check = check  # type: ignore[attr-defined]
    load.typed = typed or undo  # type: ignore[attr-defined]
    load.meant = meant  # type: ignore[attr-defined]
    return load
