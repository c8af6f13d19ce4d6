"""
What documents and embedded documents share: a pydantic model with our metaclass.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel

from .. import codec
from ..fields import ReferenceList, untold
from ..schema import describe
from .belonging import belong, database_of, mark
from .metaclass import DocumentMeta, checked_id
from .part_ids import keep_part_id, part_id
from .plain import finite, json_default, plain_document
from .raw import raw_of, set_raw, share_raw
from .secrets import masked
from .undeclared import takes

__all__ = ["StoredModel"]

_DATABASE = "database"
_STORED = "stored"

if not hasattr(BaseModel, "_setattr_handler"):
    # Field objects would check nothing, and nobody would notice.
    raise ImportError("this pydantic sets attributes in a way of its own; use an older")


class StoredModel(BaseModel, metaclass=DocumentMeta, init=False):
    """A pydantic model that knows how it is stored."""

    __slots__ = ("__mongolane_cache__", "__mongolane_database__")

    __mongolane_id__: ClassVar[bool] = True
    __mongolane_open__: ClassVar[bool | None] = None
    __mongolane_fields__: ClassVar[dict[str, Any]] = {}
    __mongolane_decoded__: ClassVar[dict[str, Any]] = {}
    __mongolane_hashed__: ClassVar[dict[str, Any]] = {}
    __mongolane_part_id__: ClassVar[bool] = False

    if not TYPE_CHECKING:

        def _setattr_handler(self, name: str, value: Any) -> Any:
            # Pydantic asks once for each attribute of a class, and keeps the answer.
            cls = type(self)
            declared = cls.__mongolane_fields__.get(name)
            if declared is None and cls.__mongolane_open__ and takes(cls, name):
                return _put_undeclared
            found = super()._setattr_handler(name, value)
            if declared is None or found is None:
                return found
            return _checking(declared.check, found)

        # A copy equals what its original was read from; save() sends the rest.

        def __copy__(self) -> Self:
            return self._like_this(super().__copy__())

        def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
            return self._like_this(super().__deepcopy__(memo))

        def _like_this(self, made: Self) -> Self:
            belong(made, database_of(self))
            share_raw(made, self)
            return made

        def __getstate__(self) -> dict[str, Any]:
            state = super().__getstate__()
            if (database := database_of(self)) is not None:
                state[_DATABASE] = database
            if (raw := raw_of(self)) is not None:
                # So that a save of what is unpickled sends no more than has changed.
                state[_STORED] = raw
            return state

        def __setstate__(self, state: dict[str, Any]) -> None:
            database, raw = state.pop(_DATABASE, None), state.pop(_STORED, None)
            super().__setstate__(state)
            if raw is not None:
                set_raw(self, raw)
            if database is not None:
                mark(self, database)

        @classmethod
        def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
            return super().model_parametrized_name(tuple(map(untold, params)))

        @property
        def _id(self) -> Any:
            own = type(self).__mongolane_part_id__
            held = part_id(self) if own else getattr(self, "id", None)
            if held is None and type(self).__mongolane_open__:
                # As in motormongo, ``hasattr(user, "_id")`` tells whether it is stored.
                raise AttributeError(f"this {type(self).__name__} has no _id yet")
            return held

        @_id.setter
        def _id(self, value: Any) -> None:
            if type(self).__mongolane_part_id__:
                keep_part_id(self, value)
            else:
                self.id = None if value is None else checked_id(type(self), value)

        @_id.deleter
        def _id(self) -> None:
            # Stored again, a document without an id is another one.
            self._id = None

    else:
        # A property, for a checker would make a bare name a constructor's argument.
        @property
        def _id(self) -> Any: ...
        @_id.setter
        def _id(self, value: Any) -> None: ...
        @_id.deleter
        def _id(self) -> None: ...

    def __repr_args__(self) -> Iterable[Any]:
        return masked(self, super().__repr_args__())

    @classmethod
    def from_dict(cls, subcls: Any = None, /, **kwargs: Any) -> Self:
        """
        An instance of a mapping's values.

        Args:
            subcls: the class to make an instance of, if it is another one.
            kwargs: the values; any name is possible.
        """
        if subcls is None and isinstance(kwargs.get("subcls"), type):
            subcls = kwargs.pop("subcls")
        made: type[Self] = subcls or cls
        return made(**kwargs)

    def to_dict(self, id_as_string: bool = True) -> dict[str, Any]:
        """
        The document as a dict, ``_id`` first.

        Args:
            id_as_string: ids as hexadecimal text, at any depth; False: as they are.

        Datetimes stay datetimes, and binary values bytes, also where an instance holds
        them decoded. Fields declared by field objects are absent while they have no
        value.
        """
        return plain_document(self, id_as_string)

    def to_json(self) -> str:
        """
        ``to_dict()`` as JSON text; datetimes in ISO 8601, hashed values masked.

        NaN and infinities, which JSON does not have, are null, as in pydantic's JSON.
        """
        shown = self.to_dict()
        try:
            return json.dumps(shown, default=json_default, allow_nan=False)
        except ValueError:
            return json.dumps(finite(shown), default=json_default)

    @classmethod
    def explain_codec(cls) -> str:
        """For each field which way it goes between BSON and Python, and why."""
        return describe(cls).explain()


def _put_undeclared(instance: Any, name: str, value: Any) -> None:
    instance.__dict__[name] = value


def _checking(check: Callable[[Any], Any], put: Callable[..., None]) -> Any:
    """What sets an attribute that a field object declares."""

    def put_checked(instance: Any, name: str, value: Any) -> None:
        value = check(value)
        if type(value) is ReferenceList:
            value.database = database_of(instance)
        put(instance, name, value)

    return put_checked


codec.share_fields_set(StoredModel)
