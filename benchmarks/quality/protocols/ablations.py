"""What each part is worth: the same run with one thing changed at a time."""

from __future__ import annotations

from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.config_changes import Config, merged
from benchmarks.quality.measure import TRAINING
from benchmarks.quality.pipeline_run import Trained
from benchmarks.quality.protocols import time_split
from benchmarks.quality.protocols.time_split import BOUNDARY, NEXT, RETRIEVAL, TimeSplit
from benchmarks.quality.results import OURS, Row
from benchmarks.quality.schemas import published, without_text

NAME = "ablations"
_BASE: Config = {"serving": {"history_until": "eval"}}
VARIANTS: dict[str, Config] = {
    "as it is": {},
    **{
        f"query tower {tower}": {"retrieval": {"query_tower": tower}}
        for tower in ("mf", "features", "history", "gru", "lstm", "transformer")
    },
    "loss squared error": {"retrieval": {"loss": "squared_error"}},
    "loss softmax": {"retrieval": {"loss": "softmax"}},
    "loss in-batch softmax": {"retrieval": {"loss": "in_batch"}},
    "loss in-batch softmax, no logQ": {"retrieval": {"loss": "in_batch", "logq": False}},
    **{f"ranker {kind}": {"ranking": {"kind": kind}} for kind in ("mlp", "ncf", "dlrm", "dcn")},
}
NO_TEXT = "without text"
_FIGURES = tuple(f"{group}, {stage}" for group in (BOUNDARY, NEXT) for stage in ("retrieval", "final"))


def baselines(bench: Bench) -> list[Row]:
    """None: they stand with the protocol split by time."""
    return []


def ours(bench: Bench, seed: int) -> list[Row]:
    """Every variant. They share a root, so that what does not change comes from the cache."""
    split = time_split.load(bench, "ml-100k")
    folder = bench.folder(NAME)
    split.tables.write(folder / "data")
    schema = published("movielens_100k")
    root = folder / f"seed-{seed}"
    rows = []
    for name, changes in VARIANTS.items():
        config = merged({"seed": seed, **_BASE}, changes)
        shared = name != next(iter(VARIANTS))
        trained = bench.trained(_file_name(name), folder / "data", schema, config, root, shared=shared)
        rows.append(_row(trained, split, seed, name))
    bare = bench.trained(
        _file_name(NO_TEXT), folder / "data", without_text(schema), {"seed": seed, **_BASE}, folder / f"no-text-{seed}"
    )
    return [*rows, _row(bare, split, seed, NO_TEXT)]


def _row(trained: Trained, split: TimeSplit, seed: int, name: str) -> Row:
    figures: dict[str, float] = {}
    for row in time_split.our_rows(trained, split, seed, (BOUNDARY, NEXT)):
        stage = "retrieval" if row.system == RETRIEVAL else "final"
        figures[f"{row.group}, {stage}"] = row.metrics["ndcg@10"]
    figures[TRAINING] = trained.training_seconds + trained.ranking_seconds
    return trained.row(f"{OURS}, {name}", figures, seed)


def _file_name(name: str) -> str:
    return name.replace(" ", "-").replace(",", "")


PROTOCOL = Protocol(
    name=NAME,
    title="Ablations on MovieLens 100K, split by time",
    about=(
        "nDCG@10 of the retrieval stage alone and with ranking (final), on both kinds of queries of that protocol. One "
        "thing differs from the defaults in each row. Training is that of both stages."
    ),
    metrics=(*_FIGURES, TRAINING),
    bars=(),
    baselines=baselines,
    ours=ours,
    seeds=1,
)
