"""Passwords of source locations: kept in this process, out of artifacts, logs and messages.

Everything that the pipeline stores or prints holds the redacted location. Who connects asks `resolve` for the whole
one. In a process that never saw the password (a worker on another machine), the location resolves to one without
password, so that the driver's own means apply: `~/.pgpass`, `PGPASSWORD`, a role of the cloud.
"""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus

import sqlalchemy as sa
from sqlalchemy.engine import URL

from modules.errors import InputError

HIDDEN = "***"
_PLACE = re.compile(r"%7B(SPAN|YYYY|MM|DD)%7D")  # of a span, see `components.source.spans`, as SQLAlchemy writes it
_SECRET_KEY = re.compile(r"pass(word|wd|phrase)?$|pwd|secret|token|credential|api_?key|odbc_connect", re.IGNORECASE)
_whole: dict[str, str] = {}  # redacted location → the location with its password


def is_url(location: str) -> bool:
    """Whether the location is a SQLAlchemy URL, and not a folder."""
    return "://" in location


def parse_url(location: str) -> URL:
    """The parts of a SQLAlchemy URL.

    Raises:
        InputError: it is none, or an unescaped `@` in the password makes it ambiguous.
    """
    try:
        url = sa.make_url(location)
    except (sa.exc.ArgumentError, ValueError):
        url = None  # the error's own text may hold the password
    if url is None or _is_ambiguous(url):
        raise InputError(
            f"source {redact(location)}",
            "a SQLAlchemy URL such as postgresql://user:password@host/database, with %40 for an @ in the password",
            "one that cannot be parsed",
        ) from None
    return url


def redact(location: str) -> str:
    """The location with `***` for every secret in it; a location without secrets stays as it is."""
    if not is_url(location):
        return location
    try:
        url = sa.make_url(location)
    except (sa.exc.ArgumentError, ValueError):
        url = None
    if url is None or _is_ambiguous(url):
        return re.sub(r"://.*@", f"://{HIDDEN}@", location, flags=re.DOTALL)
    secret_keys = [key for key in url.query if _SECRET_KEY.search(key)]
    if url.password is None and not secret_keys:
        return location
    shown = url.update_query_dict(dict.fromkeys(secret_keys, HIDDEN)).render_as_string(hide_password=True)
    return _PLACE.sub(r"{\1}", shown.replace(quote_plus(HIDDEN), HIDDEN))


def remember(location: str) -> str:
    """Keeps the secrets of the location in this process and returns it redacted."""
    redacted = redact(location)
    if redacted != location:
        _whole[redacted] = location
    return redacted


def resolve(redacted: str) -> str:
    """The whole location behind a redacted one; without its password, if this process was never told it."""
    if redacted in _whole or not is_url(redacted) or HIDDEN not in redacted:
        return _whole.get(redacted, redacted)
    url = parse_url(redacted)
    hidden_keys = [key for key, value in url.query.items() if value == HIDDEN]
    bare = url.difference_update_query(hidden_keys)
    if bare.password == HIDDEN:
        bare = URL.create(bare.drivername, bare.username, None, bare.host, bare.port, bare.database, bare.query)
    return bare.render_as_string(hide_password=False)


def scrub(text: str, location: str) -> str:
    """The text of an error about the (whole) location, with `***` for every secret of the location."""
    url = parse_url(location)
    secrets = [str(url.password)] if url.password else []
    for key, value in url.query.items():
        if _SECRET_KEY.search(key):
            secrets.extend([value] if isinstance(value, str) else value)
    forms = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""), quote_plus(secret))}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def _is_ambiguous(url: URL) -> bool:
    """Whether a piece of the password may have ended up in the host, as in `user:p@ss@host`."""
    if url.password is None:
        return False
    return any("@" in part for part in (url.host or "", url.database or ""))
