"""
A MongoDB-compatible server in this process, for one machine.

It runs on threads of its own and speaks the wire protocol, so any driver can use it.
``DataBase.connect(uri="embedded://")`` starts one by itself; this room is for who
wants it by hand.
"""

from .engine import Engine, serve

__all__ = ["Engine", "serve"]
