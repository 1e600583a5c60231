"""Images as bytes and as paths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from components.source import CellLimits
from modules.roles import Column, Encoding, Table

_IMAGE = Column("image", "bytes", table=Table.ITEM, encoding=Encoding.IMAGE)


def test_images(normal: Any, refuses: Any, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"\x89PNG")
    limits = CellLimits(image_folder=str(tmp_path))
    assert normal(_IMAGE, [b"\x89PNG\xff", None]) == [b"\x89PNG\xff", None]
    assert normal(_IMAGE, ["pictures/a.png", None], limits) == [b"\x89PNG", None]
    assert normal(_IMAGE, pa.nulls(1)) == [None]
    (tmp_path / "pictures" / "large.png").write_bytes(bytes(5_000_001))
    (tmp_path / "pictures" / "out").symlink_to("/etc/hostname")
    for path, message in (
        ("pictures/b.png", "the path of an image, received 'pictures/b.png': No such file"),
        ("../x.png", "inside of the data's folder, received '../x.png'"),
        ("/etc/hostname", "inside of the data's folder"),
        ("pictures/out", "inside of the data's folder"),
        ("pictures", "Is a directory"),
        ("pictures/large.png", "5,000,000 bytes at most"),
    ):
        refuses(_IMAGE, ["pictures/a.png", path], f"row 102 .*{message}", limits)
    refuses(_IMAGE, ["a.png"], "paths are for files and SQLite only")
    refuses(_IMAGE, [b""], "an encoded image")
    refuses(_IMAGE, [bytes(5_000_001)], "5,000,000 bytes at most")
    refuses(_IMAGE, [1], "the bytes of an image or the path of one")
    (tmp_path / "empty.png").touch()
    refuses(_IMAGE, ["empty.png"], "an encoded image", limits)
    refuses(_IMAGE, [""], "an encoded image|the path of an image", limits)
