"""What both trainers learn from: transformed interactions of items of a catalogue."""

from __future__ import annotations

import dataclasses
import functools
import os
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.added_splits import joined, owners
from modules.catalogue import Catalogue, read_catalogue, specs_of
from modules.column_store import Columns
from modules.errors import InputError
from modules.item_age import ItemAge, item_age, read_releases
from modules.item_item.spectrum import ItemSpectrum
from modules.ragged import Ints
from modules.raw_columns import read_raw_columns
from modules.roles import HISTORY, HISTORY_TARGET, WEIGHT, Roles, Table, read_roles
from modules.taken import Taken
from modules.transform_graph import TransformGraph, read_columns
from modules.user_sequences import UserSequences

CANDIDATE_ROW, MOMENT = "candidate_row", "moment"


def query_inputs(roles: Roles) -> list[str]:
    """Raw columns that a query is made of."""
    names = [roles.user_id, HISTORY]
    names += [HISTORY_TARGET] if roles.target else []
    names += [roles.time] if roles.time else []
    return names + [column.name for column in roles.features(Table.USER, Table.CONTEXT)]


@dataclasses.dataclass(frozen=True)
class TrainingData:
    """Everything a trainer needs.

    Attributes:
        roles: of the columns.
        graph: the Transform graph.
        catalogue: every item.
        protocol: what evaluation asks: "next_item", where only the past may speak, or "per_user", where the order of a
            user's interactions says nothing.
        positive_min: a target below it is no positive; None where targets do not decide.
        train, eval: transformed interactions; `CANDIDATE_ROW` is the item's row in the catalogue, never -1, and
            `MOMENT` the seconds since the epoch, 0 where interactions have no time. In a refit, train holds other
            splits too.
        owners: [train rows] int64 which of them are of the same user; None: those of the same index.
        releases: [num_items] int64 seconds since the epoch at which each item came, as `read_releases` has them; None
            where the schema does not say.
    """

    roles: Roles
    graph: TransformGraph
    catalogue: Catalogue
    train: Columns
    eval: Columns
    protocol: str = "next_item"
    positive_min: float | None = None
    owners: Ints | None = None
    releases: Ints | None = None

    def query_specs(self) -> dict[str, tf.TensorSpec]:
        """Signature of a batch of transformed query columns."""
        outputs = {WEIGHT, CANDIDATE_ROW, MOMENT, self.roles.target, self.roles.item_id}
        return specs_of({name: values for name, values in self.train.items() if name not in outputs})

    def positives(self, columns: Columns) -> Ints:
        """[n] rows of `columns` that are positive interactions."""
        return np.flatnonzero(columns[WEIGHT] > 0)

    def sequences(self) -> UserSequences:
        """The train interactions of each user, oldest first, those that are no positives among them."""
        columns, target = self.train, self.roles.target
        return UserSequences.of(
            columns[self.roles.user_id] if self.owners is None else self.owners,
            columns[CANDIDATE_ROW],
            columns[MOMENT],
            columns[WEIGHT],
            columns[target] if target else None,
        )

    def known_from(self) -> Ints:
        """[num_items] `MOMENT` at which each item first stood in train; the greatest int64 where it never did."""
        first = np.full(len(self.catalogue.ids), np.iinfo(np.int64).max)
        np.minimum.at(first, self.train[CANDIDATE_ROW], self.train[MOMENT])
        return first

    @functools.cached_property
    def ages(self) -> ItemAge | None:
        """The items' ages by what train says of them; None where nothing is known, or the order says nothing."""
        if self.releases is None or self.protocol != "next_item":
            return None
        positives = self.positives(self.train)
        return item_age(self.releases, [Taken(*(self.train[name][positives] for name in (CANDIDATE_ROW, MOMENT)))])

    @functools.cached_property
    def item_spectrum(self) -> ItemSpectrum:
        """Which items the same users took in train."""
        return ItemSpectrum.of(self.sequences().distinct_positives(), len(self.catalogue.ids))

    def met_rows(self) -> Ints:
        """[n] rows of the catalogue, ascending, of the items that anybody met in train.

        The others compete for nothing: always negatives and never positives, they would be held down for being new.
        """
        return np.unique(self.train[CANDIDATE_ROW]).astype(np.int64)

    def history_rows(self, columns: Columns, rows: Ints) -> Ints:
        """[n, history length] rows in the catalogue of the past items of some interactions; -1 for none."""
        vocabulary = np.array(self.graph.vocabulary(self.roles.item_id), object)
        # Histories hold indices of the vocabulary. One place more serves both the unknown index and the padding.
        place = np.append(self.catalogue.rows_of(vocabulary), -1)
        history = columns[HISTORY][rows]
        return place[np.where(history < 0, len(vocabulary), np.minimum(history, len(vocabulary)))]


