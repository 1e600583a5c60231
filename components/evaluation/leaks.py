"""What single columns tell of the answer: a feature that tells nearly all of it has been made from it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

_MANY, _BINS = 1000, 200  # different numbers, from which on they are put into bins

Values = npt.NDArray[np.object_] | npt.NDArray[np.float64]


def told_of_number(
    train: Values, target: npt.NDArray[np.float64], held_out: Values, actual: npt.NDArray[np.float64]
) -> float:
    """Share of a number's variance on held-out rows that a column explains, by the means of its values in train.

    Args:
        train, held_out: the column; None or NaN where a cell is empty.
        target, actual: the number to be told, in the same rows.

    Returns:
        R², at most 1, and 0 where the number does not vary or the column is worse than the mean.
    """
    known, knows = np.isfinite(target), np.isfinite(actual)
    train, target, held_out, actual = train[known], target[known], held_out[knows], actual[knows]
    spread = float(np.square(actual - actual.mean()).sum()) if len(actual) else 0.0
    if not spread or not len(target):
        return 0.0
    keys, asked = _keys(train, held_out)
    means = pd.Series(target).groupby(keys).mean()
    predicted = pd.Series(asked).map(means).fillna(target.mean()).to_numpy()
    return max(0.0, 1.0 - float(np.square(actual - predicted).sum()) / spread)


def told_of_item(train: Values, items: Values, held_out: Values, actual: Values) -> float:
    """Share of held-out rows whose item a column tells, beyond those that the most frequent item would be right in.

    A value tells the item that most rows of train have with it.

    Args:
        train, held_out: the column; None or NaN where a cell is empty.
        items, actual: ids of the items, in the same rows.

    Returns:
        0 for no better than always naming the most frequent item, 1 for always right.
    """
    if not len(actual) or not len(items):
        return 0.0
    keys, asked = _keys(train, held_out)
    pairs = pd.DataFrame({"key": keys, "item": items}).groupby(["key", "item"], sort=True).size().reset_index(name="n")
    likeliest = pairs.sort_values("n", kind="stable").groupby("key")["item"].last()
    usual = pd.Series(items).mode().iloc[0]
    right = float((pd.Series(asked).map(likeliest).fillna(usual).to_numpy() == actual).mean())
    blind = float((actual == usual).mean())
    return max(0.0, (right - blind) / (1.0 - blind)) if blind < 1.0 else 0.0


def strongest(shares: Mapping[str, list[float]]) -> dict[str, float]:
    """By column, the most that it tells of any of the answers; the most telling column first."""
    most = {column: max(told) for column, told in shares.items() if told}
    return dict(sorted(most.items(), key=lambda entry: -entry[1]))


def _keys(train: Values, held_out: Values) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Both columns as codes of their values, or of bins of equal size where there are many numbers."""
    if train.dtype != object and len(np.unique(train)) > _MANY:
        edges = np.unique(np.nanquantile(train, np.linspace(0, 1, _BINS + 1)[1:-1]))
        return np.searchsorted(edges, train), np.searchsorted(edges, held_out)
    codes, _ = pd.factorize(np.concatenate([train, held_out]))
    return codes[: len(train)], codes[len(train) :]
