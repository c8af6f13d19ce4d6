"""Every import arrow points down, and foreign libraries enter by their doors."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "python" / "mongolane"

LEVELS = {
    "errors": 0, "abc": 0, "_compat": 0, "_native": 0,
    "wire": 1, "codec": 1, "expressions": 1, "fields": 1, "commands": 1,
    "schema": 2, "net": 2,
    "lanes": 3,
    "queries": 4,
    "documents": 5,
    "motormongo": 6, "fastapi": 6, "testing": 6, "embedded": 6, "cli": 6,
    "__init__": 7,
}  # fmt: skip

DOORS = {
    "asyncio": {"net", "lanes"},
    "pymongo": {"lanes", "errors"},
    "bson": {"codec", "fields", "expressions", "schema", "documents", "errors"},
    "pydantic": {"schema", "fields", "documents"},
    "pydantic_core": {"schema", "fields", "documents"},
    "fastapi": {"fastapi"},
    "starlette": {"fastapi"},
    "typer": {"cli"},
    "rich": {"cli"},
}

# Rooms of the user's own kind may use what their kind of user uses.
FREE = {"motormongo", "fastapi", "testing", "embedded", "cli"}

# The few steps sideways, each with the reason; none is answered by a step back.
SIDEWAYS = {
    ("fields", "expressions"): "Mapped[T] is a Path[T] on the class, to a checker too",
    ("fields", "codec"): "a field object says in the plan's words how it is stored",
    ("cli", "embedded"): "`mongolane serve` is the embedded engine by hand",
}

# What comes through a door that is not its own, each with the reason.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("lanes/_through.py", "bson"): "PyMongo's clients take raw BSON as RawBSONDocument",
}


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Absolute names of all that a module imports, function bodies included."""
    package = ("mongolane", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *((node.module or "").split("."))))
            module = module.strip(".")
            if module == "mongolane":
                for alias in node.names:
                    yield f"mongolane.{alias.name}", node.lineno
            else:
                yield module, node.lineno


def arrows(path: Path) -> Iterator[str]:
    """The modules that a module takes something from, function bodies included."""
    package = ("mongolane", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.level or node.module):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join(filter(None, (*base, node.module)))
            names = [f"{module}.{alias.name}" for alias in node.names]
            yield from (one if one in NAMES else module for one in names)


def name_of(path: Path) -> str:
    """A module's name."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


NAMES = {name_of(path): path for path in modules()} | {"mongolane._native": None}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down_and_enter_by_doors(path: Path) -> None:
    """A module imports its own room, lower levels, and libraries with a door there."""
    room = room_of(path)
    broken = []
    for name, line in imports(path):
        parts = name.split(".")
        if parts[0] == "mongolane" and len(parts) > 1:
            other = parts[1]
            if other == room or (room, other) in SIDEWAYS:
                continue
            if LEVELS.get(other, 99) >= LEVELS[room]:
                broken.append(f"{path.name}:{line} {room} imports {name}: not lower")
        elif parts[0] in DOORS and room not in DOORS[parts[0]] | FREE:
            key = (str(path.relative_to(PACKAGE)), parts[0])
            if key not in EXCEPTIONS:
                broken.append(f"{path.name}:{line} {parts[0]} has no door in {room}")
    assert not broken


def test_every_room_has_a_level() -> None:
    """No room stands outside the table of levels."""
    assert {room_of(path) for path in modules()} <= set(LEVELS)


def test_no_step_sideways_is_answered() -> None:
    """Where one room steps sideways to another, the other doesn't step back."""
    assert not {(there, here) for here, there in SIDEWAYS} & set(SIDEWAYS)


def test_no_import_goes_in_a_circle() -> None:
    """Whichever module one begins to read with, what it needs can be read before."""
    graph = {name: set(arrows(path)) for name, path in NAMES.items() if path}
    in_order = [*TopologicalSorter(graph).static_order()]

    assert set(graph) <= set(in_order)
