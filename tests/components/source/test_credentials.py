"""Passwords stay in the process."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from components.source.credentials import redact, remember, resolve, scrub


@pytest.mark.parametrize(
    ("location", "redacted"),
    [
        ("data/folder", "data/folder"),
        ("sqlite:///a/b@c.db", "sqlite:///a/b@c.db"),
        ("postgresql://host/db", "postgresql://host/db"),
        ("postgresql://anna@host/db", "postgresql://anna@host/db"),
        ("postgresql://anna:pw@host:5432/db", "postgresql://anna:***@host:5432/db"),
        ("postgresql://anna:p%40w@host/db?sslmode=require", "postgresql://anna:***@host/db?sslmode=require"),
        ("postgresql://host/db?user=anna&password=pw", "postgresql://host/db?password=***&user=anna"),
        ("mssql+pyodbc://?odbc_connect=UID%3Danna%3BPWD%3Dpw", "mssql+pyodbc://?odbc_connect=***"),
        # What cannot be parsed loses everything that a password may be part of.
        ("postgresql://anna:p@ss@host/db", "postgresql://***@host/db"),
        ("postgresql://anna:p@s/s@host/db", "postgresql://***@host/db"),
        ("postgresql://anna:pw@host:port/db", "postgresql://***@host:port/db"),
    ],
)
def test_redact(location: str, redacted: str) -> None:
    assert redact(location) == redacted
    assert redact(redacted) == redacted


def test_remembered_locations_resolve() -> None:
    location = "postgresql://anna:p%40w1@one/db?sslpassword=xy"
    redacted = remember(location)
    assert redacted == "postgresql://anna:***@one/db?sslpassword=***"
    assert resolve(redacted) == location
    assert remember(redacted) == redacted and resolve(redacted) == location
    assert resolve("data/folder") == "data/folder"


def test_another_process_gets_no_password_at_all() -> None:
    url = sa.make_url(resolve("postgresql://anna:***@never.seen:5432/db?sslpassword=***&sslmode=require"))
    assert url.password is None and dict(url.query) == {"sslmode": "require"}
    assert url.render_as_string() == "postgresql://anna@never.seen:5432/db?sslmode=require"


def test_scrub_knows_every_spelling() -> None:
    location = "postgresql://anna:p%40w%201@host/db?sslpassword=xyz"
    text = 'bad "p@w 1" or p%40w%201 or p%40w+1 or xyz'
    assert scrub(text, location) == 'bad "***" or *** or *** or ***'
