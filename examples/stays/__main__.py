"""``python -m examples.stays``: the application with its data, on one port."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import Any

__all__ = ["main"]


def main() -> int:
    """Serve until Ctrl-C; the exit code."""
    given = _arguments()
    if given.data is not None:
        if not given.data.is_file():
            print(f"there is no file {given.data}", file=sys.stderr)
            return 1
        os.environ["STAYS_DATA"] = str(given.data)
    # After the environment is set: the application reads it when it is imported.
    from .app import SETTINGS

    if given.reset:
        asyncio.run(_forget(SETTINGS))
    return _serve(given, SETTINGS)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m examples.stays", description=__doc__
    )
    parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument(
        "--data", type=Path, help="listingsAndReviews as .bson or .json, if still empty"
    )
    parser.add_argument(
        "--reset", action="store_true", help="drop what is stored first"
    )
    return parser.parse_args()


async def _forget(settings: Any) -> None:
    from mongolane import DataBase

    from .loading import forget

    await DataBase.connect(uri=settings.uri, db=settings.db)
    try:
        await forget()
    finally:
        await DataBase.close()


def _serve(given: argparse.Namespace, settings: Any) -> int:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                print(
                    f"\n  Stays       http://{given.host}:{given.port}/\n"
                    f"  Its routes  http://{given.host}:{given.port}/docs\n\n"
                    "  Ctrl-C stops all of it.\n",
                    flush=True,
                )

    where = "on MONGODB_URI" if os.environ.get("MONGODB_URI") else settings.uri
    print(f"Starting; the data is {where} ...", flush=True)
    config = uvicorn.Config(
        "examples.stays.app:app",
        given.host,
        given.port,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    server = Server(config)
    try:
        server.run()
    except KeyboardInterrupt:
        print("stopped", flush=True)
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
