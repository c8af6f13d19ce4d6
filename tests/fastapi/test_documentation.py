"""The code in ``docs/fastapi.md`` runs."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from starlette.testclient import TestClient
from tests.support.servers import Server

PAGE = Path(__file__).parents[2] / "docs" / "fastapi.md"
ELSEWHERE = "uri=..., db=..."


def test_the_pages_application(
    engine: Server, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's pieces together are an application that does what the page says."""
    pieces = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    code = "\n".join(one for one in pieces if ELSEWHERE not in one)
    code = code.replace("mongodb://localhost:27017/", engine.uri)
    code = code.replace('db="stays"', f"db={database_name!r}")
    module = ModuleType("documented")
    monkeypatch.setitem(sys.modules, "documented", module)
    exec(compile(code, str(PAGE), "exec"), module.__dict__)

    with TestClient(module.app) as client:
        body = {"name": "Loft", "price": "12.50", "amenities": ["Wifi"]}
        stay = client.post("/stays", json=body).json()

        assert client.get("/stays").json() == [stay]
        assert client.get(f"/stays/{stay['id']}").json() == stay
        assert client.get("/stays/zz").status_code == 422
        assert client.get("/stays/pages").json()["total"] == 1
        assert (
            client.get("/search", params={"text": "LO", "max_price": 12}).json() == []
        )
        assert client.get("/health").json()["pool"]["open"] >= 1
