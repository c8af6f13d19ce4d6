"""
The wire protocol without I/O and without a clock: bytes in, messages out.

Both roles are here, the one that asks and the one that answers, so a scripted
server, a proxy or a benchmark is made of the same parts as the driver.
"""

from .conversation import ClientConversation, Inbox, ServerConversation
from .handshake import (
    Ask,
    Credential,
    Greeting,
    Steps,
    driver_metadata,
    handshake,
)
from .message import MAX_MESSAGE_SIZE, MORE_TO_COME, Message, append_message
from .scram import Derivation, Scram

__all__ = [
    "MAX_MESSAGE_SIZE",
    "MORE_TO_COME",
    "Ask",
    "ClientConversation",
    "Credential",
    "Derivation",
    "Greeting",
    "Inbox",
    "Message",
    "Scram",
    "ServerConversation",
    "Steps",
    "append_message",
    "driver_metadata",
    "handshake",
]
