"""
``tools/fetch.py`` and the cache it fetches into.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.fetched import SpecTests
from tests.support.tools import ToolFailedError, run_tool


def test_nothing_fetched_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    An empty cache is an error that names the target to make.
    """
    monkeypatch.setenv("MONGOLANE_CACHE", str(tmp_path))

    with pytest.raises(ToolFailedError, match="not fetched; make data does it"):
        run_tool("fetch.py", "data", "--no-fetch")


def test_own_spec_tests_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    SPEC_TESTS is taken as it is, and a misspelt one is an error.
    """
    monkeypatch.setenv("SPEC_TESTS", str(tmp_path))
    assert str(tmp_path) == run_tool("fetch.py", "spec-tests")

    monkeypatch.setenv("SPEC_TESTS", str(tmp_path / "absent"))
    with pytest.raises(ToolFailedError, match="which isn't there"):
        run_tool("fetch.py", "spec-tests")


@pytest.mark.parametrize("layout", ["source/bson-corpus/tests", "bson_corpus"])
def test_both_layouts_are_read(tmp_path: Path, layout: str) -> None:
    """
    A specification's files are found as its own repository and as PyMongo lay them.
    """
    folder = tmp_path / layout
    folder.mkdir(parents=True)
    (folder / "array.json").write_text("{}")

    assert [folder / "array.json"] == SpecTests(tmp_path).files("bson-corpus")


def test_fetched_data_is_what_the_tests_count_on(real_data: Path) -> None:
    """
    All four files are there and not empty.
    """
    sizes = {path.name: path.stat().st_size for path in real_data.iterdir()}

    assert {
        "earthquakes.json": 1_219_853,
        "flights-200k.json": 9_863_892,
        "movies.json": 1_399_981,
        "zipcodes.csv": 2_018_388,
    } == sizes
