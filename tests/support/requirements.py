"""
What a test needs and a machine may lack: a browser, a real server, fetched files.

Where it is missing, the test is skipped by name with the reason. The environment
variable ``MONGOLANE_REQUIRE=browser,server,data,spec-tests`` names what must be there:
then it is a failure. Whoever says ``SPEC_TESTS=DIR`` requires those tests.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

NAMES = ("browser", "server", "data", "spec-tests")


def required() -> frozenset[str]:
    """
    Give what must be there.
    """
    text = os.environ.get("MONGOLANE_REQUIRE", "")
    names = frozenset(word.strip() for word in text.split(",") if word.strip())
    unknown = names.difference(NAMES)
    if unknown:
        raise pytest.UsageError(
            f"MONGOLANE_REQUIRE names {', '.join(sorted(unknown))}; "
            f"it knows {', '.join(NAMES)}"
        )
    return names | {"spec-tests"} if os.environ.get("SPEC_TESTS") else names


def missing(name: str, reason: str) -> NoReturn:
    """
    End the test that needs ``name``: skipped, or failed if it is required.
    """
    if name in required():
        pytest.fail(f"{name} is required and missing: {reason}", pytrace=False)
    pytest.skip(f"no {name}: {reason}")


def pytest_configure() -> None:
    """
    Refuse a misspelt requirement, which would otherwise require nothing.
    """
    required()
