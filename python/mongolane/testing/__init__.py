"""
For tests of programs that use ``mongolane``, its own included.

``ScriptedServer`` speaks the wire protocol and answers what the test says;
``CannedServer`` answers always the same, fast, for benchmarks; ``PretendLane`` is a
lane without any server.
"""

from .canned import CannedServer
from .lane import PretendLane
from .server import Close, Cut, Delay, Hang, Raw, Received, ScriptedServer

__all__ = [
    "CannedServer",
    "Close",
    "Cut",
    "Delay",
    "Hang",
    "PretendLane",
    "Raw",
    "Received",
    "ScriptedServer",
]
