"""What may be printed: messages without passwords and without a driver's innards."""

from __future__ import annotations

import re

__all__ = ["brief", "without_password"]

_PASSWORD = re.compile(r"(?<=://)([^/?#]*)(?=@)")
_SECRET = re.compile(
    r"(?i)((?:password|token|secret|AWS_SESSION_TOKEN)[^=&:]*[=:])[^&,]+"
)
_DETAILS = re.compile(
    r" \(configured timeouts:[^)]*\)|, Timeout: .*|, full error: .*", re.DOTALL
)


def without_password(text: str) -> str:
    """``text`` with what stands between ``user:`` and ``@`` in any URI hidden."""
    hidden = _PASSWORD.sub(lambda found: found[0].partition(":")[0] + ":***", text)
    return _SECRET.sub(r"\1***", hidden)


def brief(error: BaseException) -> str:
    """PyMongo's message without the settings, topology or reply at its end."""
    return _DETAILS.sub("", str(error)).rstrip(".")
