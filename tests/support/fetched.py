"""
Files that lie in the cache outside the checkout: real data, the official tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.requirements import missing, required
from tests.support.tools import ToolFailedError, run_tool


def fetched(kind: str) -> Path:
    """
    Give the folder of a kind; fetch it only where it is required.
    """
    options = () if kind in required() else ("--no-fetch",)
    try:
        return Path(run_tool("fetch.py", kind, *options))
    except ToolFailedError as error:
        missing(kind, str(error))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """
    The folder with movies.json, zipcodes.csv, earthquakes.json, flights-200k.json.
    """
    return fetched("data")


@pytest.fixture(scope="session")
def spec_tests() -> SpecTests:
    """
    The official specification tests.
    """
    return SpecTests(fetched("spec-tests"))


class SpecTests:
    """
    The specifications' JSON tests, in either of the two layouts they come in.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, name: str) -> list[Path]:
        """
        Give a specification's JSON files, such as those of ``bson-corpus``.

        Sub-folders, as ``sessions/unified``, belong to the name or are walked.
        """
        # The specifications' repository says source/bson-corpus/tests, PyMongo
        # test/bson_corpus; both sometimes write a dash where the other has a line.
        spec, _, rest = name.partition("/")
        for word in (spec, spec.replace("-", "_"), spec.replace("_", "-")):
            for base in (Path("source", word, "tests"), Path(word)):
                folder = self.folder / base / rest
                if folder.is_dir():
                    return sorted(folder.rglob("*.json"))
        raise FileNotFoundError(f"no tests of {name} in {self.folder}")
