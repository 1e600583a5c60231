"""How much each item stood to be chosen whenever a user chose something."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.item_age import ItemAge
from modules.ragged import Ints


class Exposure:
    """What was on sale, and how new it was, at the moments of users' choices.

    At a moment an item that is still to come can't be chosen, and one that is new is chosen more often (the boosts of
    `ItemAge`). A loss that lets all items compete for whatever a user took learns from the first that late items are
    unpopular, and from the second that they are popular: neither lasts. In a softmax the logarithm of the mean
    exposure, added to an item's score in the loss alone, leaves to the towers what is due to the item: to first order,
    as if each choice had a softmax of its own, over what there was.
    """

    def __init__(self, age: ItemAge, items: Ints) -> None:
        """Prepares the ages.

        Args:
            age: of the catalogue.
            items: [N] rows of those that compete.
        """
        self._age, self._available = age, age.available[items, 0]
        available = self._available
        order = np.argsort(available, kind="stable")
        self._since, self._place = available[order], np.argsort(order, kind="stable")
        # An age is reached when it is exceeded; 0, the moment of the release, is one.
        self._reached = np.concatenate([[-1], age.edges])
        odds = np.exp(age.boosts)
        self._steps = np.concatenate([odds[:1], np.diff(odds)]).astype(np.float32)

    @property
    def newest(self) -> float:
        """The odds of what has just come."""
        return float(self._steps[0])

    @property
    def ages(self) -> int:
        """How many ages are told apart."""
        return len(self._steps)

    def older(self, moments: Ints) -> Ints:
        """[n, ages] int64: at each of the moments [n], how many items are older than each age."""
        return np.searchsorted(self._since, moments[:, None] - self._reached).astype(np.int64)

    def odds(self, moments: Ints, places: Ints) -> npt.NDArray[np.float32]:
        """[n, m] float32 of the items in [m] places among those that compete, at moments [n]; 0 before they came."""
        ages = moments[:, None] - self._available[places]
        found: npt.NDArray[np.float32] = np.where(ages >= 0, np.exp(self._age.boost(ages)), 0).astype(np.float32)
        return found

    def mean(self, older: tf.Tensor, weights: tf.Tensor, owner: tf.Tensor, users: tf.Tensor) -> tf.Tensor:
        """How exposed each item was on average over the choices of each user; 1: all the time, and no longer new.

        Args:
            older: [n, ages] int64, what `older` says of the moments of n choices.
            weights: [n] float32 of the choices; those of weight 0 do not count.
            owner: [n] int64 which user chose.
            users: [] int64, their number.

        Returns:
            [users, N] float32, at least 0; 0 throughout for a user without choices.
        """
        steps = tf.reshape(weights[:, tf.newaxis] * self._steps, [-1])
        places = tf.stack([tf.repeat(owner, self.ages), tf.reshape(older, [-1])], axis=1)
        counts = tf.scatter_nd(places, steps, [users, len(self._since) + 1])
        # The oldest item is older than an age wherever any is: each gets the steps of all places beyond its own.
        summed = tf.cumsum(counts, axis=1, reverse=True)[:, 1:]
        total = tf.math.unsorted_segment_sum(weights, owner, users)[:, tf.newaxis]
        return tf.gather(tf.math.divide_no_nan(tf.maximum(summed, 0.0), total), self._place, axis=1)
