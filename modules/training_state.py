"""A trained model as a later training may continue it: weights, the optimizer's slots, and whose rows they are."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from modules.errors import InputError
from modules.id_rows import Array, columns_of, places_in, with_rows

WEIGHTS_FILE, NAMES_FILE = "weights.npz", "weights.json"
SLOTS = ("m", "v")  # of Adam
_VALUE = "value"


class Vocabularies(Protocol):
    """A `TransformGraph`, as far as it is asked here."""

    def vocabulary(self, column: str) -> list[bytes]:
        """The values of a column, by index."""


@dataclasses.dataclass(frozen=True)
class Weight:
    """A variable.

    Attributes:
        name: without the numbers that Keras gives to layers of the same kind.
        rows_of: the column whose vocabulary its rows belong to; None if it has no such rows.
        parts: the value and, if the optimizer has any, its slots; all of the same shape.
    """

    name: str
    rows_of: str | None
    parts: Mapping[str, Array]


@dataclasses.dataclass(frozen=True)
class TrainingState:
    """Of a model and its optimizer.

    Attributes:
        architecture: plain values; a model of others cannot take these weights.
        iterations: steps of the optimizer so far.
        vocabularies: by column, its values in order.
        weights: in the order in which the model has them.
    """

    architecture: Mapping[str, Any]
    iterations: int
    vocabularies: Mapping[str, list[str]]
    weights: list[Weight]

    @classmethod
    def of(cls, model: tf.keras.Model, graph: Vocabularies, architecture: Mapping[str, Any]) -> TrainingState:
        """What a compiled and trained model holds."""
        columns = columns_of(model)
        weights = []
        for variable in model.weights:
            parts = {_VALUE: variable.numpy()}
            parts |= {slot: values.numpy() for slot, values in _slots(model.optimizer, variable).items()}
            weights.append(Weight(_name(variable), columns.get(variable.ref()), parts))
        vocabularies = {name: _texts(graph, name) for name in sorted({*columns.values()})}
        return cls(dict(architecture), int(model.optimizer.iterations.numpy()), vocabularies, weights)

    def write(self, folder: str) -> None:
        """Writes two files, neither of which can hold code."""
        arrays = {f"{i}.{part}": values for i, one in enumerate(self.weights) for part, values in one.parts.items()}
        packed = io.BytesIO()
        np.savez(packed, **arrays)
        names = [{"name": one.name, "rows_of": one.rows_of} for one in self.weights]
        described = {
            "architecture": self.architecture,
            "iterations": self.iterations,
            "vocabularies": self.vocabularies,
            "weights": names,
        }
        tf.io.gfile.makedirs(folder)
        with tf.io.gfile.GFile(os.path.join(folder, WEIGHTS_FILE), "wb") as file:
            file.write(packed.getvalue())
        with tf.io.gfile.GFile(os.path.join(folder, NAMES_FILE), "w") as file:
            file.write(json.dumps(described))

    @classmethod
    def read(cls, folder: str) -> TrainingState:
        """Reads the files.

        Raises:
            InputError: one of them is missing or broken.
        """
        path = os.path.join(folder, NAMES_FILE)
        try:
            with tf.io.gfile.GFile(path) as file:
                found = json.loads(file.read())
            names = [(one["name"], one["rows_of"]) for one in found["weights"]]
            vocabularies = {column: [*values] for column, values in found["vocabularies"].items()}
            architecture, iterations = dict(found["architecture"]), int(found["iterations"])
            path = os.path.join(folder, WEIGHTS_FILE)
            with tf.io.gfile.GFile(path, "rb") as file:
                arrays = dict(np.load(io.BytesIO(file.read()), allow_pickle=False))
            weights = [Weight(name, column, _parts(arrays, i)) for i, (name, column) in enumerate(names)]
        except (tf.errors.OpError, OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _broken(path, error) from error
        except (zipfile.BadZipFile, zlib.error) as error:
            raise _broken(path, error) from error
        return cls(architecture, iterations, vocabularies, weights)

    def difference(self, architecture: Mapping[str, Any]) -> str | None:
        """Why a model of some architecture cannot take the weights; None if it can."""
        for key in sorted({*architecture, *self.architecture}):
            now, earlier = architecture.get(key), self.architecture.get(key)
            if now != earlier:
                return f"{key} was {earlier}, is {now}"
        return None

    def restore(self, model: tf.keras.Model, graph: Vocabularies) -> int:
        """Puts weights, slots and steps into a model that was built and compiled, row by id where there are rows.

        What the state lacks (rows of new ids, weights of another name or width) stays as it is.

        Args:
            model: of the same architecture.
            graph: with the vocabularies that its rows belong to.

        Returns:
            how many weights were taken.
        """
        # Slots are made when they are first needed; a gradient of zero moves nothing.
        model.optimizer.apply_gradients([(tf.zeros_like(one), one) for one in model.trainable_variables])
        places = {column: places_in(_texts(graph, column), earlier) for column, earlier in self.vocabularies.items()}
        columns, taken = columns_of(model), 0
        for variable, weight in zip(model.weights, self.weights, strict=False):
            rows = places.get(columns.get(variable.ref(), ""))
            if rows is not None and not _is_table(variable, weight, len(rows) - 1, self.vocabularies):
                rows = None
            width = 0 if rows is None else 1
            old_shape = weight.parts[_VALUE].shape
            if weight.name != _name(variable) or len(old_shape) != len(variable.shape):
                continue
            if old_shape[width:] != tuple(variable.shape[width:]):
                continue
            for part, target in {_VALUE: variable, **_slots(model.optimizer, variable)}.items():
                if part in weight.parts:
                    old = weight.parts[part]
                    target.assign(old if rows is None else with_rows(target.numpy(), old, rows))
            taken += 1
        model.optimizer.iterations.assign(self.iterations)
        return taken


def _is_table(variable: tf.Variable, weight: Weight, values: int, vocabularies: Mapping[str, list[str]]) -> bool:
    """Whether there is a row a value, now and then: one for the unknown may follow."""
    earlier = weight.parts[_VALUE].shape
    if weight.rows_of is None or not earlier or not variable.shape:
        return False
    more = variable.shape[0] - values
    return more in (0, 1) and earlier[0] == len(vocabularies[weight.rows_of]) + more


def _slots(optimizer: Any, variable: tf.Variable) -> dict[str, tf.Variable]:
    """The optimizer's slots of a variable; none if it has never had a gradient."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # of one that scales the loss
    try:
        return {slot: optimizer.get_slot(variable, slot) for slot in SLOTS}
    except KeyError:
        return {}


def _name(variable: tf.Variable) -> str:
    """What stays the same from one process to the next."""
    return re.sub(r"_\d+(?=[/:])", "", variable.name)


def _texts(graph: Vocabularies, column: str) -> list[str]:
    return [value.decode("utf-8", "surrogateescape") for value in graph.vocabulary(column)]


def _parts(arrays: Mapping[str, Array], number: int) -> dict[str, Array]:
    """The parts of a weight, all of one shape."""
    parts = {part: arrays[f"{number}.{part}"] for part in (_VALUE, *SLOTS) if f"{number}.{part}" in arrays}
    if len({values.shape for values in parts.values()}) != 1:
        raise ValueError(f"weight {number} has parts of several shapes, or none")
    return parts


def _broken(path: str, error: Exception) -> InputError:
    return InputError(path, "the state of a training, as this pipeline writes it", error)
