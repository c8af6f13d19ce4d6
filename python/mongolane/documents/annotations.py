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
from pydantic.fields import FieldInfo

from .._compat import (
    annotation_lines,
    annotations_as_text,
    body_annotations,
    put_annotations,
    references,
)
from ..errors import ConfigurationError
from ..fields import Declared, Field, Mapped, Mark, jsonable, told

__all__ = ["annotated_fields", "prepare", "refuse_strays"]

_SIMPLE = (str, int, float, bool)


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
    declared = body_annotations(namespace)
    scope = {**references(namespace), **_scope(namespace, local)}
    # Whatever had the class's name before is not what is meant.
    scope.pop(name, None)
    if any(_is_open(one) or _is_former(one, namespace) for one in declared.values()):
        texts = annotations_as_text(namespace)
        declared = {
            key: _closed(one, texts.get(key), scope, namespace)
            for key, one in declared.items()
        }
    resolved = {key: _resolved(one, scope, namespace) for key, one in declared.items()}
    fields = set(annotated_fields(namespace))
    objects: dict[str, Field[Any]] = {}
    annotations: dict[str, Any] = {}
    for key in _in_order(declared, namespace):
        value: Any = namespace.get(key)
        if isinstance(value, Field):
            if key[:1] == "_":
                kind = f"{type(value).__name__}(stored={key!r})"
                raise ConfigurationError(
                    f"{name}.{key}: no field begins with an underscore; write "
                    f"{key.lstrip('_')} = {kind}"
                )
            value.named(name, key)
            objects[key] = value
            annotations[key] = value.full_annotation()
            if marks := _marks_beside(value, resolved.get(key)):
                annotations[key] = Annotated[(annotations[key], *marks)]
            namespace[key] = _info(value)
        elif key in resolved:
            annotations[key] = resolved[key]
            if isinstance(value, Declared):
                annotations[key] = Annotated[(resolved[key], *value.marks, None)]
                namespace[key] = value.info()
            if key in namespace and key in fields:
                namespace[key] = _shown_default(namespace[key])
    put_annotations(namespace, annotations)
    return objects


def _shown_default(value: Any) -> Any:
    """
    A default of one of ``bson``'s types so that JSON schema can show it.

    Pydantic does not know these types as values, and would warn of each.
    """
    info = value if isinstance(value, FieldInfo) else pydantic.Field(default=value)
    default = info.default
    if type(default).__module__.partition(".")[0] != "bson":
        return value
    options = {
        key: one for key, one in info._attributes_set.items() if key != "default"
    }
    shown = jsonable(default)
    if "json_schema_extra" not in options and not isinstance(shown, dict):
        options["json_schema_extra"] = {"default": shown}
    return pydantic.Field(default_factory=lambda: default, **options)


def refuse_strays(name: str, bases: tuple[type, ...]) -> None:
    """
    Refuse field objects of a plain class: pydantic would make no fields of them.

    Raises:
        ConfigurationError: names both classes and the field.
    """
    for base in {one for given in bases for one in given.__mro__}:
        if issubclass(base, pydantic.BaseModel):
            continue
        for key, value in vars(base).items():
            if isinstance(value, Field):
                raise ConfigurationError(
                    f"{name} has no field {key!r} of {base.__name__}, which is a plain "
                    "class; let that be a document class, too"
                )


def _marks_beside(field: Field[Any], annotation: Any) -> list[Any]:
    """
    What ``Annotated`` says beside a field object, of names, indexes, and JSON.

    Raises:
        ConfigurationError: for a check, which reads and updates would not ask.
    """
    marks = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    for mark in marks:
        if _checks(mark):
            kind = type(field).__name__
            raise ConfigurationError(
                f"{field.owner}.{field.name}: {kind} checks its values itself, and "
                f"would not ask {mark!r}; use its options, or @field_validator"
            )
    return [one for one in marks if isinstance(one, (Mark, FieldInfo))]


