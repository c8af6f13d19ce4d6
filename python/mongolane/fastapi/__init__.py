"""
For FastAPI applications: responses, filters, path parameters, errors, health.

Documents need nothing of this to be request bodies and response models; they are
pydantic models. ``DataBase.lifespan`` connects while the application runs.
"""

try:
    import fastapi as _fastapi  # noqa: F401
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "mongolane.fastapi needs FastAPI, which is not installed: "
        "pip install 'mongolane[fastapi]'",
        name=_missing.name,
    ) from None

from ._errors import error_response, install_error_handlers
from ._filters import (
    Ask,
    all_of,
    at_least,
    at_most,
    contains,
    equals,
    filter_by,
    one_of,
)
from ._health import PoolStatus, ping, pool_status
from ._ids import ObjectIdPath
from ._lifespan import Lifespan, lifespans
from ._responses import (
    Page,
    QueryResponse,
    get_or_404,
    json_response,
    page_response,
)

__all__ = [
    "Ask",
    "Lifespan",
    "ObjectIdPath",
    "Page",
    "PoolStatus",
    "QueryResponse",
    "all_of",
    "at_least",
    "at_most",
    "contains",
    "equals",
    "error_response",
    "filter_by",
    "get_or_404",
    "install_error_handlers",
    "json_response",
    "lifespans",
    "one_of",
    "page_response",
    "ping",
    "pool_status",
]
