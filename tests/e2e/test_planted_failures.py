"""Everything that the gate is there for, done for real in a small shop, and refused by the rule that is there for it.

One finished first night serves all: its root is put back before each failure is planted, and what the failure does not
touch comes from the cache.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf

from components.publishing.store import PublishedStore
from tests.e2e.gate_world import Night, Row, World, first_night, interactions

pytestmark = pytest.mark.gate


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Night]:
    return first_night(tmp_path_factory.mktemp("world"))


@pytest.fixture
def world(first: tuple[World, Night]) -> World:
    """The morning after the first night."""
    first[0].restore()
    return first[0]


def assert_refused(world: World, night: Night, *rules: str) -> None:
    """Exit status 3, the rules named with how far they were missed, and nothing published."""
    assert night.status == 3, night.printed[-3000:]
    print()
    for rule, found in night.refused.items():
        print(f"    {rule}: {found['value']} against {found['limit']} – {found['reason']}")
    assert set(rules) <= set(night.refused)
    for rule in rules:
        found = night.refused[rule]
        assert found["reason"]
        assert rule in night.printed.split("\nData")[0]
        if found["value"] is not None:
            assert found["limit"] is not None and found["value"] != found["limit"]
    assert len(PublishedStore(world.root / "serving").versions()) == 1


def test_the_first_night_is_held_to_absolute_limits(first: tuple[World, Night]) -> None:
    world, night = first
    assert night.gate("published_version")["reason"].startswith("there is none")
    assert not any(gate["name"].endswith("_change") for gate in night.scorecard["gates"])
    assert len(PublishedStore(world.root / "serving").versions()) == 1


# --- models -----------------------------------------------------------------------------------------------------------


def test_shuffled_item_embeddings(world: World) -> None:
    night = world.run(2, plant=("shuffled_embeddings",))
    assert_refused(world, night, "retrieval_ndcg@10_change", "no_worse_than_published")


def test_index_from_a_part_of_the_catalogue(world: World) -> None:
    candidates = world.artifact("TableExampleGen", "candidates")
    records = [
        *tf.data.TFRecordDataset(sorted(map(str, candidates.glob("Split-catalogue/*"))), "GZIP").as_numpy_iterator()
    ]
    (candidates / "Split-half").mkdir()
    with tf.io.TFRecordWriter(str(candidates / "Split-half" / "half.gz"), "GZIP") as writer:
        for record in records[: len(records) // 2]:
            writer.write(record)
    night = world.run(2, plant=("part_of_the_catalogue",))
    assert_refused(world, night, "index_share")
    assert night.refused["index_share"]["value"] == 0.5
    assert night.gate("index_recall")["passed"]  # it finds all that it holds, which is why this says nothing


def test_constant_scores(world: World) -> None:
    night = world.run(2, plant=("constant_scores",))
    assert_refused(world, night, "ranking_scores_vary")


def test_titles_of_other_items(world: World) -> None:
    night = world.run(2, plant=("titles_off_by_one",))
    assert_refused(world, night, "titles")
    assert set(night.refused) == {"titles"}  # nothing else can tell


def test_flipped_logq(world: World) -> None:
    night = world.run(2, plant=("flipped_logq",))
    assert_refused(world, night, "retrieval_ndcg@10_change")


def test_one_percent_of_the_data(world: World) -> None:
    night = world.run(2, plant=("one_percent",))
    assert_refused(world, night, "no_worse_than_published", "retrieval_ndcg@10_change")


def test_vocabulary_of_another_data_set(world: World) -> None:
    assets = world.artifact("Transform", "transform_graph") / "transform_fn" / "assets"
    for name in ("user", "item"):
        known = (assets / name).read_text().split()
        (assets / name).write_text("".join(f"other-{value}\n" for value in known))
    night = world.run(2, plant=("unlearned_vocabulary",))
    assert_refused(world, night, "vocabulary_of_users", "vocabulary_of_items")
    assert night.refused["vocabulary_of_items"]["value"] == 0.0


def test_a_destroyed_demographic_group(world: World) -> None:
    # Of 25 users it cannot be said for sure that they get less than half of what popularity would give them.
    night = world.run(2, plant=("destroyed_group", "c"), slice_popularity_ratio_min=1.0)
    assert_refused(world, night, "slice_change group=c", "slice_popularity group=c")
    others = [rule for rule in night.refused if rule.startswith("slice") and "group=c" not in rule]
    assert not [rule for rule in others if "group=" in rule]
    # A twentieth of the users: the average falls by less than it may.
    change, *_ = night.scorecard["differences"]["eval"]["published"]
    assert night.gate("no_worse_than_published")["limit"] < change < 0


# --- data -------------------------------------------------------------------------------------------------------------


def leaked(rows: list[Row]) -> list[Row]:
    """The device column has been filled from the rating."""
    return [{**row, "device": f"d{row['stars']:g}"} for row in rows]


def duplicated(rows: list[Row]) -> list[Row]:
    """The newest fifth arrived twice."""
    return [*rows, *rows[-len(rows) // 5 :]]


def drifted(rows: list[Row]) -> list[Row]:
    """Since last night everybody is on a desktop."""
    return [{**row, "device": "desk"} for row in rows]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (leaked, "label_leak device"),
        (duplicated, "duplicated_eval_rows"),
        (drifted, "drift interactions.device"),
    ],
)
def test_data(world: World, change: Callable[[list[Row]], list[Row]], rule: str) -> None:
    world.write(change(interactions()))
    assert_refused(world, world.run(2), rule)


# --- evidence ---------------------------------------------------------------------------------------------------------


def test_a_deleted_blessing(world: World) -> None:
    night = world.run(2, plant=("deleted_blessings",))
    assert_refused(world, night, "retrieval_evaluation", "ranking_evaluation")
    assert set(night.refused) == {"retrieval_evaluation", "ranking_evaluation"}


def test_a_deleted_blessing_of_the_gate(world: World) -> None:
    night = world.run(2, plant=("deleted_blessing_of_the_gate",))
    assert_refused(world, night, "pusher")
    assert night.refused["pusher"]["reason"] == "model_blessing missing or unreadable"


@pytest.mark.parametrize("part", ["retriever/saved_model.pb", "manifest.json", "../../recommender/*/saved_model.pb"])
def test_a_corrupt_published_version(world: World, part: str) -> None:
    (version,) = (world.root / "serving" / "baseline").iterdir()
    (file,) = version.glob(part) if "*" not in part else (world.root / "serving").glob("recommender/*/saved_model.pb")
    # Another file in its place: the cached artifacts of the first night are links to the same bytes.
    content = file.read_bytes()[:1000]
    file.unlink()
    file.write_bytes(content)
    night = world.run(2)
    assert_refused(world, night, "published_version")
    assert set(night.refused) == {"published_version"}


@dataclasses.dataclass(frozen=True)
class Stale:
    """An artifact of the cache that is no longer what the evidence is about."""

    component: str
    output: str
    file: str
    said: str


@pytest.mark.parametrize(
    "stale",
    [
        Stale("RecommenderBuilder", "model", "Format-Serving/assets.extra/blend.json", "another servable"),
        Stale("CandidateIndexer", "index", "item_ids.txt", "another index"),
        Stale("TableExampleGen", "queries", "Split-eval/*.gz", "another queries"),
    ],
    ids=lambda stale: stale.component,
)
def test_a_stale_cache(world: World, stale: Stale) -> None:
    file = next(iter(sorted(world.artifact(stale.component, stale.output).glob(stale.file))))
    file.write_bytes(file.read_bytes() + b"\n")
    night = world.run(1, popularity_ratio_min=1.01)
    assert_refused(world, night, "evidence")
    assert stale.said in night.refused["evidence"]["reason"]


def test_a_blessing_from_the_cache_is_of_one_servable(world: World) -> None:
    """Everything comes from the cache but the Pusher, whose store is gone; the servable is not the blessed one."""
    blend = world.artifact("RecommenderBuilder", "model") / "Format-Serving" / "assets.extra" / "blend.json"
    blend.write_text("{}")
    shutil.rmtree(world.root / "serving")
    night = world.run(1)
    assert night.status == 3, night.printed[-3000:]
    assert night.refused["pusher"]["reason"] == "model_blessing is of another servable"
    assert not (world.root / "serving" / "recommender").exists()


def test_metrics_that_are_gone(world: World) -> None:
    (Path(world.artifact("EndToEndEvaluation", "metrics")) / "eval_queries.npz").unlink()
    night = world.run(1, popularity_ratio_min=1.01)
    assert_refused(world, night, "evidence", "slices")
