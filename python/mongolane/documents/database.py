"""
``DataBase``: the process-wide default, and objects for any other database.

Every name serves both: ``await DataBase.connect(uri=..., db=...)`` sets the default
that classes use; ``DataBase(uri, db)`` is a database of its own. Neither knows any
class before it is used; classes are known by being subclasses.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakValueDictionary

from .. import commands
from ..errors import ConfigurationError, MongolaneError, NotConnectedError
from ..lanes import Home, open_lane
from .also import also
from .index_plan import IndexPlan
from .indexes import Indexes
from .known_classes import known_documents, readable_documents
from .stamps import Clock

__all__ = ["DEFAULT", "DataBase", "get_db"]

V = TypeVar("V")

log: logging.Logger = logging.getLogger("mongolane")


class _Both(Generic[V]):
    """An attribute of the default on the class, of the object itself on an object."""

    def __init__(self, read: Callable[[DataBase], V]) -> None:
        self._read = read
        self.__doc__ = read.__doc__

    def __get__(self, instance: DataBase | None, owner: type[DataBase]) -> V:
        return self._read(instance if instance is not None else DEFAULT)


_alive: WeakValueDictionary[str, DataBase] = WeakValueDictionary()


class DataBase:
    """
    One database of one server.

    Args:
        uri: ``mongodb://``, ``mongodb+srv://`` or ``embedded://``.
        db: the database's name; without it, the one in the URI.
        client: an ``AsyncMongoClient`` to share, instead of a URI.
        lane: ``auto``, ``direct``, ``pymongo`` or ``threads``.
        pooling_options: any keyword of PyMongo's client, ``maxPoolSize`` for example.

    An object connects at its first use. There is no I/O before.
    """

    def __init__(
        self,
        uri: str | None = None,
        db: str | None = None,
        client: Any = None,
        lane: str = "auto",
        **pooling_options: Any,
    ) -> None:
        self._lane: Home | None = None
        self._name: str | None = None
        self._key = uuid.uuid4().hex
        _alive[self._key] = self
        self.indexes: Indexes = Indexes()
        self.clocks: dict[Any, Clock] = {}
        self.homes: dict[Any, Any] = {}
        if uri is not None or client is not None:
            self._name = _database_name(uri, db, client)
            self._lane = open_lane(uri, lane=lane, client=client, **pooling_options)

    # -- what queries ask (abc.Connected) ---------------------------------------

    @property
    def name(self) -> str:
        """The database's name; empty while there is no connection."""
        return self._name or ""

    @property
    def lane(self) -> Home:
        """What carries commands; NotConnectedError when there is no connection."""
        if self._lane is None:
            raise _not_connected() if self._name is None else _elsewhere(self._name)
        return self._lane

    # -- for people --------------------------------------------------------

    if TYPE_CHECKING:
        client: Any
        db: Any
    else:

        @_Both
        def client(self) -> Any:
            """PyMongo's client for whatever is not wrapped; None when not connected."""
            return None if self._lane is None else self._lane.client

        @_Both
        def db(self) -> Any:
            """PyMongo's database for whatever is not wrapped; None likewise."""
            return None if self._lane is None else self._lane.client[self.name]

    @classmethod
    def get(cls) -> DataBase:
        """The process-wide default, connected or not."""
        return DEFAULT

    @classmethod
    async def connect(
        cls,
        uri: str | None = None,
        db: str | None = None,
        client: Any = None,
        lane: str = "auto",
        **pooling_options: Any,
    ) -> None:
        """
        Connect the process-wide default, and create the known classes' indexes.

        A second call closes what was connected before. After a failure nothing is
        connected.

        Raises:
            ConfigurationError: a URI or an option that cannot work.
            ServerSelectionTimeoutError: no server answers; names the addresses.
                Each of them is a RuntimeError, too, as motormongo's was.
        """
        await cls.close()
        try:
            made = cls(uri, db, client, lane, **pooling_options)
            if made._lane is None:
                text = "give a URI or a client: DataBase.connect(uri=..., db=...)"
                raise ConfigurationError(text)
        except ConfigurationError as error:
            raise _failed(error) from error
        try:
            await made.ready()
        except BaseException as error:
            await _close_quietly(made._lane)
            if not isinstance(error, MongolaneError):
                raise
            raise _failed(error) from error
        # Another connect may have been faster in the meantime.
        former, DEFAULT._lane, DEFAULT._name = DEFAULT._lane, made._lane, made._name
        DEFAULT.indexes = made.indexes
        if former is not None:
            await former.close()

    @classmethod
    async def close(cls) -> None:
        """Close the process-wide default. A second call does nothing."""
        await DEFAULT.disconnect()

    async def disconnect(self) -> None:
        """Close this database's connection. A second call does nothing."""
        lane, self._lane, self._name = self._lane, None, None
        self.indexes = Indexes()
        if lane is not None:
            await lane.close()

    async def ready(self) -> None:
        """Ask the server for a sign of life, and create the known classes' indexes."""
        await self.lane.connect()
        await self.lane.run(commands.Command(self.name, {"ping": 1}))
        await self.indexes.ensure_all(readable_documents(), self)

    async def plan_indexes(self, *classes: Any) -> IndexPlan:
        """
        How the server's indexes differ from those that classes declare.

        Args:
            classes: documents; those that share their collections count, too. None:
                all that are known.

        Raises:
            ConfigurationError: classes on one collection want what excludes itself.
        """
        return await self.indexes.plan(known_documents(classes), self)

    async def sync_indexes(
        self,
        *classes: Any,
        drop: bool = False,
        show: Callable[[IndexPlan], object] | None = None,
    ) -> IndexPlan:
        """
        Create and change indexes until they are as declared; the plan, with what was
        done.

        Args:
            classes: as for ``plan_indexes``.
            drop: also drop what nobody declares, and what cannot be changed in place.
            show: called with the plan before anything is done: ``print``. What it
                raises stops the sync.

        Raises:
            ConfigurationError: as for ``plan_indexes``.
            ServerError: an index was refused; its note says which.
        """
        found = known_documents(classes)
        return await self.indexes.sync(found, self, drop=drop, show=show)

    async def drop(self) -> None:
        """Drop the whole database on the server."""
        await self.lane.run(commands.drop_database(self.name))
        self.indexes = Indexes()

    @classmethod
    def lifespan(
        cls,
        uri: str | None = None,
        db: str | None = None,
        client: Any = None,
        lane: str = "auto",
        **pooling_options: Any,
    ) -> Callable[[Any], AbstractAsyncContextManager[None]]:
        """
        What ``FastAPI(lifespan=...)`` takes: connected while the application runs.

        Args:
            uri: and all the others: as for ``connect``.
        """

        @asynccontextmanager
        async def lifespan(app: Any) -> AsyncIterator[None]:
            await cls.connect(uri, db, client, lane, **pooling_options)
            try:
                yield
            finally:
                await cls.close()

        return lifespan

    async def __aenter__(self) -> DataBase:
        await self.ready()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.disconnect()

    def __reduce__(self) -> Any:
        # A pickled document finds the object again in the process that has it.
        return _again, (self._key, self.name)

    def __repr__(self) -> str:
        # No URI: it may hold a password.
        return f"<DataBase {self._name!r}: {self._lane or 'not connected'}>"

    # -- motormongo's own --------------------------------------------------

    @classmethod
    async def create_indexes_for_document(cls, document_class: Any) -> None:
        """Create the indexes that a class declares and the server does not have."""
        await DEFAULT.indexes.ensure(document_class, DEFAULT, again=True)

    @classmethod
    async def remove_outdated_indexes(
        cls, document_class: Any, defined_indexes: Any, existing_indexes: Any
    ) -> None:
        """Drop the indexes that exist and are not defined. Only done when asked."""
        doomed = set(existing_indexes) - set(defined_indexes) - {"_id_"}
        for name in sorted(doomed):
            await DEFAULT.indexes.drop(document_class, DEFAULT, name)

    @classmethod
    async def get_existing_indexes(cls, collection: Any) -> dict[str, Any]:
        """The indexes that a collection has: name to description."""
        name = getattr(collection, "name", collection)
        return await DEFAULT.indexes.existing(str(name), DEFAULT)

    @classmethod
    def handle_operation_failure(cls, e: Exception, _options: Any) -> None:
        """Log that a server refused an index; nothing here calls it."""
        code = getattr(e, "code", None)
        log.warning("an index was refused: %s (code %s)", type(e).__name__, code)

    @classmethod
    async def _create_indexes(cls, document_class: Any) -> None:
        await DEFAULT.indexes.ensure(document_class, DEFAULT)


