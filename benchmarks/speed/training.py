"""Examples a second of two-tower training: our feed and loss, TFX's feed, and the tutorial as it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.speed.demo_run import demo_run
from benchmarks.speed.figures import Bench, Figure, Subject
from benchmarks.speed.interleaved import seconds_of
from modules.retrieval_config import RetrievalConfig
from modules.retrieval_plan import RetrievalPlan

DIMENSION, BATCH = 32, 8192  # the tutorial's


def measure(bench: Bench) -> list[Figure]:
    """Epochs, once warm, by turns."""
    from benchmarks.speed.other_feeds import TfxFeed, tutorial
    from modules.retrieval_model import RetrievalModel, size_of

    run = demo_run(bench)
    data = run.training_data()
    rows = len(data.positives(data.train))
    feed = TfxFeed(run, data, bench.folder("transformed"))

    def model(plan: RetrievalPlan) -> RetrievalModel:
        made = RetrievalModel(data, plan, 1)
        made.compile(made.objective.optimizer(10_000))
        return made

    default = RetrievalPlan.of(RetrievalConfig(loss="in_batch"), size_of(data))
    ids = RetrievalConfig(query_tower="mf", loss="in_batch", dimension=DIMENSION - 1, batch_size=BATCH)
    plain = RetrievalPlan.of(ids, size_of(data))
    ours, theirs, ours_plain, theirs_plain = (model(plan) for plan in (default, default, plain, plain))

    def epoch(made: RetrievalModel, fed: bool = False) -> Callable[[], object]:
        def fit() -> object:
            dataset = feed.dataset(made.plan.batch_size) if fed else made.objective.dataset()
            return made.fit(dataset, epochs=1, verbose=0)

        return fit

    vocabularies = [data.graph.vocabulary(name) for name in (data.roles.user_id, data.roles.item_id)]
    users, items = (
        np.array([*words, b"?"], object)[data.train[name]]
        for words, name in zip(vocabularies, (data.roles.user_id, data.roles.item_id), strict=True)
    )
    seconds = seconds_of(
        {
            "default model, ours": epoch(ours),
            "default model, tf_dataset_factory": epoch(theirs, fed=True),
            "ids, ours": epoch(ours_plain),
            "ids, tf_dataset_factory": epoch(theirs_plain, fed=True),
            "ids, tutorial": tutorial(users, items, DIMENSION, BATCH),
            "feed alone, ours": lambda: _drain(ours_plain.objective.dataset()),
            "feed alone, tf_dataset_factory": lambda: _drain(feed.dataset(BATCH)),
        },
        bench.rounds,
    )
    rate = {name: rows / float(np.median(values)) for name, values in seconds.items()}

    def figure(what: str, other: str, least: float | None) -> Figure:
        one, two = rate[f"{what}, ours"], rate[f"{what}, {other}"]
        return Figure(
            f"{what}: ours over {other}", one / two, least=least, beside=f"{one:,.0f} against {two:,.0f} a second"
        )

    return [
        figure("default model", "tf_dataset_factory", 10.0),
        figure("ids", "tf_dataset_factory", 10.0),
        figure("ids", "tutorial", 5.0),
        figure("feed alone", "tf_dataset_factory", None),
    ]


def _drain(batches: object) -> None:
    for _ in batches:  # type: ignore[attr-defined]
        pass


TRAINING = Subject(
    "training",
    "Training",
    "Examples a second, epochs after the first, on the train split of the demo shop. *Default model*: the history "
    f"tower and all features, softmax over the batch, default batch. *Ids*: users and items by {DIMENSION} numbers "
    f"each, items by their features too, batches of {BATCH:,}. *tf_dataset_factory*: the same model and batch, fed "
    "with transformed examples as TFX feeds a Trainer. *Tutorial*: TensorFlow Recommenders' basic retrieval tutorial "
    "as written, on ids: strings looked up in the model, `FactorizedTopK` in the training loop.",
    measure,
)
