"""The items in the graph: found by vector or id, described, and turned into an answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import tensorflow as tf

from modules.errors import InputError
from modules.index.index import build_index
from modules.item_popularity import ItemPopularity
from modules.serving.age_table import AgeTable, search_on_sale
from modules.serving.calibration import Calibration
from modules.serving.category_mix import CategoryMix, category_codes
from modules.serving.config import ServingConfig
from modules.serving.id_table import IdTable
from modules.serving.moment import When
from modules.serving.popularity_table import PopularityTable
from modules.serving.ragged_table import RaggedArray, RaggedTable
from modules.serving.rules import Rules
from modules.serving.tables import CatalogueTable


@dataclasses.dataclass(frozen=True)
class Candidates:
    """Items for B queries.

    Attributes:
        positions: [B, K] int32 in the catalogue; -1 = no item.
        scores: [B, K] float32; of no meaning where there is no item.
    """

    positions: tf.Tensor
    scores: tf.Tensor

    def pick(self, columns: tf.Tensor) -> Candidates:
        """The candidates in `columns` [B, m] int32, a negative one meaning no item."""
        chosen = tf.maximum(columns, 0)
        positions = tf.where(columns < 0, -1, tf.gather(self.positions, chosen, batch_dims=1))
        return Candidates(positions, tf.gather(self.scores, chosen, batch_dims=1))


class Catalogue(tf.Module):
    """A `CatalogueTable` and the rules about its items.

    Attributes:
        size: N.
        items: id ↔ position.
        index: over the vectors.
        pins: positions of the pinned items, in order.
        most_within_caps: no answer that keeps the caps has more items.
        popularity: how often items were taken.
        ages: how old they are; None where that is not known.
    """

    def __init__(self, table: CatalogueTable, rules: Rules, config: ServingConfig, folder: Path) -> None:
        """Puts the table into variables.

        Raises:
            InputError: the table has no items, or lacks a capped or calibrated column.
        """
        super().__init__(name="catalogue")
        self.size = len(table.item_ids)
        self.items = IdTable(table.item_ids, folder / "items.txt")
        popularity = table.popularity or ItemPopularity.unknown(self.size)
        self.popularity = PopularityTable(popularity, config.history_until)
        self.ages = AgeTable.of(popularity)
        biases = 1 + popularity.coordinates
        self.index = build_index(table.index, popularity.beside(table.vectors), self.size, biases)
        self._titles = tf.Variable(tf.constant([*table.titles, b""], tf.string), trainable=False, name="titles")
        self._encodings = tf.Variable(np.asarray(table.encodings, np.float32), trainable=False, name="encodings")
        denied = _positions(table, rules.deny)
        self.pins = tuple(position for position in _positions(table, rules.pin) if position not in set(denied))
        self._allowed = _mask(self.size, denied)
        self._allowed_unpinned = _mask(self.size, [*denied, *self.pins])
        used = {f"rules, key cap.{column}": column for column in rules.cap}
        used |= {"[serving] calibrated": config.calibrated} if config.calibration and config.calibrated else {}
        for where, column in used.items():
            if column not in table.categories:
                raise InputError(where, "a column of the catalogue", f"none called {column}")
        self._mix = CategoryMix(table.categories[str(config.calibrated)]) if config.calibration else None
        codes = {column: category_codes(table.categories[column]) for column in rules.cap}
        self._codes = {column: RaggedTable(rows, tf.int32, name=f"codes_{column}") for column, rows in codes.items()}
        self.most_within_caps = min([self.size, *(_most_within(codes[column], rules.cap[column]) for column in codes)])

    def search(
        self,
        queries: tf.Tensor,
        blocked: tf.RaggedTensor,
        when: When,
        k: tf.Tensor,
        *,
        pinned: bool = True,
        cosine: bool = False,
        among: tf.Tensor | None = None,
    ) -> Candidates:
        """The best items that are neither blocked nor denied nor yet to come.

        Args:
            queries: [B, D] float32.
            blocked: RaggedTensor [B, None] int32 of positions.
            when: they were asked.
            k: int32 scalar.
            pinned: whether the pinned ones may be among them.
            cosine: compare by cosine, without the biases.
            among: [B, N] bool, the only items that may be; None = all.
        """
        allowed = self._allowed if pinned else self._allowed_unpinned
        mask = None if allowed is None else tf.identity(allowed)
        if among is not None:
            mask = among if mask is None else among & mask
        scores, positions = search_on_sale(self.index, self.ages, queries, when, blocked, mask, k, cosine)
        return Candidates(positions, scores)

    def vectors(self, positions: tf.Tensor) -> tf.Tensor:
        """[..., D] float32; of the unknown item for negative positions."""
        return self.index.vectors(self._known(positions))

    def directions(self, positions: tf.Tensor) -> tf.Tensor:
        """`vectors` without the biases: what the items are like."""
        return self.vectors(positions)[..., : self.index.directions]

    def encodings(self, positions: tf.Tensor) -> tf.Tensor:
        """[..., E] float32; of the unknown item for negative positions."""
        return tf.gather(self._encodings, self._known(positions))

    def codes(self, positions: tf.Tensor) -> dict[str, tf.Tensor]:
        """Capped column → [B, K, M] int32 codes of the items' values, -1 pads. Positions are [B, K]."""
        shape = tf.shape(positions)
        flat = tf.reshape(positions, [-1])
        dense = {column: table.gather(flat).to_tensor(-1) for column, table in self._codes.items()}
        return {column: tf.reshape(codes, [shape[0], shape[1], tf.shape(codes)[1]]) for column, codes in dense.items()}

    def calibration(self, strength: float, history: tf.RaggedTensor, positions: tf.Tensor) -> Calibration | None:
        """See `CategoryMix.calibration`; None where nothing is calibrated."""
        return self._mix.calibration(strength, history, positions) if self._mix else None

    def answer(self, candidates: Candidates, k: tf.Tensor) -> dict[str, tf.Tensor]:
        """Items as people get them: exactly max(k, 0) columns, padded with "" and 0.

        Returns:
            item_id and title [B, k] string, score [B, k] float32.
        """
        padding = [[0, 0], [0, tf.maximum(k - tf.shape(candidates.positions)[1], 0)]]
        positions = tf.pad(candidates.positions, padding, constant_values=-1)[:, : tf.maximum(k, 0)]
        scores = tf.pad(candidates.scores, padding)[:, : tf.maximum(k, 0)]
        return {
            "item_id": self.items.ids(positions),
            "title": tf.gather(self._titles, self._known(positions)),
            "score": tf.where(positions < 0, 0.0, scores),
        }

    def _known(self, positions: tf.Tensor) -> tf.Tensor:
        """Row N for negative positions."""
        return tf.where(positions < 0, self.size, positions)


def _positions(table: CatalogueTable, ids: Iterable[str]) -> list[int]:
    """Positions of those `ids` that the catalogue has."""
    wanted = [one.encode() for one in ids]
    if not wanted:
        return []
    known = {one: position for position, one in enumerate(table.item_ids)}
    return [known[one] for one in wanted if one in known]


def _mask(size: int, hidden: list[int]) -> tf.Variable | None:
    """[N] bool, False for the hidden; None where nothing is hidden."""
    if not hidden:
        return None
    allowed = np.ones(size, bool)
    allowed[hidden] = False
    return tf.Variable(allowed, trainable=False, name="allowed")


def _most_within(codes: RaggedArray, cap: int) -> int:
    """Upper bound of the items of an answer in which at most `cap` share a value."""
    without_value = int((np.diff(codes.row_splits) == 0).sum())
    return without_value + int(np.minimum(np.bincount(codes.values), cap).sum())
