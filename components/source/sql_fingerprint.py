"""Digests of database tables: equal for equal rows in any order, different when a row is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BIT

from components.source.connection import connected
from components.source.source import TableFacts

_BLOCK = 1 << 20
_BATCH = 10_000
# Settings that the text form of a row depends on; a client's defaults must not change the digest.
_SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}


def file_digest(*files: Path) -> str:
    """Digest of files' names and contents; for SQLite also of what its log has not yet written to the file."""
    digest = hashlib.sha256()
    for file in files:
        log = file.with_name(f"{file.name}-wal")
        for part in (file, log) if log.is_file() and log.stat().st_size else (file,):
            digest.update(f"{part.name}:{part.stat().st_size}\n".encode())
            with part.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
    return digest.hexdigest()


def postgresql_digest(location: str, facts: Mapping[str, TableFacts]) -> str:
    """Digest of tables on a PostgreSQL server: sums, over the rows, of both halves of the MD5 of a row's text.

    MD5 tells rows apart here; it keeps no secret and stops no attacker.
    """
    digests = {}
    with connected(location, "fingerprint") as connection:
        for setting, value in _SETTINGS.items():
            connection.execute(sa.select(sa.func.set_config(setting, value, True)))
        for table, fact in facts.items():
            row = sa.table(table).alias("source_row")
            md5 = sa.func.md5(sa.cast(sa.literal_column("source_row"), sa.Text))
            halves = [sa.literal_column("'x'").concat(sa.func.substr(md5, start, 16)) for start in (1, 17)]
            sums = [sa.func.sum(sa.cast(sa.cast(sa.cast(half, BIT(64)), sa.BigInteger), sa.Numeric)) for half in halves]
            totals = connection.execute(sa.select(*sums).select_from(row)).one()
            digests[table] = [fact.rows, *(str(total) for total in totals)]
    return _combined(facts, digests)


def portable_digest(location: str, facts: Mapping[str, TableFacts]) -> str:
    """Digest of tables of any database: the sum of the hashes of its rows, streamed to this process."""
    digests = {}
    with connected(location, "fingerprint") as connection:
        for table, fact in facts.items():
            columns: list[sa.ColumnElement[Any]] = [sa.column(name) for name in fact.columns]
            query = sa.select(*columns).select_from(sa.table(table))
            total, rows = 0, 0
            for row in connection.execution_options(yield_per=_BATCH).execute(query):
                total += int.from_bytes(hashlib.blake2b(repr(tuple(row)).encode(), digest_size=16).digest(), "big")
                rows += 1
            digests[table] = [rows, str(total % 2**128)]
    return _combined(facts, digests)


def _combined(facts: Mapping[str, TableFacts], digests: Mapping[str, list[object]]) -> str:
    """Digest of the tables' columns and of their rows' digests."""
    parts = [[table, sorted(fact.columns.items()), digests[table]] for table, fact in sorted(facts.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
