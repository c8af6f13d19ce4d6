"""
The commands a person types.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
# For who works on the codec; CONTRIBUTING.md names them.
UNLISTED = {"fuzz"}


def listed() -> list[str]:
    """
    Give the targets that ``make help`` lists.
    """
    command = ["make", "--no-print-directory", "help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return re.findall(r"^  ([a-z-]+) +\S", done.stdout, flags=re.MULTILINE)


def test_help_lists_every_target() -> None:
    """
    Each phony target is listed but for a few, and at most twelve are.
    """
    phony = re.findall(r"^\.PHONY: (\S+)", MAKEFILE, flags=re.MULTILINE)

    assert [target for target in phony if target not in UNLISTED] == listed()
    assert len(listed()) <= 12


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_pages_name_real_targets(page: str) -> None:
    """
    Whatever a page tells people to make exists.
    """
    text = (ROOT / page).read_text()
    named = re.findall(r"(?:^|[`$] ?|test )make((?: [a-z-]+)+)", text, re.MULTILINE)
    words = {word for line in named for word in line.split()}

    assert words
    assert words <= {*listed(), *UNLISTED}
