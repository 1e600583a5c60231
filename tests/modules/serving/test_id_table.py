"""Ids and positions."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from modules.errors import InputError
from modules.serving.id_table import IdTable

IDS = [b"b", b"a,\t1", "😀 ü".encode(), b" a ", b"\xff"]


def test_both_ways(tmp_path: Path) -> None:
    table = IdTable(IDS, tmp_path / "items.txt")
    asked = tf.constant([[b"\xff", b"b", b""], [" a ", "a", "😀 ü"]])
    assert table.positions(asked).numpy().tolist() == [[4, 0, -1], [3, -1, 2]]
    assert table.positions(asked).dtype == tf.int32
    assert table.ids(tf.constant([[1, -1], [4, 0]])).numpy().tolist() == [[IDS[1], b""], [b"\xff", b"b"]]


def test_no_ids(tmp_path: Path) -> None:
    table = IdTable([], tmp_path / "users.txt")
    assert table.positions(tf.constant(["", "a"])).numpy().tolist() == [-1, -1]
    assert table.ids(tf.constant([-1])).numpy().tolist() == [b""]


@pytest.mark.parametrize("wrong", [b"", b"a\nb", b"a\rb", b"b"])
def test_refuses(tmp_path: Path, wrong: bytes) -> None:
    with pytest.raises(InputError, match="items, row 5"):
        IdTable([*IDS, wrong], tmp_path / "items.txt")
