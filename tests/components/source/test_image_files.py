"""Pictures that items name are part of the data."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.source import open_source
from components.source.image_files import image_files_digest
from modules.roles import Roles, parse_roles

SCHEMA = """
feature { name: "user" type: BYTES annotation { tag: "user_id" } }
feature { name: "item" type: BYTES annotation { tag: "item_id" } }
feature { name: "picture" type: BYTES annotation { tag: "item" tag: "image" } }
"""


@pytest.fixture
def roles() -> Roles:
    return parse_roles(SCHEMA)


def _folder(folder: Path, pictures: pa.Array) -> str:
    items = [f"i{number}" for number in range(len(pictures))]
    pq.write_table(pa.table({"item": items, "picture": pictures}), folder / "items.parquet")
    pq.write_table(pa.table({"user": ["u1", "u2"], "item": ["i0", "i0"]}), folder / "interactions.parquet")
    return str(folder)


def test_changes_with_a_picture_and_not_otherwise(tmp_path: Path, roles: Roles) -> None:
    location = _folder(tmp_path, pa.array(["a.png", "b.png", None]))
    (tmp_path / "a.png").write_bytes(b"1234")
    (tmp_path / "b.png").write_bytes(b"5678")
    before = image_files_digest(open_source(location), roles)
    assert image_files_digest(open_source(location), roles) == before
    (tmp_path / "b.png").write_bytes(b"8765")
    os.utime(tmp_path / "b.png", ns=(1, 1))
    changed = image_files_digest(open_source(location), roles)
    assert changed != before
    (tmp_path / "b.png").unlink()
    assert image_files_digest(open_source(location), roles) not in (before, changed)


def test_pictures_inside_the_cells_are_in_the_tables_own_fingerprint(tmp_path: Path, roles: Roles) -> None:
    location = _folder(tmp_path, pa.array([b"1234", b"5678"], pa.binary()))
    assert image_files_digest(open_source(location), roles) == ""
