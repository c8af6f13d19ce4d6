"""
What a class body declared, turned into what pydantic reads.

Field objects and ``field()`` become annotations with metadata; ``Mapped[T]`` becomes
``T``; ``bson``'s types are marked. All of it before pydantic sees the class, in the
order in which it was declared.
"""

from __future__ import annotations

import builtins
import contextlib
import sys
import typing
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, get_args, get_origin

import pydantic

from ..fields import Declared, Field, Mapped, told

__all__ = ["Annotations", "annotated_fields", "prepare"]

_SIMPLE = (str, int, float, bool)


class Annotations(dict[str, Any]):
    """A class body's annotations, which also note the order of everything declared."""


def prepare(
    name: str, namespace: dict[str, Any], local: Mapping[str, Any] | None
) -> dict[str, Field[Any]]:
    """
    Rewrite a class body in place.

    Args:
        name: the class's name.
        namespace: its body.
        local: the names of the function that the class statement stands in.

    Returns:
        The field objects of the body, by name.
    """
    declared = _own_annotations(namespace)
    scope = _scope(namespace, local)
    # Whatever had the class's name before is not what is meant.
    scope.pop(name, None)
    if any(map(_is_open, declared.values())):
        texts = _as_text(namespace)
        declared = {
            key: _closed(one, texts.get(key), scope, namespace)
            for key, one in declared.items()
        }
    resolved = {key: _resolved(one, scope, namespace) for key, one in declared.items()}
    objects: dict[str, Field[Any]] = {}
    annotations: dict[str, Any] = {}
    for key in _in_order(declared, namespace):
        value: Any = namespace.get(key)
        if isinstance(value, Field):
            value.named(name, key)
            objects[key] = value
            annotations[key] = value.full_annotation()
            namespace[key] = _info(value)
        elif key in resolved:
            annotations[key] = resolved[key]
            if isinstance(value, Declared):
                annotations[key] = Annotated[(resolved[key], *value.marks, None)]
                namespace[key] = value.info()
    _put_annotations(namespace, annotations)
    return objects


def _info(field: Field[Any]) -> Any:
    if field.default is None:
        return pydantic.Field() if field.required else pydantic.Field(default=None)
    if callable(field.default):
        return pydantic.Field(default_factory=field.make_default)
    value = field.make_default() if not field.secret else None
    if type(value) in _SIMPLE:
        return pydantic.Field(default=value)
    return pydantic.Field(default_factory=field.make_default)


def _own_annotations(namespace: dict[str, Any]) -> dict[str, Any]:
    if found := namespace.get("__annotations__"):
        return dict(found)
    if sys.version_info >= (3, 14):
        import annotationlib

        annotate = annotationlib.get_annotate_from_class_namespace(namespace)
        if annotate is not None:
            form = annotationlib.Format.FORWARDREF
            return dict(annotationlib.call_annotate_function(annotate, form))
    return {}


def _as_text(namespace: dict[str, Any]) -> dict[str, str]:
    """The annotations as they are written, where Python can tell."""
    if sys.version_info >= (3, 14):
        import annotationlib

        annotate = annotationlib.get_annotate_from_class_namespace(namespace)
        if annotate is not None:
            form = annotationlib.Format.STRING
            return annotationlib.call_annotate_function(annotate, form)
    return {}


def _is_open(annotation: Any) -> bool:
    """Whether names in it are not known yet."""
    if isinstance(annotation, typing.ForwardRef):
        return True
    return any(map(_is_open, get_args(annotation)))


def _closed(
    annotation: Any, text: str | None, scope: dict[str, Any], body: Mapping[str, Any]
) -> Any:
    """
    The annotation with the references in it as short as can be.

    From Python 3.14 on, ``ObjectId | Later`` is one reference as a whole, in which
    nothing can be marked; by its text it is a union with a reference in it.
    """
    if text is None or not _is_open(annotation):
        return annotation
    made = _evaluated(text, scope, body)
    return annotation if isinstance(made, str) else made


def annotated_fields(namespace: dict[str, Any]) -> list[str]:
    """
    The names in a class body that are annotated, and so are pydantic's fields.

    Not ``name: str = StringField()``, which motormongo's users write for themselves.
    """
    return [
        name
        for name, one in _own_annotations(namespace).items()
        if name[:1] != "_"
        and not _is_generic(one, ClassVar)
        and (not isinstance(namespace.get(name), Field) or _is_generic(one, Mapped))
    ]


def _is_generic(annotation: Any, generic: Any) -> bool:
    if isinstance(annotation, str):
        name = annotation.partition("[")[0].rpartition(".")[2]
        return name == getattr(generic, "__name__", "ClassVar")
    return annotation is generic or get_origin(annotation) is generic


def _put_annotations(namespace: dict[str, Any], annotations: dict[str, Any]) -> None:
    if sys.version_info >= (3, 14):
        for name in ("__annotate__", "__annotate_func__"):
            namespace.pop(name, None)
    namespace["__annotations__"] = annotations


def _in_order(declared: Mapping[str, Any], namespace: Mapping[str, Any]) -> list[str]:
    """
    Names in declared order.

    From Python 3.14 on, annotations are not noted while the body runs. Then both
    sources are in order by themselves, and a name in both ties them together: an
    annotation without a value comes right before the next name that ties.
    """
    order = namespace.get("__mongolane_order__")
    if order is not None and all(one in order for one in declared):
        return list(dict.fromkeys(order))
    result: list[str] = []
    waiting = list(declared)
    for key, value in namespace.items():
        if key in declared and key in waiting:
            at = waiting.index(key)
            result.extend(waiting[: at + 1])
            del waiting[: at + 1]
        elif isinstance(value, Field):
            result.append(key)
    return result + waiting


def _scope(
    namespace: Mapping[str, Any], local: Mapping[str, Any] | None
) -> dict[str, Any]:
    module = sys.modules.get(namespace.get("__module__", ""))
    return {**(vars(module) if module else {}), **(local or {})}


def _evaluated(annotation: str, scope: dict[str, Any], body: Mapping[str, Any]) -> Any:
    """What an annotation says; as it is, where that cannot be known yet."""
    # A name of the class body (a nested enumeration) is looked up last: it may be a
    # field's default that hides a type of the same name.
    inner = {key: one for key, one in body.items() if isinstance(one, type)}
    scope = {**inner, **scope}
    with contextlib.suppress(Exception):
        return eval(annotation, scope)
    # What of it is known may need marks, which pydantic finds nowhere later.
    with contextlib.suppress(Exception):
        made = eval(annotation, {}, _Later(scope))
        return annotation if told(made) is made else made
    return annotation


class _Later(dict[str, Any]):
    """Names, and for those of which nothing is known, references to them."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, None) or typing.ForwardRef(name)


def _resolved(
    annotation: Any, scope: dict[str, Any], namespace: Mapping[str, Any]
) -> Any:
    """The annotation itself, if its names are known by now; unwrapped and marked."""
    if isinstance(annotation, str):
        annotation = _evaluated(annotation, scope, namespace)
    if isinstance(annotation, str) or get_origin(annotation) is ClassVar:
        return annotation
    if get_origin(annotation) is Mapped:
        annotation = get_args(annotation)[0]
        if isinstance(annotation, typing.ForwardRef):
            return annotation.__forward_arg__
    return told(annotation)
