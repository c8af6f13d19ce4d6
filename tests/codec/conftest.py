"""Both codecs, one test: ``codec`` is the native module, then its twin."""

from __future__ import annotations

from types import ModuleType

import pytest

from mongolane.codec import _python

try:
    from mongolane import _native
except ImportError:  # pragma: no cover
    _native = None  # type: ignore[assignment]


@pytest.fixture(params=["native", "python"])
def codec(request: pytest.FixtureRequest) -> ModuleType:
    """A module with the codec's API."""
    if request.param == "python":
        return _python
    if _native is None:
        pytest.skip("the native module is not built")
    return _native


@pytest.fixture
def native() -> ModuleType:
    """The native module."""
    if _native is None:
        pytest.skip("the native module is not built")
    return _native
