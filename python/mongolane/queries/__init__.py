"""Requests collected lazily and run when awaited; they hold a source, no class."""

from .source import Source, Target

__all__ = ["Source", "Target"]
