"""What a protocol measured, kept as JSON so that a later run need not measure it again."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

OURS = "ours"
TRAIN, TRAIN_AND_EVAL = "train", "train + eval"


@dataclasses.dataclass(frozen=True)
class Row:
    """The figures of one system.

    Attributes:
        system: its name; ours begin with "ours".
        metrics: figures by name.
        group: which queries were asked, where a protocol has several kinds.
        seed: of ours, and of baselines that draw.
        learned_from: the rows that the parameters come from.
        code: digest of the pipeline's code, of ours.
    """

    system: str
    metrics: dict[str, float]
    group: str = ""
    seed: int | None = None
    learned_from: str = TRAIN
    code: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether it is a figure of this project's."""
        return self.system.startswith(OURS)


@dataclasses.dataclass(frozen=True)
class Bar:
    """What must be reached.

    Attributes:
        metric: the figure.
        least, most: its limit; None for no limit.
        over_baselines: the limit is the figure of the best baseline that learned from the same rows.
        over_system: the limit is that system's figure.
        system: which of our systems.
        group: on which queries.
    """

    metric: str
    least: float | None = None
    most: float | None = None
    over_baselines: bool = False
    over_system: str = ""
    system: str = OURS
    group: str = ""


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Writes the file, which appears when whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


def read_rows(path: Path) -> list[Row]:
    """Reads it; an empty list if there is none."""
    return [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []
