"""Images as bytes and as paths."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from components.source import CellLimits, normalise
from modules.errors import InputError
from modules.roles import Column, Encoding, Part, Roles, Table

_IMAGE = Column("image", "bytes", table=Table.ITEM, encoding=Encoding.IMAGE)
_KINDS = [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"),
          ("GIF", "P"), ("BMP", "RGB"), ("BMP", "P")]  # fmt: skip


def _encoded(kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (24, 16)) -> bytes:
    """A picture of stripes."""
    image = Image.new("RGB", size)
    image.putdata([(7 * n % 256, 31 * n % 256, n % 256) for n in range(size[0] * size[1])])
    stream = io.BytesIO()
    image.convert(mode).save(stream, kind)
    return stream.getvalue()


def test_bytes_and_paths(normal: Any, refuses: Any, tmp_path: Path) -> None:
    png = _encoded()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(png)
    limits = CellLimits(image_folder=str(tmp_path))
    assert normal(_IMAGE, [png, None]) == [png, None]
    assert normal(_IMAGE, ["pictures/a.png", None], limits) == [png, None]
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


@pytest.mark.parametrize(("kind", "mode"), _KINDS)
def test_what_tensorflow_decodes_is_taken(normal: Any, kind: str, mode: str) -> None:
    content = _encoded(kind, mode)
    assert normal(_IMAGE, [content]) == [content]
    assert tf.io.decode_image(content, channels=3, expand_animations=False).shape == (16, 24, 3)


def _huge_png() -> bytes:
    """The header of a PNG of 10,000 × 10,000 pixels, in less than 100 bytes."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)
    checked = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + checked + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<svg/>", r"6 bytes beginning with b'<svg/>': UnidentifiedImageError"),
        (_encoded()[:-1], "a PNG that was cut off"),
        (_encoded().replace(b"IDAT", b"IDAU"), r"bytes beginning with b'\\x89PNG"),
        (_encoded("JPEG")[:300], r"300 bytes beginning with b'\\xff\\xd8"),
        (_encoded("WEBP"), "beginning with b'RIFF"),
        (_encoded("TIFF"), "UnidentifiedImageError"),
        (_encoded("BMP", "1"), "a BMP of two colours"),
        (_huge_png(), "10000 × 10000 pixels, more than 50,000,000"),
    ],
    ids=["svg", "cut_png", "damaged_png", "cut_jpeg", "webp", "tiff", "two_colours", "bomb"],
)
def test_what_cannot_be_decoded_is_refused_with_its_row(refuses: Any, content: bytes, message: str) -> None:
    expected = r"an image that can be decoded \(JPEG, PNG, GIF, BMP\), received .*"
    refuses(_IMAGE, [_encoded(), None, content], f"table items, row 103 .*column image: expected {expected}{message}")


@given(st.sampled_from(_KINDS), st.integers(0, 40) | st.integers(0, 10_000))
def test_an_image_that_was_cut_off_is_refused_where_tensorflow_would_fail(kind: tuple[str, str], lost: int) -> None:
    whole = _encoded(*kind)
    content = whole[: max(1, len(whole) - lost)]
    try:
        tf.io.decode_image(content, channels=3, expand_animations=False)
        decodes = True
    except tf.errors.InvalidArgumentError:
        decodes = False
    roles = Roles((Column("user_id", "bytes", Part.USER_ID), Column("item_id", "bytes", Part.ITEM_ID), _IMAGE))
    raw = pa.table({"item_id": ["a"], "image": [content]})
    if decodes:
        assert normalise(raw, "items", roles, CellLimits(), 0)["image"].to_pylist() == [content]
    else:
        with pytest.raises(InputError, match="an image that can be decoded"):
            normalise(raw, "items", roles, CellLimits(), 0)
