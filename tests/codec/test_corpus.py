"""The official bson-corpus: bytes both ways, extended JSON both ways, errors."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from mongolane.errors import BSONError
from tests.support.fetched import SpecTests, fetched


def cases(group: str) -> Iterator[Any]:
    """The cases of a group, named after file and description; none if not fetched."""
    try:
        files = SpecTests(fetched("spec-tests")).files("bson-corpus")
    except pytest.skip.Exception:
        return
    for file in files:
        content = json.loads(file.read_text())
        for case in content.get(group, ()):
            deprecated = content.get("deprecated", False)
            kind = content["bson_type"]
            name = f"{file.stem}: {case['description']}"
            yield pytest.param(case | {"deprecated": deprecated, "type": kind}, id=name)


VALID = list(cases("valid"))
LOSSLESS = [case for case in VALID if not case.values[0].get("lossy")]
RELAXED = [case for case in VALID if "relaxed_extjson" in case.values[0]]
DECODE_ERRORS = list(cases("decodeErrors"))
PARSE_ERRORS = list(cases("parseErrors"))


def test_corpus_is_complete(spec_tests: SpecTests) -> None:
    """All 728 valid cases and 75 decode errors are there."""
    assert len(VALID) >= 728
    assert len(DECODE_ERRORS) >= 75


def same_json(left: str, right: str) -> bool:
    """Whether two texts hold the same JSON, numbers by their values."""
    return flat(json.loads(left)) == flat(json.loads(right))


def flat(value: Any) -> Any:
    """The value, so that equality tells 1 from 1.0 and -0.0 from 0.0."""
    if isinstance(value, dict):
        double = value.get("$numberDouble")
        if double not in (None, "NaN", "Infinity", "-Infinity"):
            return {"$numberDouble": flat(float(double))}
        return {key: flat(item) for key, item in value.items()}
    if isinstance(value, list):
        return [flat(item) for item in value]
    if isinstance(value, float):
        return "float", value, math.copysign(1, value)
    return type(value).__name__, value


@pytest.mark.parametrize("case", VALID)
def test_bytes_survive_decoding(codec: ModuleType, case: dict[str, Any]) -> None:
    """Canonical and degenerate bytes decode, and encode to the canonical ones."""
    if case["deprecated"] and "converted_bson" not in case:
        expected = None
    else:
        expected = bytes.fromhex(case.get("converted_bson", case["canonical_bson"]))
    for key in ("canonical_bson", "degenerate_bson"):
        if key in case:
            decoded = codec.decode(bytes.fromhex(case[key]))

            assert expected in (None, codec.encode(decoded))


@pytest.mark.parametrize("case", VALID)
def test_extended_json_is_written(native: ModuleType, case: dict[str, Any]) -> None:
    """Bytes become canonical and relaxed extended JSON."""
    data = bytes.fromhex(case["canonical_bson"])

    assert same_json(
        case["canonical_extjson"], native.to_extended_json(data, canonical=True)
    )
    if "relaxed_extjson" in case:
        assert same_json(case["relaxed_extjson"], native.to_extended_json(data))


@pytest.mark.parametrize("case", LOSSLESS)
def test_extended_json_is_read(native: ModuleType, case: dict[str, Any]) -> None:
    """Canonical and degenerate extended JSON become the canonical bytes."""
    expected = bytes.fromhex(case["canonical_bson"])

    assert expected == native.from_json(case["canonical_extjson"])
    if "degenerate_extjson" in case:
        assert expected == native.from_json(case["degenerate_extjson"])


@pytest.mark.parametrize("case", RELAXED)
def test_relaxed_json_loses_widths_only(
    native: ModuleType, case: dict[str, Any]
) -> None:
    """What was read from relaxed extended JSON is written as the same again."""
    data = native.from_json(case["relaxed_extjson"])

    assert same_json(case["relaxed_extjson"], native.to_extended_json(data))


@pytest.mark.parametrize("case", DECODE_ERRORS)
def test_wrong_bytes_are_refused(codec: ModuleType, case: dict[str, Any]) -> None:
    """Bytes that are not BSON raise, whatever is wrong with them."""
    with pytest.raises(BSONError):
        codec.decode(bytes.fromhex(case["bson"]))


@pytest.mark.parametrize("case", PARSE_ERRORS)
def test_wrong_json_is_refused(native: ModuleType, case: dict[str, Any]) -> None:
    """Text that is not extended JSON raises."""
    text = case["string"]
    if case["type"] == "0x13":
        text = json.dumps({"d": {"$numberDecimal": text}})
    with pytest.raises(BSONError):
        native.from_json(text)
