"""
Three ways to carry a command to a server, and the choice between them.

``open_lane`` chooses once, says which and why in one log line, and never mixes: what
the chosen lane cannot do is done on ``lane.client``, by whoever asked for it.
"""

from ._home import Home
from ._servers import ServerLimits
from .choose import open_lane
from .control import Control
from .describe import Finding, describe
from .direct import DirectLane, Pin
from .embedded import EmbeddedServer
from .pymongo import PyMongoLane
from .threads import ThreadsLane

__all__ = [
    "Control",
    "DirectLane",
    "EmbeddedServer",
    "Finding",
    "Home",
    "Pin",
    "PyMongoLane",
    "ServerLimits",
    "ThreadsLane",
    "describe",
    "open_lane",
]
