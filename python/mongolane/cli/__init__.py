"""
``mongolane`` on the command line: import a file, run the engine, look at a server.

Needs the extra ``cli``; everything that needs it is imported when ``main`` runs.
"""

from __future__ import annotations

import sys

__all__ = ["main"]

MISSING = (
    "mongolane's command line needs typer and rich, which are not installed: "
    "pip install 'mongolane[cli]'"
)


def main() -> None:
    """Run the command that ``sys.argv`` names, and exit with its code."""
    try:
        from ._app import app
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        sys.exit(MISSING)
    app()
