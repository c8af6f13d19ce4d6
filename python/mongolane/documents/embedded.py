"""
``EmbeddedDocument``: a model that lives inside documents.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Self, dataclass_transform

import pydantic

from ..fields import field
from .metaclass import DocumentMeta
from .model import StoredModel

if TYPE_CHECKING:
    from ..expressions.part_paths import PartPaths

    @dataclass_transform(
        eq_default=False,
        kw_only_default=True,
        field_specifiers=(field, pydantic.Field, pydantic.PrivateAttr),
    )
    class PartMeta(PartPaths, DocumentMeta): ...

else:
    PartMeta = DocumentMeta

__all__ = ["EmbeddedDocument"]


class EmbeddedDocument(StoredModel, metaclass=PartMeta, init=False):
    """
    A part of a document. It has no collection, and no id unless it declares one, or a
    class of field objects is given one.
    """

    __mongolane_part__: ClassVar[bool] = True

    if TYPE_CHECKING:

        def _mongolane_same(self) -> Callable[[Self], Self]: ...
        def _mongolane_two(self) -> tuple[list[int], list[str]]: ...

    # As it was read: with keys that the class does not declare, which a save keeps.
    __slots__ = ("__mongolane_raw__",)
