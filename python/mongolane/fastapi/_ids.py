"""An ObjectId in a path or a query string."""

from __future__ import annotations

from typing import Annotated, TypeAlias, get_args

from bson import ObjectId

from ..fields import told

__all__ = ["ObjectIdPath"]

_MARK = get_args(told(ObjectId))[1]

ObjectIdPath: TypeAlias = Annotated[ObjectId, _MARK]
"""
The type of a path or query parameter that is an ObjectId; anything else is answered
with 422 and FastAPI's usual body::

    @app.get("/users/{user_id}")
    async def user(user_id: ObjectIdPath) -> User: ...
"""
