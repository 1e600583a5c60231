"""The items' ages in the graph."""

from __future__ import annotations

import functools

import numpy as np
import tensorflow as tf

from modules.index.index import Index
from modules.item_age import ALWAYS, LATEST, ItemAge
from modules.item_popularity import ItemPopularity
from modules.ragged import Ints
from modules.serving.moment import When

_DEEPER = 4
"""Candidates that are looked at for each that is found: their vectors know their ages nearly."""


class AgeTable(tf.Module):
    """`ItemAge` in the graph: which items there are at the moment of a query, and what their exact age adds.

    Attributes:
        weight: of the boost.
    """

    def __init__(self, age: ItemAge, begins: Ints) -> None:
        """Args are the ages of the N items, and the moment [3] at which each snapshot begins."""
        super().__init__(name="age")
        self.weight = age.weight
        available = np.vstack([age.available, np.full([1, age.available.shape[1]], ALWAYS)])
        self._available = tf.Variable(available, trainable=False, name="available")
        # What the vectors hold already; of an unknown item, nothing is known by its age.
        known = np.vstack([age.boosts_at(begins), np.zeros([1, len(begins)], np.float32)])
        self._in_vectors = tf.Variable(age.weight * known, trainable=False, name="in_vectors", dtype=tf.float32)
        self._edges = tf.constant(age.edges, tf.int64)
        self._boosts = tf.constant(age.weight * age.boosts, tf.float32)

    @classmethod
    def of(cls, popularity: ItemPopularity) -> AgeTable | None:
        """The ages that came with the items' popularity; None where they are not known."""
        return cls(popularity.age, popularity.begins) if popularity.age else None

    def on_sale(self, when: When) -> tf.Tensor:
        """[B, N] bool: what can be had at the moment of each query."""
        # A snapshot at a time: gathered for each query, moments would take twice the memory of the scores.
        snapshots = self._available.shape[1]
        asked = tf.where(tf.one_hot(when.known, snapshots, True, False), when.moments[:, tf.newaxis], tf.int64.min)
        there = [self._available[tf.newaxis, :-1, place] <= asked[:, place, tf.newaxis] for place in range(snapshots)]
        return functools.reduce(tf.logical_or, there)

    def pinned_on_sale(self, positions: tf.Tensor, when: When) -> tf.Tensor:
        """[B, P] bool of items at positions [P]."""
        available = tf.gather(tf.transpose(tf.gather(self._available, positions)), when.known)
        return available <= when.moments[:, tf.newaxis]

    def correction(self, positions: tf.Tensor, when: When) -> tf.Tensor:
        """[B, K] float32 to be added to inner products of items at positions [B, K]; 0 for negative ones."""
        rows = tf.where(positions < 0, tf.shape(self._available)[0] - 1, positions)
        available, held = (
            tf.gather(tf.gather(table, rows), when.known, batch_dims=1, axis=2)
            for table in (self._available, self._in_vectors)
        )
        ages = tf.minimum(when.moments, LATEST)[:, tf.newaxis] - available
        place = tf.searchsorted(self._edges, tf.reshape(ages, [-1]))
        exact = tf.reshape(tf.gather(self._boosts, place), tf.shape(positions))
        return tf.where(positions < 0, 0.0, exact - held)


def search_on_sale(
    index: Index,
    ages: AgeTable | None,
    queries: tf.Tensor,
    when: When,
    blocked: tf.RaggedTensor,
    allowed: tf.Tensor | None,
    k: tf.Tensor | int,
    cosine: bool = False,
) -> tuple[tf.Tensor, tf.Tensor]:
    """`Index.search` among what is on sale, by the exact ages; the index itself where nothing is known of ages.

    The vectors of the index hold the ages at the begin of a snapshot. So it is asked for more, whose scores are
    corrected.
    """
    if ages is None:
        return index.search(queries, blocked, allowed, k, cosine=cosine)
    mask = ages.on_sale(when)
    mask = mask if allowed is None else mask & allowed
    if cosine or not ages.weight:
        return index.search(queries, blocked, mask, k, cosine=cosine)
    scores, positions = index.search(queries, blocked, mask, k * _DEEPER)
    scores += ages.correction(positions, when)
    scores, columns = tf.math.top_k(scores, tf.clip_by_value(k, 0, tf.shape(scores)[1]))
    return scores, tf.gather(positions, columns, batch_dims=1)
