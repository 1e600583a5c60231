"""Weights and slots carried from one model to the next, against tables worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from modules.errors import InputError
from modules.id_rows import by_id, columns_of, places_in, with_rows
from modules.late_decay import LateDecay
from modules.training_state import NAMES_FILE, WEIGHTS_FILE, TrainingState
from modules.warm_start import WarmStart
from modules.warm_start_config import WarmStartConfig


class Graph:
    """A Transform graph that is asked for vocabularies alone."""

    def __init__(self, **vocabularies: list[bytes]) -> None:
        self._vocabularies = vocabularies

    def vocabulary(self, column: str) -> list[bytes]:
        return self._vocabularies[column]


class Model(tf.keras.Model):
    """A table of items with a row for the unknown, one of users without, biases, a number, and a dense layer."""

    def __init__(self, items: int, users: int, width: int = 2) -> None:
        super().__init__()
        self.items = by_id(tf.keras.layers.Embedding(items + 1, width, embeddings_initializer="ones"), "item")
        self.users = by_id(tf.keras.layers.Embedding(users, width, embeddings_initializer="ones"), "user")
        self.biases = by_id(self.add_weight("biases", [items], initializer="zeros"), "item")
        self.scale = by_id(self.add_weight("scale", [], initializer="zeros", trainable=False), "item")
        self.dense = tf.keras.layers.Dense(3)

    def compute_loss(self, batch: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        del training
        joined = self.items(batch["item"]) + self.users(batch["user"])
        return tf.reduce_sum(self.dense(joined)) + tf.reduce_sum(tf.gather(self.biases, batch["item"]))


BATCH = {"item": tf.constant([0]), "user": tf.constant([0])}
OLD = Graph(item=[b"a", b"b", b"c"], user=["zoë".encode(), b"tom"])


def _compiled(items: int, users: int, width: int = 2) -> Model:
    model = Model(items, users, width)
    model.compile(tf.keras.optimizers.legacy.Adam(tf.keras.optimizers.schedules.CosineDecay(0.1, 100)))
    model.compute_loss(BATCH)
    return model


@pytest.fixture
def state(tmp_path: Path) -> str:
    """Of three items and two users, in a folder: rows and slots that tell who they are."""
    model = _compiled(3, 2)
    variables = model.trainable_variables
    model.optimizer.apply_gradients([(tf.zeros_like(one), one) for one in variables])
    tables = {"items": [[1, 1], [2, 2], [3, 3], [9, 9]], "users": [[10, 10], [20, 20]]}
    for name, rows in tables.items():
        table = getattr(model, name).embeddings
        table.assign(np.array(rows, np.float32))
        model.optimizer.get_slot(table, "m").assign(np.array(rows, np.float32) + 100)
        model.optimizer.get_slot(table, "v").assign(np.array(rows, np.float32) + 200)
    model.biases.assign([0.1, 0.2, 0.3])
    model.dense.kernel.assign(np.full((2, 3), 7, np.float32))
    model.scale.assign(5.0)
    model.optimizer.iterations.assign(40)
    folder = str(tmp_path / "state")
    TrainingState.of(model, OLD, {"width": 2}).write(folder)
    return folder


def test_the_place_of_each_value() -> None:
    assert places_in(["c", "new", "a"], ["a", "b", "c"]).tolist() == [2, -1, 0, 3]
    fresh, earlier = np.zeros((4, 1)), np.array([[1.0], [2.0], [3.0], [9.0]])
    assert with_rows(fresh, earlier, places_in(["c", "new", "a"], ["a", "b", "c"])).tolist() == [[3], [0], [1], [9]]
    assert with_rows(fresh[:3], earlier[:3], places_in(["c", "new", "a"], ["a", "b", "c"])).tolist() == [[3], [0], [1]]


def test_which_weights_have_rows() -> None:
    model = _compiled(3, 2)
    columns = columns_of(model)
    assert columns == {
        model.items.embeddings.ref(): "item", model.users.embeddings.ref(): "user", model.biases.ref(): "item",
        model.scale.ref(): "item",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("items", "users", "expected_items", "expected_users", "biases"),
    [
        # Grown and reordered: c, d (new), a, b; the user of the unknown row keeps it.
        ([b"c", b"d", b"a", b"b"], [b"tom", b"ann", "zoë".encode()],
         [[3, 3], [1, 1], [1, 1], [2, 2], [9, 9]], [[20, 20], [1, 1], [10, 10]], [0.3, 0.0, 0.1, 0.2]),
        # Shrunken: a alone; another user altogether.
        ([b"a"], [b"ann"], [[1, 1], [9, 9]], [[1, 1]], [0.1]),
    ],
)  # fmt: skip
def test_rows_follow_their_ids(
    state: str, items: list[bytes], users: list[bytes], expected_items: Any, expected_users: Any, biases: Any
) -> None:
    model = _compiled(len(items), len(users))
    graph = Graph(item=items, user=users)
    read = TrainingState.read(state)
    assert read.difference({"width": 2}) is None
    assert read.restore(model, graph) == 6  # three tables, the number, kernel and bias
    assert model.items.embeddings.numpy().tolist() == expected_items
    assert model.users.embeddings.numpy().tolist() == expected_users
    np.testing.assert_allclose(model.biases.numpy(), biases, rtol=1e-6)
    assert (model.dense.kernel.numpy() == 7).all() and float(model.scale) == 5
    # Slots go with their rows; those of new ids are empty, as at the beginning.
    earlier = {b"a": 1, b"b": 2, b"c": 3}
    for slot, added in (("m", 100), ("v", 200)):
        rows = [[earlier[item] + added] * 2 if item in earlier else [0, 0] for item in items]
        found = model.optimizer.get_slot(model.items.embeddings, slot).numpy().tolist()
        assert found == [*rows, [9 + added] * 2]
    assert int(model.optimizer.iterations) == 40


def test_what_has_another_width_stays_as_it_is(state: str) -> None:
    model = _compiled(3, 2, width=4)
    assert (
        TrainingState.read(state).restore(model, OLD) == 3
    )  # the biases of items and of the dense layer, and the number
    assert (model.items.embeddings.numpy() == 1).all()


def test_another_architecture(state: str) -> None:
    assert TrainingState.read(state).difference({"width": 4}) == "width was 2, is 4"
    assert TrainingState.read(state).difference({"width": 2, "depth": 1}) == "depth was None, is 1"


def test_no_code_in_the_files(state: str) -> None:
    with np.load(f"{state}/{WEIGHTS_FILE}", allow_pickle=False) as arrays:
        assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}
    np.savez(f"{state}/{WEIGHTS_FILE}", **{"0.value": np.array([{"a": 1}], object)})
    with pytest.raises(InputError, match=WEIGHTS_FILE):
        TrainingState.read(state)


@pytest.mark.parametrize("name", [NAMES_FILE, WEIGHTS_FILE])
@pytest.mark.parametrize("how", ["missing", "cut", "empty", "flipped"])
def test_a_broken_state_is_named_in_one_line(state: str, name: str, how: str) -> None:
    file = Path(state) / name
    content = file.read_bytes()
    middle = len(content) // 2
    if how == "missing":
        file.unlink()
    else:
        broken = {"cut": content[:middle], "empty": b"", "flipped": content[:middle] + b"\xff" + content[middle + 1 :]}
        file.write_bytes(broken[how])
    with pytest.raises(InputError, match=name) as raised:
        TrainingState.read(state)
    assert "\n" not in str(raised.value)


def test_the_learning_rate_goes_down_once_more(state: str) -> None:
    config = WarmStartConfig(enabled=True, epochs_share=0.25)
    assert config.epochs(10) == 3
    model = _compiled(3, 2)
    WarmStart(TrainingState.read(state), config).begin(model, OLD, BATCH)
    rate = model.optimizer.learning_rate
    assert isinstance(rate, LateDecay)
    whole = tf.keras.optimizers.schedules.CosineDecay(0.1, 100)
    for step in (0, 10, 100):  # of this training; the optimizer has counted 40 already
        assert float(rate(tf.constant(40 + step))) == pytest.approx(float(whole(step)))


def test_a_warm_start_needs_a_state(state: str) -> None:
    on = {"warm_start": {"enabled": True}}
    assert WarmStart.of("retrieval", {}) is None and WarmStart.of("retrieval", on) is None
    assert WarmStart.of("retrieval", {"previous": state}) is None  # not asked for
    start = WarmStart.of("retrieval", {**on, "previous": state})
    assert start is not None
    assert start.fitting("retrieval", {"width": 2}) is start and start.fitting("retrieval", {"width": 3}) is None


@pytest.mark.parametrize("share", [0.0, 1.5, -1.0, float("nan")])
def test_shares_out_of_range(share: float) -> None:
    with pytest.raises(InputError, match="epochs_share"):
        WarmStartConfig(epochs_share=share)
