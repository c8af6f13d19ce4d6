"""Where the data is, from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """
    Attributes:
        uri: ``MONGODB_URI``, or else the embedded engine on ``.demo/``.
        db: ``MONGODB_DB``, ``stays`` by default.
        data: ``STAYS_DATA``: a file with the real collection, None for made-up data.
        count: ``STAYS_COUNT``: how many listings are made up.
    """

    uri: str
    db: str
    data: Path | None
    count: int

    @classmethod
    def from_environment(cls) -> Settings:
        """The settings of this process."""
        data = os.environ.get("STAYS_DATA")
        return cls(
            uri=os.environ.get("MONGODB_URI") or f"embedded://{demo_folder()}",
            db=os.environ.get("MONGODB_DB", "stays"),
            data=Path(data) if data else None,
            count=int(os.environ.get("STAYS_COUNT", "5555")),
        )


def demo_folder() -> Path:
    """``.demo`` in the checkout; without one, in the user's data directory."""
    here = Path(__file__).resolve().parents[2]
    if (here / "pyproject.toml").exists() and os.access(here, os.W_OK):
        return here / ".demo"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "mongolane" / "stays"
