"""
What differs between versions of Python.

From 3.14 on, a class keeps its annotations as a function. Python says nothing of them
while the class's body runs, and evaluates them when it is asked: then a name in them
may not be known yet, or be known to type checkers alone.
"""

from __future__ import annotations

import dis
import inspect
import sys
from collections.abc import Callable, Mapping
from types import CellType, FunctionType
from typing import Any

if sys.version_info >= (3, 14):
    import annotationlib

__all__ = [
    "annotation_lines",
    "annotations_as_text",
    "annotations_of",
    "body_annotations",
    "put_annotations",
    "references",
    "signature_of",
]


def body_annotations(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The annotations of a class body; for names that are not known yet, references."""
    if found := namespace.get("__annotations__"):
        return dict(found)
    annotate = _annotate(namespace)
    return {} if annotate is None else dict(_called(annotate))


def annotations_as_text(namespace: Mapping[str, Any]) -> dict[str, str]:
    """The annotations of a class body as they are written, where Python can tell."""
    annotate = _annotate(namespace)
    if sys.version_info >= (3, 14) and annotate is not None:
        form = annotationlib.Format.STRING
        return annotationlib.call_annotate_function(annotate, form)
    return {}


def annotation_lines(namespace: Mapping[str, Any]) -> dict[str, int]:
    """The lines that a body's annotations begin on, where Python can tell."""
    code = getattr(_annotate(namespace), "__code__", None)
    if code is None:
        return {}
    # The function stores them one after another: an annotation under its name.
    found: dict[str, int] = {}
    before: dis.Instruction | None = None
    for one in dis.get_instructions(code):
        if before is not None and one.opname == "STORE_SUBSCR":
            line = before.positions.lineno if before.positions else None
            if line is not None:
                found[before.argval] = line
        before = one
    return found


def references(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """
    References to names of the functions around a class that its annotations use.

    Such a name is found wherever the reference is followed, if it is known by then;
    one that is known already is what it stands for.
    """
    annotate = _annotate(namespace)
    if not isinstance(annotate, FunctionType):
        return {}
    cells = zip(annotate.__code__.co_freevars, annotate.__closure__ or (), strict=True)
    return {
        name: _reference(name, cell, annotate.__globals__)
        for name, cell in cells
        if name[:2] != "__"
    }


def _reference(name: str, cell: CellType, scope: dict[str, Any]) -> Any:
    it: Any = None

    def only(format: int, /) -> dict[str, Any]:
        if format > 2:
            raise NotImplementedError
        return {"": it}

    # As Python would make it of an annotation that is this name and nothing else.
    code = only.__code__.replace(co_freevars=(name,))
    return _called(FunctionType(code, scope, closure=(cell,)))[""]


def put_annotations(namespace: dict[str, Any], annotations: dict[str, Any]) -> None:
    """Have other annotations in a class body."""
    for name in ("__annotate__", "__annotate_func__"):
        namespace.pop(name, None)
    namespace["__annotations__"] = annotations


def _annotate(namespace: Mapping[str, Any]) -> Callable[..., Any] | None:
    """The function that gives a body's annotations, where there is one."""
    if sys.version_info >= (3, 14):
        return annotationlib.get_annotate_from_class_namespace(namespace)
    return None


def _called(annotate: Callable[..., Any]) -> dict[str, Any]:
    """What such a function gives, with references to what is not known yet."""
    if sys.version_info >= (3, 14):
        form = annotationlib.Format.FORWARDREF
        return annotationlib.call_annotate_function(annotate, form)
    return {}


def annotations_of(cls: type) -> Mapping[str, Any]:
    """A class's own annotations; texts or references for names that are not known."""
    if sys.version_info >= (3, 14):
        form = annotationlib.Format.FORWARDREF
        return annotationlib.get_annotations(cls, format=form)
    return inspect.get_annotations(cls)


def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """
    How a function is called; its annotations need not be known.

    Raises:
        TypeError, ValueError: it does not tell.
    """
    if sys.version_info >= (3, 14):
        form = annotationlib.Format.FORWARDREF
        return inspect.signature(function, annotation_format=form)
    return inspect.signature(function)
