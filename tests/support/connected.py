"""
The default database, connected to each server on each lane.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mongolane import DataBase
from tests.support.servers import Server


@pytest.fixture
async def database(
    server: Server, lane: str, database_name: str
) -> AsyncIterator[DataBase]:
    """
    ``DataBase`` connected to a database of the test's own.
    """
    await DataBase.connect(uri=server.uri, db=database_name, lane=lane)
    yield DataBase.get()
    await DataBase.close()


@pytest.fixture
async def one_database(engine: Server, database_name: str) -> AsyncIterator[DataBase]:
    """
    The same, on the embedded engine and our own lane alone.
    """
    await DataBase.connect(uri=engine.uri, db=database_name)
    yield DataBase.get()
    await DataBase.close()
