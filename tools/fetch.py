#!/usr/bin/env python3
"""
Fetches what tests read but the repository doesn't hold, into the cache.

    fetch.py data          real, dirty data: the npm package vega-datasets
    fetch.py spec-tests    the official BSON and driver tests, as PyMongo ships them

Prints the folder of each. With --no-fetch, a folder that isn't there is an error
instead. SPEC_TESTS=DIR stands in for the second: a checkout of the specifications'
repository (source/*/tests) or a folder of the same layout as PyMongo's test/.
"""

from __future__ import annotations

import argparse
import os
import sys
import tarfile
import tempfile
from pathlib import Path

import cache
from cache import ToolError, say

VEGA = "vega-datasets@3.2.1"
VEGA_FILES = ("movies.json", "zipcodes.csv", "earthquakes.json", "flights-200k.json")
PYMONGO = "pymongo==4.20.0"


def unpack(archive: Path, folder: Path, wanted: dict[str, str]) -> int:
    """
    Unpack the members whose path begins with a key, under that key's value instead.
    """
    count = 0
    with tarfile.open(archive) as tar:
        for member in tar:
            for old, new in wanted.items():
                if member.isfile() and member.name.startswith(old):
                    member.name = new + member.name.removeprefix(old)
                    tar.extract(member, folder, filter="data")
                    count += 1
    return count


def make_data(folder: Path) -> None:
    """
    Fetch the datasets with npm.
    """
    npm = cache.need("npm", f"it fetches {VEGA}")
    say(f"fetching {VEGA} ...")
    with tempfile.TemporaryDirectory() as temp:
        cache.run([npm, "pack", "--silent", VEGA], cwd=Path(temp))
        (archive,) = Path(temp).glob("*.tgz")
        wanted = {f"package/data/{name}": name for name in VEGA_FILES}
        if unpack(archive, folder, wanted) != len(VEGA_FILES):
            raise ToolError(f"{VEGA} lacks one of {', '.join(VEGA_FILES)}")


def make_spec_tests(folder: Path) -> None:
    """
    Fetch PyMongo's source distribution with pip and keep the JSON of its tests.
    """
    say(f"fetching the tests of {PYMONGO} ...")
    with tempfile.TemporaryDirectory() as temp:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        options = ["--no-deps", "--no-binary", ":all:", "--quiet", "--dest", temp]
        cache.run([*pip, "download", *options, PYMONGO])
        (archive,) = Path(temp).glob("*.tar.gz")
        top = archive.name.removesuffix(".tar.gz")
        wanted = {f"{top}/test/": "", f"{top}/LICENSE": "LICENSE"}
        if not unpack(archive, folder, wanted):
            raise ToolError(f"the source distribution of {PYMONGO} has no test folder")
    for path in folder.rglob("*.py"):
        path.unlink()


KINDS = {
    "data": (VEGA.replace("@", "-"), make_data),
    "spec-tests": (f"spec-tests-{PYMONGO.replace('==', '-')}", make_spec_tests),
}


def main() -> int:
    """
    Read the command line and do it.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", nargs="+", choices=list(KINDS))
    parser.add_argument("--no-fetch", action="store_true")
    options = parser.parse_args()
    for kind in options.kind:
        own = os.environ.get("SPEC_TESTS") if kind == "spec-tests" else None
        name, make = KINDS[kind]
        folder = Path(own).absolute() if own else cache.cache_dir() / name
        if not folder.exists():
            if own:
                raise ToolError(f"SPEC_TESTS names {own}, which isn't there")
            if options.no_fetch:
                raise ToolError(f"not fetched; make {kind} does it")
            cache.made_once(folder, make)
        print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(cache.report(main))
