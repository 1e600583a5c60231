"""Image cells: encoded bytes, or the path of a file beside the data."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from PIL import Image

from components.source.cells.place import Place

MAX_IMAGE_BYTES = 5_000_000
MAX_IMAGE_PIXELS = 50_000_000  # a few kilobytes can unfold to gigabytes
_FORMATS = ("JPEG", "PNG", "GIF", "BMP")  # those that TensorFlow decodes
_PNG_END = b"IEND\xaeB`\x82"


def images(array: pa.Array, place: Place, folder: str | None) -> pa.Array:
    """Encoded images: binary, null where the cell is null.

    Args:
        array: bytes as they are, or text: a path relative to `folder`.
        place: for messages.
        folder: where the paths start; None: the source has no folder, so that a path is refused.

    Raises:
        InputError: too large, empty, damaged, of a format that TensorFlow cannot decode, of another type, or a path
            that is missing, unreadable or outside of `folder`.
    """
    if pt.is_string(array.type):
        paths = array.to_pylist()
        array = pa.array([path and _content(i, path, place, folder) for i, path in enumerate(paths)], pa.binary())
    elif pt.is_null(array.type):
        array = array.cast(pa.binary())
    elif not pt.is_binary(array.type):
        place.refuse(pc.is_valid(array), "the bytes of an image or the path of one", array)
        return pa.nulls(len(array), pa.binary())
    size = pc.binary_length(array)
    place.refuse(pc.equal(size, 0), "an encoded image", size, "bytes")
    place.refuse(pc.greater(size, MAX_IMAGE_BYTES), f"an image of {MAX_IMAGE_BYTES:,} bytes at most", size, "bytes")
    for index, content in enumerate(array):
        if content.is_valid and (complaint := _complaint(content.as_py())):
            place.refuse_at(index, f"an image that can be decoded ({', '.join(_FORMATS)})", complaint)
    return array


def _complaint(content: bytes) -> str | None:
    """What is wrong with an encoded image; None if TensorFlow can decode it.

    Only as much is decoded as it takes: PNG has checksums, and JPEG may be decoded to an eighth of its size.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MAX_IMAGE_PIXELS:
                return f"{image.width} × {image.height} pixels, more than {MAX_IMAGE_PIXELS:,}"
            if image.format == "BMP" and image.mode == "1":
                return "a BMP of two colours"
            if image.format == "PNG":
                if _PNG_END not in content:  # which Pillow lets pass
                    return "a PNG that was cut off"
                image.verify()
            else:
                image.draft("RGB", (1, 1))
                image.load()
    except Exception as error:  # noqa: BLE001 – Pillow lets through whatever its decoders stumble over
        return f"{len(content):,} bytes beginning with {content[:12]!r}: {type(error).__name__}"
    return None


def _content(index: int, path: str, place: Place, folder: str | None) -> bytes:
    if folder is None:
        place.refuse_at(index, "the bytes of an image (paths are for files and SQLite only)", repr(path[:100]))
    root = Path(folder).resolve()
    try:
        file = (root / path).resolve()  # follows links, so that none leads out
        if not file.is_relative_to(root):
            place.refuse_at(index, "the path of an image inside of the data's folder", repr(path))
        if file.stat().st_size > MAX_IMAGE_BYTES:
            place.refuse_at(index, f"an image of {MAX_IMAGE_BYTES:,} bytes at most", repr(path))
        return file.read_bytes()
    except OSError as error:
        place.refuse_at(index, "the path of an image", f"{path[:100]!r}: {error.strerror}")