def _checks(mark: Any) -> bool:
    if isinstance(mark, FieldInfo):
        return bool(mark.metadata)
    known = type(mark).__module__ == "annotated_types"
    return known or hasattr(mark, "__get_pydantic_core_schema__")


def _info(field: Field[Any]) -> Any:
    if field.default is None:
        return pydantic.Field() if field.required else pydantic.Field(default=None)
    if callable(field.default):
        return pydantic.Field(default_factory=field.make_default)
    value = field.make_default() if not field.secret else None
    if type(value) in _SIMPLE:
        return pydantic.Field(default=value)
    return pydantic.Field(default_factory=field.make_default)


def _is_open(annotation: Any) -> bool:
    """Whether names in it are not known yet."""
    if isinstance(annotation, typing.ForwardRef):
        return True
    return any(map(_is_open, get_args(annotation)))


def _is_former(annotation: Any, body: Mapping[str, Any]) -> bool:
    """Whether it names a class that was declared before as the one of this body is."""
    made = getattr(annotation, "__pydantic_generic_metadata__", None) or {}
    cls = made.get("origin") or annotation
    if isinstance(cls, type) and not get_args(cls):
        name = (cls.__module__, cls.__qualname__)
        return name == (body.get("__module__"), body.get("__qualname__"))
    return any(_is_former(one, body) for one in get_args(annotation))


def _closed(
    annotation: Any, text: str | None, scope: dict[str, Any], body: Mapping[str, Any]
) -> Any:
    """
    The annotation with the references in it as short as can be.

    From Python 3.14 on, ``ObjectId | Later`` is one reference as a whole, in which
    nothing can be marked; by its text it is a union with a reference in it. And the
    class's own name is there what had it before, as where a notebook's cell runs twice.
    """
    if text is None:
        return annotation
    if _is_former(annotation, body):
        with contextlib.suppress(Exception):
            return _with_references(text, scope)
        # A generic class, for which no reference can stand.
        return text
    if not _is_open(annotation):
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
        for name, one in body_annotations(namespace).items()
        if name[:1] != "_"
        and not _is_generic(one, ClassVar)
        and (not isinstance(namespace.get(name), Field) or _is_generic(one, Mapped))
    ]


def _is_generic(annotation: Any, generic: Any) -> bool:
    if isinstance(annotation, str):
        name = annotation.partition("[")[0].rpartition(".")[2]
        return name == getattr(generic, "__name__", "ClassVar")
    return annotation is generic or get_origin(annotation) is generic


def _in_order(declared: Mapping[str, Any], namespace: Mapping[str, Any]) -> list[str]:
    """
    Names in declared order.

    From Python 3.14 on, annotations are not noted while the body runs; the lines that
    they stand on tell. Where those are not known, an annotation without a value comes
    right before the next name that has both.
    """
    order: dict[str, int] = namespace.get("__mongolane_order__") or {}
    if order and all(one in order for one in declared):
        return list(order)
    result = _tied(declared, namespace)
    if any(isinstance(one, Field) for one in namespace.values()):
        lines = {**order, **annotation_lines(namespace)}
        if all(one in lines for one in result):
            result.sort(key=lines.__getitem__)
    return result


def _tied(declared: Mapping[str, Any], namespace: Mapping[str, Any]) -> list[str]:
    """Annotated names, and others among them: each before the next that is both."""
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
        made = _with_references(annotation, scope)
        return annotation if told(made) is made else made
    return annotation


def _with_references(annotation: str, scope: dict[str, Any]) -> Any:
    return eval(annotation, {}, _Later(scope))


class _Later(dict[str, Any]):
    """Names, and for those of which nothing is known, references to them."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, None) or typing.ForwardRef(name)


def _finds(reference: typing.ForwardRef) -> bool:
    """Whether a reference was made by Python, and knows where its name will be."""
    return getattr(reference, "__cell__", None) is not None


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
        if isinstance(annotation, typing.ForwardRef) and not _finds(annotation):
            return annotation.__forward_arg__
    return told(annotation)
