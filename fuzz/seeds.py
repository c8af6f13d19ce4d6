"""What the Rust targets begin with: texts that stand in the tests, and known words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def seeds(target: str) -> Iterator[bytes]:
    """Texts out of the Rust tests, and BSON out of the Python tests."""
    texts = sorted({text for text in _raw_texts() if len(text) < 2000})
    if target == "engine":
        documents = [text for text in texts if text.startswith("{") and "$" not in text]
        for number, text in enumerate(text for text in texts if text[:1] in "[{"):
            beside = documents[number % len(documents)] if documents else "{}"
            yield f"{text}\n{beside}\n".encode()
        return
    if target == "extended":
        yield from (text.encode() for text in texts if text.startswith("{"))
    yield from _bson_seeds()


def _raw_texts() -> Iterator[str]:
    for source in sorted(ROOT.glob("rust/*/src/**/*.rs")):
        for text in re.findall(r'r#"(.*?)"#', source.read_text(), re.S):
            yield " ".join(text.split())


def _bson_seeds() -> Iterator[bytes]:
    try:
        from tests.codec.documents import to_bson
        from tests.codec.test_values import AS_BSON
    except ImportError:
        yield b"\x0c\0\0\0\x10a\0\x01\0\0\0\0"
        return
    for key, value in AS_BSON.items():
        yield to_bson({key: value, "d": {"l": [value]}})


def dictionary(target: str) -> list[str]:
    """Words that the code under test knows."""
    folder = "engine" if target == "engine" else "bson"
    found: set[str] = set()
    for source in ROOT.glob(f"rust/{folder}/src/**/*.rs"):
        found.update(re.findall(r'"(\$\w+)"', source.read_text()))
        if target == "engine":
            found.update(
                re.findall(r'"([a-z][A-Za-z]{2,15})" ?(?:=>|\|)', source.read_text())
            )
    return sorted(found) or ["$a"]
