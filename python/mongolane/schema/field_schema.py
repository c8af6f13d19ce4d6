"""
One field of a class: its names, its plan, and how a single value of it is checked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from .. import codec
from ..codec.plan import FieldPlan, Kind
from ..errors import FieldError
from ..fields import STORED, Field, Index
from .located import under
from .secrets import holds_secret
from .values import to_python, to_stored

__all__ = ["FieldSchema"]


@dataclass(frozen=True, slots=True, eq=False)
class FieldSchema:
    """
    One field of a class.

    Attributes:
        owner: the class's name.
        name: the attribute's name.
        key: the stored key.
        plan: how it lies in BSON.
        kind: the same, as filters see it.
        adapter: gives what pydantic checks a single value with.
        info: pydantic's description; that of a part of something else says nothing.
        field: the field object that declared it, if one did.
        index: its index, if it has one.
        checked: the class has validators of its own for it.
    """

    owner: str
    name: str
    key: str
    plan: FieldPlan
    kind: Kind
    adapter: Callable[[], TypeAdapter[Any]]
    info: FieldInfo = dataclass_field(default_factory=FieldInfo)
    field: Field[Any] | None = None
    index: Index | None = None
    checked: bool = False

    def validate(self, value: Any) -> Any:
        """
        A value as an instance would hold it.

        Raises:
            FieldError: names document, field and value.
        """
        if self.field is not None and (value is None or not self.checked):
            return None if value is None else self.field.check(value)
        try:
            return self.adapter().validate_python(value, by_name=True, by_alias=True)
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            own = found[0].get("ctx", {}).get("error")
            if self.field is not None and isinstance(own, FieldError):
                raise own from None
            self._refuse(value, found, error)

    def readable(self, stored: Any, items: bool = False) -> None:
        """
        Refuse a stored form that could not be read again as this field.

        Args:
            stored: what an update would write.
            items: it is a list of some items of the field's; how many is not asked.

        Raises:
            FieldError: names document, field and value.
        """
        if stored is None and self.plan.omit_none:
            if self.field is not None and self.required:
                raise self.field.missing()
            return
        value = codec.decode(codec.encode({self.key: stored}))[self.key]
        try:
            self.adapter().validate_python(
                to_python(self.plan.kind, value),
                context=STORED,
                by_name=True,
                by_alias=False,
                strict=False,
            )
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            if items:
                found = [one for one in found if one["loc"] or not _of_length(one)]
            if found:
                self._refuse(stored, found, error)
        except (KeyError, TypeError, AttributeError):
            # A validator that asks for other fields, which an update need not have.
            pass

    @property
    def required(self) -> bool:
        """Whether a document without a value could not be read."""
        if self.field is None:
            return self.info.is_required()
        return self.field.required and self.field.default is None

    def _refuse(self, value: Any, found: Any, error: ValidationError) -> NoReturn:
        text = "; ".join(
            ": ".join(filter(None, (".".join(map(str, one["loc"])), self._said(one))))
            for one in found
        )
        if holds_secret(self.plan.kind) or (self.field and self.field.secret):
            raise FieldError(text, self.owner, self.name) from None
        text = f"{value!r:.80}: {text}"
        raise FieldError(text, self.owner, self.name, value) from error

    def stored(self, value: Any) -> Any:
        """
        The stored form of a value that an instance holds.

        Raises:
            EncodeError: it has none; names the way to what is wrong.
        """
        return under(self.key, lambda: to_stored(self.plan.kind, value))

    def _said(self, problem: Any) -> str:
        # A field object names itself, and pydantic the kind of its error.
        said: str = problem["msg"].removeprefix("Value error, ")
        return said.removeprefix(f"{self.owner}.{self.name}: ")


def _of_length(problem: Any) -> bool:
    return problem["type"] in ("too_short", "too_long")
