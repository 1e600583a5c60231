"""A version of the recommender that answers: loaded here, or behind TensorFlow Serving's REST interface."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from modules.serving.model_server_client import ModelServerClient, ModelServerError


class Unavailable(Exception):
    """There is no answer, and why, in words for people."""


@dataclasses.dataclass(frozen=True)
class Shown:
    """An item of an answer."""

    item: str
    title: str
    score: float


class Backend(Protocol):
    """Whatever answers."""

    def ask(self, signature: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Outputs by name, nested lists, of inputs that are nested lists of texts and numbers.

        Raises:
            Unavailable: there is no answer.
        """


class LocalServable:
    """A SavedModel, loaded into this process."""

    def __init__(self, folder: Path) -> None:
        """Loads it.

        Raises:
            Unavailable: it cannot be loaded; it may have been taken away meanwhile.
        """
        self._folder = folder
        try:
            self._model = tf.saved_model.load(str(folder))
        except (OSError, ValueError, tf.errors.OpError) as error:
            raise Unavailable(f"{folder} cannot be loaded: {_first_line(error)}") from error

    def ask(self, signature: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `Backend`."""
        if signature not in self._model.signatures:
            raise Unavailable(f"{self._folder} has no signature {signature}")
        function = self._model.signatures[signature]
        types = {name: spec.dtype for name, spec in function.structured_input_signature[1].items()}
        outputs = function(**{name: tf.constant(value, types[name]) for name, value in inputs.items()})
        return {name: _plain(value.numpy().tolist()) for name, value in outputs.items()}


class ServedModel:
    """A version of a model on a server.

    Args:
        url: of the server's REST interface.
        version: to ask; None: the one that the server takes.
        model: its name.
    """

    def __init__(self, url: str, version: int | None = None, model: str = "recommender") -> None:
        self._url, self._version, self._model = url, version, model

    def ask(self, signature: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `Backend`."""
        try:
            with ModelServerClient(self._url, self._model, self._version) as client:
                return client.predict(signature, inputs)
        except ModelServerError as error:
            raise Unavailable(str(error)) from error


def served_versions(url: str, model: str = "recommender") -> list[int]:
    """The versions that a server has loaded, oldest first.

    Raises:
        Unavailable: it is not there, or does not know the model.
    """
    try:
        with ModelServerClient(url, model, timeout=3.0) as client:
            return sorted(version for version, state in client.versions().items() if state == "AVAILABLE")
    except ModelServerError as error:
        raise Unavailable(str(error)) from error


@dataclasses.dataclass(frozen=True)
class Question:
    """Who asks, and what for.

    Attributes:
        user: an id, known or not; "" for nobody.
        history: item ids, oldest first, in place of the stored history; empty: the stored one.
        exclude: item ids that must not come back.
    """

    user: str
    history: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Recommender:
    """What the page asks of a backend."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def recommend(self, question: Question, k: int) -> list[Shown]:
        """The final order."""
        return self._list("recommend", question, k)

    def retrieval(self, question: Question, k: int) -> list[Shown]:
        """The order of the retrieval stage alone."""
        return self._list("retrieval", question, k)

    def similar(self, items: Sequence[str], k: int) -> list[list[Shown]]:
        """For each item those nearest to it, with their cosines; none for an unknown one."""
        if not items:
            return []
        return _rows(self._backend.ask("similar_items", {"item_id": list(items), "k": k}))

    def is_empty(self) -> bool:
        """Whether there is nothing to recommend to anybody."""
        return not self.recommend(Question(""), 1)

    def _list(self, signature: str, question: Question, k: int) -> list[Shown]:
        inputs = {
            "user_id": [question.user],
            "history": [list(question.history) or [""]],
            "exclude": [list(question.exclude) or [""]],
            "k": k,
        }
        return _rows(self._backend.ask(signature, inputs))[0]


def _rows(outputs: Mapping[str, Any]) -> list[list[Shown]]:
    return [
        [Shown(item, title, float(score)) for item, title, score in zip(items, titles, scores, strict=True) if item]
        for items, titles, scores in zip(outputs["item_id"], outputs["title"], outputs["score"], strict=True)
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def cosines(recommender: Recommender, items: Sequence[str], depth: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """[N, N] cosines of items, from their `depth` nearest ones each; 1 on the diagonal.

    Of a pair that is not among the nearest of either, no more is known than that it is below the last of both: that is
    what stands for it.
    """
    places = {item: place for place, item in enumerate(items)}
    found = np.eye(len(items))
    for row, nearest in enumerate(recommender.similar(items, depth)):
        least = nearest[-1].score if len(nearest) >= depth else -1.0
        known = {places[one.item]: one.score for one in nearest if one.item in places}
        for column in range(len(items)):
            if column != row:
                found[row, column] = known.get(column, least)
    # Either of the two may know more; where one is a bound only, the lower one is nearer to the truth.
    return np.asarray(np.minimum(found, found.T))
