"""What is made to exhaust the reader costs no more than its size, or is refused."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mongolane.codec.plan import ModelPlan
from mongolane.errors import BSONError, DocumentDecodeError
from tests.codec import models
from tests.codec.adversaries import deep, enclosed, lying, wide

MANY = 20_000
ROOT = Path(__file__).parents[2]
NODE = ModelPlan(models.Node)
NODE.fields = (
    models.field("name", models.STR, default="a"),
    models.field("children", models.ListOf(models.Model(NODE)), default_factory=list),
)
OPEN = ModelPlan(models.Open, models.OPEN.fields, extra="allow")
# What a document of many values is refused with, where it does not fit.
UNFIT = DocumentDecodeError


def calls(codec: ModuleType) -> dict[str, Callable[[bytes], Any]]:
    """Everything that reads a document whole."""
    node, free = codec.compile(NODE), codec.compile(OPEN)
    return {
        "decode": codec.decode,
        "json": codec.to_json,
        "extended JSON": codec.to_extended_json,
        "typed": node.decode,
        "typed JSON": node.json,
        "free": free.decode,
        "free JSON": free.json,
        "changes": lambda data: free.changed(free.decode(data), data),
        "batch": lambda data: codec.Reply(reply(data)).documents(),
        "typed batch": lambda data: node.decode_reply(codec.Reply(reply(data))),
    }


def reply(data: bytes) -> bytes:
    """A find's answer with one document."""
    batch = enclosed(b"\x030\0" + data)
    return enclosed(b"\x03cursor\0" + enclosed(b"\x04firstBatch\0" + batch))


LYING = dict(lying("children"))
DEEP = dict(deep(3000))
WIDE = dict(wide(MANY))


def refused() -> AbstractContextManager[Any]:
    """What a call with a bad document is held to."""
    return pytest.raises((BSONError, UNFIT))


@pytest.mark.parametrize("name", LYING)
def test_lengths_that_lie_are_refused(codec: ModuleType, name: str) -> None:
    """No value is made as long as it says before it is as long."""
    for call in calls(codec).values():
        with refused():
            call(LYING[name])


@pytest.mark.parametrize("name", DEEP)
def test_depth_is_refused(codec: ModuleType, name: str) -> None:
    """Thousands of levels are an error, not the end of the stack."""
    for way, call in calls(codec).items():
        # A class steps over what it does not declare.
        unseen = "typed" in way and name != "instances"
        with contextlib.suppress(BSONError, UNFIT) if unseen else refused():
            call(DEEP[name])


@pytest.mark.parametrize("levels", [300, 900, 100_000])
@pytest.mark.parametrize(("left", "right"), [('{"a":', "}"), ('{"a":[', "]}")])
def test_depth_of_json_is_refused(
    codec: ModuleType, left: str, right: str, levels: int
) -> None:
    """Also as text, whether or not it ends."""
    for text in (left * levels, left * levels + "1" + right * levels):
        with pytest.raises(BSONError):
            codec.from_json(text)


@pytest.mark.parametrize("name", WIDE)
def test_many_values_are_read_or_refused(codec: ModuleType, name: str) -> None:
    """In a time and a room that grow with their number, not with its square."""
    for call in calls(codec).values():
        with contextlib.suppress(BSONError, UNFIT):
            call(WIDE[name])


def test_positions_in_arrays_are_not_believed(codec: ModuleType) -> None:
    """An array has as many items as stand in it, whatever their keys are."""
    read = codec.decode(WIDE["items that all stand far away"])

    assert read == {"children": [None] * MANY}


@pytest.mark.skipif(sys.platform != "linux", reason="limits a process's memory")
def test_memory_is_bounded() -> None:
    """All of them, with 200000 values, are read within a gigabyte."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )

    assert (done.returncode, done.stderr) == (0, "")


LIMITED = """
import resource
from mongolane import _native
from tests.codec import adversaries, test_costly_documents as costly

resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
calls = costly.calls(_native)
for make in (
    lambda: adversaries.lying("children"),
    lambda: adversaries.deep(5000),
    lambda: adversaries.wide(200_000),
):
    for name, data in make():
        for call in calls.values():
            try:
                call(data)
            except (costly.BSONError, costly.UNFIT):
                pass
"""
