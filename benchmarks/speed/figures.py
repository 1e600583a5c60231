"""What a row of the benchmark measured, kept as JSON so that rows can be measured apart."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import machine


class NotHere(Exception):
    """A row cannot be measured on this machine; the message is one line that says why."""


@dataclasses.dataclass(frozen=True)
class Figure:
    """A figure, and what it has to reach.

    Attributes:
        what: is measured.
        value: as measured.
        unit: of it; "×" for a ratio.
        least, most: its limits; None for none.
        beside: the absolute figures that it comes from, for people.
    """

    what: str
    value: float
    unit: str = "×"
    least: float | None = None
    most: float | None = None
    beside: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether it keeps its limits; None without any."""
        if self.least is None and self.most is None:
            return None
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)


@dataclasses.dataclass(frozen=True)
class Bench:
    """Where a benchmark works.

    Attributes:
        data: folder with the published data set `ml-1m`.
        root: of everything that is written.
        rounds: how often each training epoch is measured.
    """

    data: Path
    root: Path
    rounds: int = 5

    def folder(self, *names: str) -> Path:
        """A folder under the root; it is made if need be."""
        path = self.root.joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path


@dataclasses.dataclass(frozen=True)
class Subject:
    """A row of the benchmark.

    Attributes:
        name: on the command line.
        title: of its section.
        about: what is done, in Markdown.
        measure: does it; raises NotHere where that is impossible.
    """

    name: str
    title: str
    about: str
    measure: Callable[[Bench], list[Figure]]


@dataclasses.dataclass(frozen=True)
class Measured:
    """What a row found, and where.

    Attributes:
        figures: of the row.
        machine: that it was measured on, and when.
        load: mean number of processes that wanted to run in the last minute before the row, on the whole machine.
    """

    figures: tuple[Figure, ...]
    machine: str
    load: float


def write(path: Path, figures: Sequence[Figure], load: float) -> None:
    """Writes the file, which appears when whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    measured = Measured(tuple(figures), machine(), round(load, 1))
    draft.write_text(json.dumps(dataclasses.asdict(measured), indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


def read(path: Path) -> Measured | None:
    """Reads it; None if there is none."""
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Measured(**found | {"figures": tuple(Figure(**one) for one in found["figures"])})
