"""Connections to the databases that sources live in: read-only where possible, without passwords in messages."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from components.source.credentials import parse_url, resolve, scrub
from modules.errors import InputError

_TIMEOUT = 10  # seconds to wait for a server, so that a wrong address is found soon


@contextlib.contextmanager
def connected(location: str, where: str = "") -> Iterator[sa.Connection]:
    """A connection of its own to the database at a redacted location.

    Args:
        location: as `remember` gave it.
        where: the place inside of the database that errors should name.

    Raises:
        InputError: whatever the database or its driver complains about while the connection is in use.
    """
    place = f"source {location}{f', {where}' if where else ''}"
    engine = _engine(location)
    try:
        with engine.connect() as connection:
            yield connection
    except (sa.exc.SQLAlchemyError, UnicodeDecodeError) as error:
        # "from None": the cause's text, which a worker would log, may hold parts of the URL.
        raise InputError(place, "a readable database", _complaint(error, location)) from None
    finally:
        engine.dispose()


def check_driver(location: str) -> None:
    """Makes sure that the redacted location can be connected to as far as this machine is concerned.

    Raises:
        InputError: a bad URL, an unknown dialect, a driver that is not installed, or no such SQLite file.
    """
    _engine(location).dispose()


def sqlite_file(url: URL) -> Path:
    """The file of a SQLite URL.

    Raises:
        InputError: there is no such file.
    """
    name = url.database or ""
    if name.startswith("file:"):
        name = unquote(name.removeprefix("file:").partition("?")[0])
    if not name or name == ":memory:" or not Path(name).is_file():
        raise InputError(f"source {url.render_as_string()}", "the file of a SQLite database", "no such file")
    return Path(name)


def driver_url(location: str) -> URL:
    """The whole URL behind a redacted location; a bare `postgresql://` names the driver that comes with the project."""
    url = parse_url(resolve(location))
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _engine(location: str) -> sa.Engine:
    url = driver_url(location)
    place = f"source {location}"
    backend = url.get_backend_name()
    if backend == "sqlite":
        return sa.create_engine("sqlite://", creator=_read_only(sqlite_file(url)), poolclass=NullPool)
    arguments = {"connect_timeout": _TIMEOUT} if backend == "postgresql" and "connect_timeout" not in url.query else {}
    try:
        return sa.create_engine(url, connect_args=arguments, poolclass=NullPool)
    except sa.exc.NoSuchModuleError:
        expected = "a SQLAlchemy URL of a known database, or a folder"
        raise InputError(place, expected, url.drivername) from None
    except ImportError as error:
        raise InputError(place, f"the Python driver of {url.drivername} to be installed", error) from None
    except (sa.exc.SQLAlchemyError, TypeError, ValueError) as error:
        raise InputError(place, "a SQLAlchemy URL", _complaint(error, location)) from None


def _read_only(file: Path) -> Callable[[], sqlite3.Connection]:
    """Opens the file so that a wrong path creates nothing and a source is never changed."""
    return lambda: sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)


def _complaint(error: Exception, location: str) -> str:
    """What the driver says, without the statement and its parameters that SQLAlchemy adds, and without secrets."""
    cause = getattr(error, "orig", None) or error
    return scrub(f"{type(cause).__name__}: {cause}", resolve(location))