def _failed(error: MongolaneError) -> Exception:
    """The error of ``connect``, in motormongo's class and with its first words."""
    made = also(error, RuntimeError)
    made.args = (f"Error connecting to MongoDB: {error}", *error.args[1:])
    return made


def _not_connected() -> NotConnectedError:
    return NotConnectedError(
        "Database not connected: await DataBase.connect(uri=..., db=...) first"
    )


def _elsewhere(name: str) -> NotConnectedError:
    return NotConnectedError(
        f"Database not connected: a document that was pickled belongs to {name!r}, "
        "which another process has connected; say which one it is: using=..."
    )


def _again(key: str, name: str) -> DataBase:
    """The database of this process with that key, or one that is not connected."""
    found = _alive.get(key)
    if found is None:
        found = DataBase()
        found._name = name
    return found


def _database_name(uri: str | None, db: str | None, client: Any) -> str:
    if db is None and uri is not None:
        path = uri.partition("://")[2].partition("?")[0].partition("/")[2]
        db = path if not uri.startswith("embedded:") else ""
    elif db is None:
        default = client.get_default_database(default="")
        db = getattr(default, "name", "")
    if not isinstance(db, str):
        raise ConfigurationError(f"the database's name is text, not {db!r}")
    if not db:
        raise ConfigurationError("give the database's name: db=...")
    try:
        size = len(db.encode())
    except UnicodeEncodeError:
        raise ConfigurationError(
            f"a database's name has no lone surrogate: {db!r}"
        ) from None
    if bad := set(db) & set('/\\. "$*<>:|?\0'):
        raise ConfigurationError(f"a database's name has no {''.join(sorted(bad))!r}")
    if size > 63:
        raise ConfigurationError("a database's name has 63 bytes at most")
    return db


async def _close_quietly(lane: Home) -> None:
    try:
        await lane.close()
    except Exception:  # the error that led here matters more
        return


DEFAULT = DataBase()
# Every process has one.
DEFAULT._key = "default"
_alive[DEFAULT._key] = DEFAULT


async def get_db() -> Any:
    """
    PyMongo's own database object of the default connection.

    Raises:
        NotConnectedError: a RuntimeError, too.
    """
    return DEFAULT.lane.client[DEFAULT.name]
