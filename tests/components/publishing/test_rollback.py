"""Rolling back: one step, whatever readers do meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tensorflow as tf

from components.folder_digest import folder_digest
from components.publishing.rollback import listing, main, roll_back
from components.publishing.store import PublishedStore
from modules.errors import InputError
from tests.components.publishing.conftest import Bucket


class Says(tf.Module):
    """A servable that answers with its own number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = tf.Variable(number, dtype=tf.int64)
        self._table = tf.Variable(tf.fill([200_000], float(number)))  # so that loading takes a while

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "user_id")])
    def answer(self, user_id: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"number": tf.fill(tf.shape(user_id), self._number), "check": tf.reduce_mean(self._table)}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """SavedModels that say 0, 1 and 2."""
    folder = tmp_path_factory.mktemp("models")
    for number in range(3):
        model = Says(number)
        tf.saved_model.save(model, str(folder / str(number)), {"serving_default": model.answer})
    return [folder / str(number) for number in range(3)]


@pytest.fixture
def store(tmp_path: Path, models: list[Path]) -> PublishedStore:
    """Three versions, published one after another."""
    store = PublishedStore(tmp_path / "serving")
    for number, model in enumerate(models):
        digests = {"servable": folder_digest(model), "retriever": folder_digest(model)}
        manifest = {"run_digest": f"run{number}", "baseline_version": store.latest() or 0, "digests": digests}
        store.publish(model, {"retriever": model}, manifest)
    return store


def served(store: PublishedStore) -> int:
    """What a model server that takes the highest number would answer."""
    numbers = [int(path.name) for path in (store.root / "recommender").iterdir() if path.name.isdecimal()]
    model = tf.saved_model.load(str(store.servable_path(max(numbers))))
    answer = model.signatures["serving_default"](user_id=tf.constant(["ann"]))
    number = int(answer["number"].numpy()[0])
    assert answer["check"].numpy() == number
    return number


def test_back_by_one_and_by_one_more(store: PublishedStore) -> None:
    first, second, third = store.versions()
    assert served(store) == 2
    back = roll_back(store)
    assert back > third and served(store) == 1
    assert store.versions() == [first, second, third, back]
    manifest = store.manifest(back)
    assert manifest["rolled_back_to"] == second
    assert manifest["withdrawn"] == {"versions": [third], "run_digests": ["run2"]}
    assert folder_digest(store.baseline_path(back, "retriever")) == manifest["digests"]["retriever"]

    further = roll_back(store)  # not to the third, which was withdrawn, and not to the second, which is what is served
    assert served(store) == 0
    assert store.manifest(further)["rolled_back_to"] == first
    assert store.manifest(further)["withdrawn"]["run_digests"] == ["run1", "run2"]
    with pytest.raises(InputError, match=f"expected a version before {first}, received none"):
        roll_back(store)


def test_forth_again(store: PublishedStore) -> None:
    third = store.versions()[-1]
    roll_back(store)
    again = roll_back(store, third)
    assert served(store) == 2
    assert store.manifest(again)["withdrawn"]["run_digests"] == ["run1"]  # its own run is welcome again


def test_what_the_next_run_is_compared_with(store: PublishedStore) -> None:
    back = roll_back(store)
    assert store.baseline_for("tomorrow") == back
    assert store.baseline_for("run2") == back  # the run that was rolled back meets what replaced it
    assert store.baseline_for("run1") == store.versions()[0]  # a rerun of what is served comes from the cache


def test_a_broken_version_is_not_gone_back_to(store: PublishedStore) -> None:
    _, second, third = store.versions()
    (store.servable_path(second) / "variables" / "variables.index").write_bytes(b"")
    with pytest.raises(InputError, match="servable: expected what was published, with the digest"):
        roll_back(store)
    assert store.latest() == third


def test_away_from_a_broken_version(store: PublishedStore) -> None:
    _, second, third = store.versions()
    store.baseline_path(third, "manifest.json").write_text("{")
    roll_back(store, second)
    assert served(store) == 1


def test_readers_meanwhile(store: PublishedStore) -> None:
    """Whoever loads the highest number gets a whole model, and once it is the old one, never again the new one."""
    done = threading.Event()

    def read() -> list[int]:
        seen = []
        while not done.is_set():
            seen.append(served(store))
        return [*seen, served(store)]

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for target in store.versions()[:1] * 5:
                roll_back(store, target)
        finally:
            done.set()
        answers = [reader.result() for reader in readers]
    assert served(store) == 0
    for seen in answers:
        assert set(seen) <= {0, 2}
        assert seen == sorted(seen, reverse=True)
        assert seen[-1] == 0


def test_in_an_object_store(bucket: Bucket, models: list[Path]) -> None:
    store = bucket.store()
    for number, model in enumerate(models[:2]):
        store.publish(model, {}, {"run_digest": f"run{number}", "digests": {"servable": folder_digest(model)}})
    first, second = store.versions()
    assert main(["--store", bucket.url]) == 0
    back = store.latest()
    assert back and back > second
    assert store.manifest(back)["rolled_back_to"] == first
    found = {name.partition("/")[2]: data for name, data in bucket.seen(f"recommender/{first}").items()}
    again = {name.partition("/")[2]: data for name, data in bucket.seen(f"recommender/{back}").items()}
    assert {name.partition("/")[2] for name in found} == {name.partition("/")[2] for name in again}
    assert sorted(found.values()) == sorted(again.values())


def test_command(store: PublishedStore, capsys: pytest.CaptureFixture[str]) -> None:
    root = ["--root", str(store.root.parent)]
    first, second, third = store.versions()
    assert main([*root, "--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [str(third), str(second), str(first)]
    assert main([*root, "--to", str(first)]) == 0
    back = store.latest()
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == f"version {back} now serves what version {first} served"
    assert [line.split("  ")[-1].split(", ") for line in shown[1:3]] == [["served", f"as {first}"], ["withdrawn"]]
    assert listing(store) == shown[1:]
    assert main([*root, "--to", str(back)]) == 2
    assert "error: --to: expected a version before the served one" in capsys.readouterr().err
