"""Columns in memory and in files are the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from modules.column_store import Columns, joined

PADS = {"history": -1.0, "stars": np.nan}


def chunks() -> Iterator[Columns]:
    """Histories of widths 2, 3, 1 and 3."""
    for rows, width in ((2, 2), (3, 3), (1, 1), (2, 3)):
        yield {
            "id": np.arange(rows) + 10 * width,
            "pair": np.full((rows, 2), width / 4, np.float32),
            "history": np.full((rows, width), width),
            "stars": np.full((rows, width), width, np.float32),
            "name": np.array([b"a" * width] * rows, object),
        }


@pytest.mark.parametrize("in_memory", [10**9, 300, 0])
def test_all_rows_in_order(in_memory: int) -> None:
    found = joined(chunks(), PADS, in_memory)
    assert list(found) == ["id", "pair", "history", "stars", "name"]
    assert found["id"].tolist() == [20, 21, 30, 31, 32, 10, 30, 31]
    assert (
        found["pair"].dtype == np.float32
        and found["pair"][:, 1].tolist() == [0.5] * 2 + [0.75] * 3 + [0.25] + [0.75] * 2
    )
    assert found["history"].tolist() == [[2, 2, -1]] * 2 + [[3, 3, 3]] * 3 + [[1, -1, -1]] + [[3, 3, 3]] * 2
    np.testing.assert_array_equal(found["stars"][[0, 5]], [[2, 2, np.nan], [1, np.nan, np.nan]])
    assert found["name"].tolist() == [b"aa"] * 2 + [b"aaa"] * 3 + [b"a"] + [b"aaa"] * 2
    in_files = [name for name, values in found.items() if isinstance(values, np.memmap)]
    assert in_files == ([] if in_memory > 1000 else ["id", "pair", "history", "stars"])


def test_files_are_not_written_to() -> None:
    found = joined(chunks(), PADS, 0)
    with pytest.raises(ValueError, match="read-only"):
        found["id"][0] = 1


def test_without_rows() -> None:
    assert joined([], PADS) == {}
