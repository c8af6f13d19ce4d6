"""
``tools/requirements.py``: what pip installs before the project itself.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.support.tools import run_tool

TEXT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
PROJECT = TEXT["project"]
EXTRAS = PROJECT["optional-dependencies"]


def test_plain_run_gives_the_project_and_its_builder() -> None:
    """
    Without extras it names the run-time needs and the build's, nothing else.
    """
    expected = {*PROJECT["dependencies"], *TEXT["build-system"]["requires"]}

    assert expected == set(run_tool("requirements.py").splitlines())


def test_extras_of_the_project_itself_are_expanded() -> None:
    """
    An extra that names another extra gives that one's requirements, never the project.
    """
    printed = run_tool("requirements.py", "test").splitlines()

    assert set(EXTRAS["fastapi"]) <= set(printed)
    assert not [line for line in printed if line.startswith(PROJECT["name"])]
