"""
Sockets: one (``connection``), how to get one (``connect``, ``tls``), many (``pool``).

Nothing here knows what a topology, a session or a retry is; ``lanes`` does.
"""

from .connect import Target, database_element, open_connection
from .connection import Connection
from .pool import Pool, PoolOptions, PoolStats, Waiting
from .tls import tls_context

__all__ = [
    "Connection",
    "Pool",
    "PoolOptions",
    "PoolStats",
    "Target",
    "Waiting",
    "database_element",
    "open_connection",
    "tls_context",
]
