"""Requests as frozen values: one file an operation, no I/O, no encoding."""

from .command import Command

__all__ = ["Command"]
