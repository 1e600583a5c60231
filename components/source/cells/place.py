"""Where a cell is, for messages that a person can follow to the row."""

from __future__ import annotations

import dataclasses
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from modules.errors import InputError


@dataclasses.dataclass(frozen=True)
class Place:
    """A column of a chunk of raw rows.

    Attributes:
        table: name of the table.
        column: name of the column.
        raw: the chunk, from which the ids of a bad row are shown.
        first_row: number, from 0, of the chunk's first row in the table.
        keys: id columns of the table.
        rows: int [num_values], the row of the chunk that each value comes from; None: value i is in row i.
    """

    table: str
    column: str
    raw: pa.Table
    first_row: int
    keys: tuple[str, ...] = ()
    rows: npt.NDArray[np.int64] | None = None

    def refuse(self, bad: pa.Array | npt.NDArray[np.bool_], expected: str, values: pa.Array, why: str = "") -> None:
        """Names the first bad value, if there is one.

        Args:
            bad: bool [num_values]; null is not bad.
            expected: what a value should have been.
            values: [num_values], shown as received.
            why: what is wrong, said after the value.

        Raises:
            InputError: some value is bad.
        """
        if not isinstance(bad, np.ndarray):
            bad = pc.fill_null(bad, False).to_numpy(zero_copy_only=False)
        if bad.any():
            first = int(np.argmax(bad))
            self.refuse_at(first, expected, shown(values[first].as_py()) + (f" ({why})" if why else ""))

    def refuse_at(self, index: int, expected: str, received: object) -> NoReturn:
        """Raises the InputError for value `index`."""
        row = index if self.rows is None else int(self.rows[index])
        ids = ", ".join(
            f"{key} {shown(self.raw.column(key)[row].as_py())}"
            for key in self.keys
            if key in self.raw.column_names and key != self.column
        )
        where = f"table {self.table}, row {self.first_row + row + 1}{f' ({ids})' if ids else ''}, column {self.column}"
        raise InputError(where, expected, received)

    def of_values(self, rows: npt.NDArray[np.int64]) -> Place:
        """The same column seen as the single values of its list cells; `rows` tells where each comes from."""
        return dataclasses.replace(self, rows=rows)


def shown(value: object) -> str:
    """A raw value as a message shows it: text quoted, control characters escaped, long text cut."""
    if value is None:
        return "null"
    if isinstance(value, str | bytes):
        return repr(value[:100]) + ("…" if len(value) > 100 else "")
    return str(value)
