"""
What does not fit of a stored document: told by the path, and without its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from pydantic import ValidationError

from ..errors import DocumentDecodeError, UnknownFieldError
from ..expressions.masking import hides
from ..expressions.shape import Shape
from ..fields import without_value

__all__ = ["misfit_of"]

# More problems of one document are counted, not told.
MANY: Final = 1000


def misfit_of(
    shape: Shape, id_: Any, shown: Mapping[str, Any], error: ValidationError
) -> DocumentDecodeError:
    """
    What pydantic said of a document, without what stands in it.

    Args:
        shape: of the class that it does not fit.
        id_: the document's.
        shown: the document, as pydantic was shown it.
        error: what pydantic said.
    """
    name = shape.owner
    if (count := error.error_count()) > MANY:
        # Each would be written out.
        problems = [("", f"{count} values do not fit")]
        return DocumentDecodeError(name, id_, problems)
    problems = [
        (_path(one["loc"], shown, one["type"] == "missing"), without_value(one))
        for one in error.errors(include_input=False, include_url=False)
    ]
    value = None if _keeps_secret(shape, problems[0][0]) else _culprit(error)
    return DocumentDecodeError(name, id_, problems, value)


def _keeps_secret(shape: Shape, path: str) -> bool:
    try:
        return hides(shape.locate(path)[1])
    except UnknownFieldError:
        # Of the whole document, or below a type that only pydantic knows.
        top = shape.fields.get(path.partition(".")[0])
        specs = shape.specs() if top is None else [top]
        return any(map(hides, specs))


def _path(loc: tuple[int | str, ...], shown: Any, missing: bool) -> str:
    """The way to a value in a document; pydantic's own names a union's members, too."""
    steps: list[str] = []
    at, last = shown, len(loc) - 1
    for number, step in enumerate(loc):
        if isinstance(at, Mapping) and step in at:
            at = at[step]
        elif isinstance(at, (list, tuple)) and step in range(len(at)):
            at = at[cast("int", step)]
        elif not missing or number < last:
            continue
        steps.append(str(step))
    return ".".join(steps)


def _culprit(error: ValidationError) -> Any:
    """The value of the first problem; None when nothing is there."""
    first = error.errors(include_url=False, include_context=False)[0]
    return None if first["type"] == "missing" else first["input"]
