"""A pushed servable, asked through its signatures as a client would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

Answer = list[tuple[str, float]]  # ids and scores, best first, without pads
_LISTS = {bytes: "bytes_list", int: "int64_list", float: "float_list"}


class Recommender:
    """The signatures as functions of lists; answers as arrays."""

    def __init__(self, folder: Path) -> None:
        """Loads the SavedModel."""
        self._model = tf.saved_model.load(str(folder))
        self.signatures = dict(self._model.signatures)

    def ask(self, signature: str, **inputs: Any) -> dict[str, Any]:
        """Output → array."""
        function = self.signatures[signature]
        dtypes = {name: spec.dtype for name, spec in function.structured_input_signature[1].items()}
        outputs = function(**{name: tf.constant(value, dtypes[name]) for name, value in inputs.items()})
        return {name: value.numpy() for name, value in outputs.items()}

    def recommend(
        self, user: str, k: int, history: Sequence[str] = (), exclude: Sequence[str] = (), signature: str = "recommend"
    ) -> Answer:
        """The answer to one user."""
        asked = {"user_id": [user], "history": [[*history, ""]], "exclude": [[*exclude, ""]], "k": k}
        return answers(self.ask(signature, **asked))[0]

    def recommend_ids(self, user: str, k: int, history: Sequence[str] = (), exclude: Sequence[str] = ()) -> list[str]:
        """Only the ids of `recommend`."""
        return [item for item, _ in self.recommend(user, k, history, exclude)]


def answers(outputs: dict[str, Any]) -> list[Answer]:
    """Rows of an answer without their pads."""
    rows = zip(outputs["item_id"].tolist(), outputs["score"].tolist(), strict=True)
    return [[(item.decode(), score) for item, score in zip(*row, strict=True) if item] for row in rows]


def assert_same(one: Sequence[Answer], other: Sequence[Answer]) -> None:
    """Equal answers: scores up to rounding, which depends on the size of the batch, and so the order of ties."""
    assert [len(answer) for answer in one] == [len(answer) for answer in other]
    for here, there in zip(one, other, strict=True):
        for (item, score), (item_there, score_there) in zip(here, there, strict=True):
            assert score == pytest.approx(score_there, rel=1e-5, abs=1e-5)
            if item != item_there:
                assert score == pytest.approx(dict(there).get(item, there[-1][1]), rel=1e-5, abs=1e-5)


def example(**columns: Any) -> bytes:
    """A serialised tf.Example; None is a missing value, text becomes UTF-8."""
    features = {}
    for name, value in columns.items():
        cells = [] if value is None else value if isinstance(value, list) else [value]
        cells = [cell.encode() if isinstance(cell, str) else cell for cell in cells]
        if cells:
            kind = _LISTS[type(cells[0])]
            features[name] = tf.train.Feature(**{kind: {"value": cells}})
    return bytes(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
