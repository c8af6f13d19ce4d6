"""
``motormongo.utils.logging`` by its old path: a logger without a handler.
"""

import logging
import os

__all__ = ["DEBUG_MODE", "logger"]

logger: logging.Logger = logging.getLogger("motormongo.utils.logging")

DEBUG_MODE: str | bool = os.environ.get("DEBUG_MODE", False)
"""The variable as it is. Nothing here looks at it: levels are logging's business."""
