"""Whole columns out of chunks: in memory, or in mapped files where they are too large for that."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Columns = dict[str, npt.NDArray[Any]]
IN_MEMORY = 2 * 2**30
"""Bytes; columns that together take more are files."""


def joined(chunks: Iterable[Columns], pads: Mapping[str, float], in_memory: int = IN_MEMORY) -> Columns:
    """One array a column.

    Files are in Python's temporary folder (`TMPDIR`), have no name any more, and go away with the arrays. The system
    reads what is asked for and forgets what it has no room for, so columns may be larger than memory.

    Args:
        chunks: the same columns each, with a row an example; read once, in order.
        pads: the columns that may differ in width between chunks, and what fills up the narrower ones.
        in_memory: see `IN_MEMORY`. Columns of Python objects always stay in memory.

    Returns:
        by name, an array with all rows; of files, a `np.memmap` that cannot be written to. Empty without chunks.
    """
    source, kept, size = iter(chunks), [], 0
    for chunk in source:
        kept.append(chunk)
        size += sum(values.nbytes for values in chunk.values())
        if size > in_memory:
            return _in_files(itertools.chain(kept, source), kept[0], pads)
    return {name: _stacked([chunk[name] for chunk in kept], pads.get(name)) for name in (kept[0] if kept else ())}


def _stacked(parts: list[npt.NDArray[Any]], pad: float | None) -> npt.NDArray[Any]:
    width = max(part.shape[1] for part in parts) if pad is not None else 0
    return np.concatenate([_widened(part, width, pad) for part in parts])


def _widened(values: npt.NDArray[Any], width: int, pad: float | None) -> npt.NDArray[Any]:
    """`values` [rows, …], filled up to a width where there is a pad."""
    if pad is None or values.shape[1] >= width:
        return values
    return np.pad(values, [(0, 0), (0, width - values.shape[1])], constant_values=pad)


def _in_files(chunks: Iterator[Columns], first: Columns, pads: Mapping[str, float]) -> Columns:
    objects: dict[str, list[npt.NDArray[Any]]] = {n: [] for n, values in first.items() if values.dtype == object}
    files = {name: _ColumnFile(values, pads.get(name)) for name, values in first.items() if name not in objects}
    for chunk in chunks:
        for name, values in chunk.items():
            if name in objects:
                objects[name].append(values)
            else:
                files[name].append(values)
    found = {name: file.array() for name, file in files.items()} | {n: np.concatenate(p) for n, p in objects.items()}
    return {name: found[name] for name in first}


class _ColumnFile:
    """A column that grows in a file."""

    def __init__(self, like: npt.NDArray[Any], pad: float | None) -> None:
        self._dtype, self._shape, self._pad, self._rows = like.dtype, like.shape[1:], pad, 0
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 – lives as long as the array that maps it

    def append(self, values: npt.NDArray[Any]) -> None:
        if self._pad is not None and values.shape[1] > self._shape[0]:
            self._widen(values.shape[1])
        width = self._shape[0] if self._shape else 0
        self._file.write(np.ascontiguousarray(_widened(values, width, self._pad)).tobytes())
        self._rows += len(values)

    def array(self) -> npt.NDArray[Any]:
        """All rows; nothing can be added any more."""
        with self._file:  # a mapping holds on to what it maps
            if not self._rows:
                return np.empty((0, *self._shape), self._dtype)
            self._file.flush()
            return np.memmap(self._file, self._dtype, mode="r", shape=(self._rows, *self._shape))

    def _widen(self, width: int) -> None:
        """Writes what there is once more; it happens a few times at most, as most chunks hold a longest history."""
        narrow, rows = self.array(), self._rows
        self._file, self._shape, self._rows = tempfile.TemporaryFile(), (width,), 0  # noqa: SIM115
        for start in range(0, rows, 100_000):
            self.append(narrow[start : start + 100_000])
