"""The built-in demo shop, whose generator knows how good a recommender could be."""

from __future__ import annotations

from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.measure import TRAINING
from benchmarks.quality.pipeline_run import Trained
from benchmarks.quality.results import OURS, Bar, Row

NAME = "demo-shop"
SHARE = "share of the best achievable"


def run(bench: Bench, seed: int) -> Trained:
    """`local_runner.py` without flags but a root."""
    config = {} if seed == 42 else {"seed": seed}
    return bench.trained("run", None, None, config, bench.folder(NAME) / f"seed-{seed}", gated=True)


def baselines(bench: Bench) -> list[Row]:
    """None: the scorecard has popularity and the best achievable."""
    return []


def ours(bench: Bench, seed: int) -> list[Row]:
    """What the scorecard says."""
    trained = run(bench, seed)
    best = trained.scorecard["run"]["best_achievable"]["test"]["ndcg@10"]
    measured = trained.scorecard["metrics"]["test"]
    costs = {TRAINING: trained.training_seconds}
    names = {"popularity": "popularity", "retrieval": f"{OURS}, retrieval alone", "recommender": OURS}
    rows = [Row("best achievable", {"ndcg@10": best, SHARE: 1.0}, seed=seed)]
    for system, name in names.items():
        value = measured[system]["ndcg@10"]
        more = {} if system == "popularity" else costs
        rows.append(trained.row(name, {"ndcg@10": value, SHARE: value / best, **more}, seed))
    return rows


PROTOCOL = Protocol(
    name=NAME,
    title="Demo shop",
    about=(
        "`python local_runner.py` and nothing else; next items of test, by the scorecard. The best achievable ranks by "
        "the very law that drew the interactions (`datasets/demo_shop/oracle.py`)."
    ),
    metrics=("ndcg@10", SHARE, TRAINING),
    bars=(Bar(SHARE, least=0.8),),
    baselines=baselines,
    ours=ours,
)
