"""What is printed: a URI without its password, numbers and times for people."""

from __future__ import annotations

import re

__all__ = ["without_password"]

_PASSWORD = re.compile(r"(?<=://)([^/?#]*)(?=@)")
_SECRET = re.compile(
    r"(?i)((?:password|token|secret|AWS_SESSION_TOKEN)[^=&:]*[=:])[^&,]+"
)


def without_password(text: str) -> str:
    """``text`` with what stands between ``user:`` and ``@`` in any URI hidden."""
    hidden = _PASSWORD.sub(lambda found: found[0].partition(":")[0] + ":***", text)
    return _SECRET.sub(r"\1***", hidden)
