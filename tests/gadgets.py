"""The tables of a small shop with every kind of column, made so that what follows from them can be worked out by hand.

Users of even number take gadgets of even number and the others the odd ones, eleven to choose from each. `u28` and the
device "watch" appear in eval only, and so does `i23`; `i22` is taken by nobody; `u29` is in no users table.
"""

from __future__ import annotations

import functools
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

Row = dict[str, Any]
START, HOUR = 1_600_000_000, 3600
USERS, ITEMS = 30, 24

SCHEMA = """\
feature { name: "user_id" type: BYTES presence { min_fraction: 1.0 } annotation { tag: "user_id" } }
feature { name: "item_id" type: BYTES presence { min_fraction: 1.0 } annotation { tag: "item_id" } }
feature { name: "time" type: INT presence { min_fraction: 1.0 } annotation { tag: "time" } }
feature { name: "stars" type: FLOAT float_domain { min: 1 max: 5 } annotation { tag: "target" } }
feature { name: "part" type: BYTES annotation { tag: "split" } }
feature { name: "device" type: BYTES annotation { tag: "context" tag: "categorical" } }
feature { name: "age" type: INT annotation { tag: "user" tag: "continuous" } }
feature { name: "city" type: BYTES annotation { tag: "user" tag: "categorical" } }
feature { name: "title" type: BYTES annotation { tag: "item" tag: "text" tag: "title" } }
feature { name: "genres" type: BYTES annotation { tag: "item" tag: "categorical" tag: "list" } }
feature { name: "shelf" type: INT annotation { tag: "item" tag: "categorical" } }
feature { name: "price" type: FLOAT annotation { tag: "item" tag: "continuous" } }
feature { name: "sizes" type: INT annotation { tag: "item" tag: "continuous" tag: "list" } }
feature { name: "cover" type: BYTES annotation { tag: "item" tag: "image" } }
feature { name: "nothing" type: FLOAT annotation { tag: "item" tag: "continuous" } }
feature { name: "blank" type: BYTES annotation { tag: "user" tag: "categorical" } }
"""
POSITIVE_MIN = 2.0


def png(color: tuple[int, int, int], width: int = 8, height: int = 8) -> bytes:
    """An image of one colour."""
    stream = io.BytesIO()
    Image.new("RGB", (width, height), color).save(stream, "PNG")
    return stream.getvalue()


@functools.cache
def items() -> list[Row]:
    """The catalogue."""
    return [
        {
            "item_id": f"i{n:02}",
            "title": f"The {['Red', 'Blue'][n % 2]} Gadget, No. {n}" if n != 7 else None,
            "genres": ["noir"] if n == 23 else [["action", "drama"][n % 2], *(["long"] if n % 3 == 0 else [])],
            "shelf": n % 3 if n != 5 else None,
            "price": n + 0.5 if n % 5 else None,
            "sizes": [n, n + 2] if n % 2 else [],
            "cover": png((255, 0, 10 * n)) if n % 4 else None,
            "nothing": None,
        }
        for n in range(ITEMS)
    ]


@functools.cache
def users() -> list[Row]:
    """All users but the last."""
    return [
        {
            "user_id": f"u{n:02}",
            "age": 20 + n if n % 7 else None,
            "city": ["oslo", "rome", None][n % 3],
            "blank": None,
        }
        for n in range(USERS - 1)
    ]


@functools.cache
def interactions() -> list[Row]:
    """Ten a user, a tenth of them below `POSITIVE_MIN`: seven to train on, two for eval, one for test."""
    rows = [
        {
            "user_id": f"u{n:02}",
            "item_id": f"i{2 * ((3 * k + n) % 11) + n % 2:02}",
            "time": START + HOUR * (n + USERS * k),
            "stars": 1.0 if (n + k) % 10 == 0 else 2.0 + (n + k) % 4,
            "part": "eval" if n == 28 else ["train", "eval", "test"][(k > 6) + (k > 8)],
            "device": "watch" if k == 7 else ["phone", "phone", "desk", None][(n + k) % 4],
        }
        for n in range(USERS)
        for k in range(10)
    ]
    return [*rows, {**rows[7], "item_id": "i23", "time": START + HOUR * USERS * 9 - 1}]


def of_split(split: str) -> list[Row]:
    """The interactions of a split."""
    return [row for row in interactions() if row["part"] == split]


def write(folder: Path) -> None:
    """Writes the three tables as Parquet files."""
    folder.mkdir(parents=True)
    kinds = {
        "genres": pa.list_(pa.string()), "sizes": pa.list_(pa.int64()), "cover": pa.binary(), "nothing": pa.float64(),
        "blank": pa.string(),
    }  # fmt: skip
    for name, rows in (("interactions", interactions()), ("items", items()), ("users", users())):
        columns = {key: pa.array([row[key] for row in rows], kinds.get(key)) for key in rows[0]}
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
