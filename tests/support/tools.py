"""
Runs the scripts in ``tools/``, which have a life outside the tests.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent.parent.parent / "tools"


class ToolFailedError(Exception):
    """
    A tool didn't do it; the message is its own last word.
    """


def command(script: str, *arguments: str) -> list[str]:
    """
    Give the command line of a tool.
    """
    return [sys.executable, str(FOLDER / script), *arguments]


def run_tool(script: str, *arguments: str) -> str:
    """
    Run a tool to its end and give what it printed.
    """
    done = subprocess.run(
        command(script, *arguments), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ToolFailedError(done.stderr.strip().partition(": ")[2] or done.stderr)
    return done.stdout.strip()
