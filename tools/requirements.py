#!/usr/bin/env python3
"""
Prints what pip must install before the project itself: its own needs, those of the
extras named on the command line, and what builds it. So that a change in the sources
costs a build and not a look at every requirement.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parent.parent / "pyproject.toml"


def expand(requirement: str, name: str, extras: dict[str, list[str]]) -> Iterator[str]:
    """
    Give a requirement, or where it is an extra of the project itself, what that needs.
    """
    own = re.fullmatch(rf"{re.escape(name)}\[([^\]]+)\]", requirement.strip())
    if own is None:
        yield requirement
        return
    for extra in own[1].split(","):
        for inner in extras[extra.strip()]:
            yield from expand(inner, name, extras)


def main() -> None:
    """
    Print the requirements, one a line.
    """
    text = tomllib.loads(PROJECT.read_text())
    project = text["project"]
    extras = project.get("optional-dependencies", {})
    wanted = [*text["build-system"]["requires"], *project.get("dependencies", [])]
    for extra in sys.argv[1:]:
        wanted += expand(f"{project['name']}[{extra}]", project["name"], extras)
    print("\n".join(dict.fromkeys(wanted)))


if __name__ == "__main__":
    main()