def read_training_data(fn_args: Any) -> TrainingData:
    """Decodes what a TFX Trainer was given.

    Args:
        fn_args: TFX's `FnArgs`; `custom_config` holds "candidates", the folder of the catalogue, "protocol",
            "positive_min" and, in a refit, "added_splits": folders of interactions to train on too.

    Raises:
        InputError: an empty catalogue, or nothing positive to learn from.
    """
    roles = read_roles(fn_args.schema_path)
    graph = TransformGraph(fn_args.transform_graph_path)
    catalogue = read_catalogue(fn_args.custom_config["candidates"], graph, roles)
    train, held_out = (
        _interactions(os.path.dirname(files[0]), graph, roles, catalogue)
        for files in (fn_args.train_files, fn_args.eval_files)
    )
    who = None
    if folders := fn_args.custom_config.get("added_splits"):
        train = joined(train, [_interactions(folder, graph, roles, catalogue) for folder in folders])
        ids = [_raw_users(folder, roles, catalogue) for folder in (os.path.dirname(fn_args.train_files[0]), *folders)]
        who = owners(train[roles.user_id], graph.vocabulary_size(roles.user_id), np.concatenate(ids))
    protocol, positive_min = (fn_args.custom_config[key] for key in ("protocol", "positive_min"))
    releases = read_releases(fn_args.custom_config["candidates"], roles.released) if roles.released else None
    data = TrainingData(roles, graph, catalogue, train, held_out, protocol, positive_min, who, releases)
    if not len(data.positives(data.train)):
        raise InputError("table interactions, train split", "positive interactions", "none")
    return data


def _interactions(folder: str, graph: TransformGraph, roles: Roles, catalogue: Catalogue) -> Columns:
    """The transformed interactions of a split with items of the catalogue; no columns if it is empty."""
    names = [*query_inputs(roles), roles.item_id, WEIGHT] + ([roles.target] if roles.target else [])
    columns = read_columns(folder, graph, names, raw_ids=[roles.item_id])
    if not columns:
        return {}
    columns[MOMENT] = np.zeros(len(columns[WEIGHT]), np.int64)
    if roles.time:
        columns[MOMENT] = read_raw_columns(folder, {roles.time: tf.int64})[roles.time].values
    columns[CANDIDATE_ROW] = catalogue.rows_of(columns.pop(f"raw:{roles.item_id}").astype(object))
    known = columns[CANDIDATE_ROW] >= 0
    # Picking rows would copy columns that may be larger than memory; ExampleGen has dropped unknown items already.
    return columns if known.all() else {name: values[known] for name, values in columns.items()}


def _raw_users(folder: str, roles: Roles, catalogue: Catalogue) -> npt.NDArray[np.object_]:
    """[n] ids of the users of the rows of `_interactions`."""
    raw = read_raw_columns(folder, {roles.user_id: tf.string, roles.item_id: tf.string})
    known = catalogue.rows_of(raw[roles.item_id].values.astype(object)) >= 0
    ids: npt.NDArray[np.object_] = raw[roles.user_id].values.astype(object)[known]
    return ids
