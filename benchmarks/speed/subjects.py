"""All rows, in the order of the page."""

from __future__ import annotations

from benchmarks.speed.figures import Subject
from benchmarks.speed.flink import FLINK
from benchmarks.speed.indexes import EXACT, PARTITIONED_INDEX
from benchmarks.speed.runs import FIRST_HALF, MOVIELENS, RERUN
from benchmarks.speed.serving import SERVABLE
from benchmarks.speed.training import TRAINING

SUBJECTS: tuple[Subject, ...] = (TRAINING, EXACT, PARTITIONED_INDEX, SERVABLE, RERUN, MOVIELENS, FIRST_HALF, FLINK)
