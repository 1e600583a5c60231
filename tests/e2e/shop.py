"""What the small shops of these tests are made of."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from tests.lenient_gate import LENIENT

Row = dict[str, Any]
START = 1_700_000_000  # seconds since the epoch: the first interaction
HOUR = 3600
GENRES = ("tea", "tools", "books", "games")

SETTINGS = f"""
seed = 7
[retrieval]
loss = "in_batch"
epochs = 2
dimension = 8
[ranking]
epochs = 1
dimension = 8
hidden = [16]
{LENIENT}"""


@dataclasses.dataclass(frozen=True)
class Shop:
    """A data set and how to run it.

    Attributes:
        schema: annotated, as text.
        settings: TOML.
        interactions, items, users: rows; no users table where it is None.
        files: further files beside the tables, by relative path.
    """

    schema: str
    settings: str
    interactions: Sequence[Row]
    items: Sequence[Row]
    users: Sequence[Row] | None = None
    files: Mapping[str, bytes] = dataclasses.field(default_factory=dict)

    def tables(self) -> dict[str, Sequence[Row]]:
        """The tables that there are, by name."""
        return {"interactions": self.interactions, "items": self.items} | ({"users": self.users} if self.users else {})


def feature(name: str, kind: str, *tags: str) -> str:
    """A line of a schema."""
    annotation = f"annotation {{ {' '.join(f'tag: {tag!r}' for tag in tags)} }} " if tags else ""
    return f'feature {{ name: "{name}" type: {kind} {annotation}}}\n'


def settings(serving: str = "", **sections: str) -> str:
    """`SETTINGS` with lines added to sections."""
    text = SETTINGS
    for section, lines in ({"serving": serving} | sections).items():
        head = f"[{section}]\n"
        text = text.replace(head, head + lines + "\n") if head in text else f"{text}{head}{lines}\n"
    return text


def picture(number: int) -> bytes:
    """A small PNG whose colour tells items apart."""
    image = Image.new("RGB", (8, 8), (number * 37 % 256, number * 91 % 256, number * 53 % 256))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def visits(users: int, items: int, least: int, most: int, seed: int) -> list[tuple[int, int, int]]:
    """(user, item, time), in order of time: each user takes `least` to `most` items, mostly of one group, one twice.

    Item 0 is never taken.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        weights = (
            np.where(np.arange(items) % len(GENRES) == user % len(GENRES), 8.0, 1.0) / (1 + np.arange(items)) ** 0.3
        )
        weights[0] = 0
        size = int(rng.integers(least, most + 1))
        taken = rng.choice(items, size, replace=False, p=weights / weights.sum()).tolist()
        rows += [(user, int(item), 0) for item in [*taken, taken[0]]]
    times = START + HOUR * np.arange(len(rows))
    order = rng.permutation(len(rows))
    return [(*rows[old][:2], int(time)) for old, time in zip(order, times, strict=True)]
