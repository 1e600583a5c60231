"""One Parquet file out of tables that come one after another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def write_parquet(path: Path, tables: Iterable[pa.Table]) -> int:
    """Writes the tables, of which there is at least one and all have the same columns; returns the rows written."""
    tables = iter(tables)
    first = next(tables)
    rows = first.num_rows
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
            rows += table.num_rows
    return rows
