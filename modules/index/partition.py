"""Items put into lists of such as queries find alike: k-means, in NumPy."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int32]

ITEMS_A_LIST, MOST_LISTS = 128, 8192
_PASSES, _SAMPLE_A_LIST = 6, 24
_LONGEST = 2  # times the mean length; what is longer is cut
_SCORES_AT_ONCE = 4_000_000


@dataclasses.dataclass(frozen=True)
class Partition:
    """Which list each item is in.

    Attributes:
        lists: [N] int32 number of the list of each item.
        centroids: [L, D] float32 mean vector of each list; none is empty.
    """

    lists: Positions
    centroids: Floats


def make_partition(vectors: Floats, queries: Floats, seed: int) -> Partition:
    """K-means in the metric of the queries (Lloyd's algorithm on a sample, then one assignment of all).

    Two items are near each other if queries score them alike: the distance of x and y is the mean over queries q of
    (q · (x - y))². So a coordinate that no query asks about does not tell lists apart, however widely it spreads.

    Args:
        vectors: [N, D] float32.
        queries: [Q, D] float32 of the query tower, Q ≥ 1.
        seed: of the sample and of the first centroids.
    """
    rng = np.random.default_rng(seed)
    points = vectors @ _root(queries)
    count = max(1, min(len(vectors) // ITEMS_A_LIST, MOST_LISTS))
    sample = points[rng.permutation(len(points))[: count * _SAMPLE_A_LIST]]
    centroids = sample[:count].copy()
    for _ in range(_PASSES):
        nearest = _nearest(sample, centroids)
        means, members = _means(sample, nearest, count)
        # A list that nobody is nearest to begins again somewhere else.
        centroids = np.where(members[:, None] > 0, means, sample[rng.integers(0, len(sample), count)])
    lists = _cut(points, _nearest(points, centroids), _LONGEST * len(points) // count + 1)
    return Partition(lists.astype(np.int32), _means(vectors, lists, int(lists.max()) + 1)[0])


def _root(queries: Floats) -> Floats:
    """[D, D] by which vectors are multiplied for their distances to be those of their scores."""
    moments = queries.T @ queries / len(queries)
    # A little of the plain distance stays, for directions in which the sample of queries says nothing.
    values, directions = np.linalg.eigh(
        moments + 1e-3 * max(np.trace(moments) / len(moments), 1e-9) * np.eye(len(moments))
    )
    root: Floats = (directions * np.sqrt(values)).astype(np.float32)
    return root


def _nearest(points: Floats, centroids: Floats) -> npt.NDArray[np.int64]:
    """[n] number of the centroid at the least distance."""
    # One more coordinate holds the centroids' lengths, so that the greatest product is the least distance.
    table = np.vstack([centroids.T, -0.5 * (centroids**2).sum(axis=1)])
    at_once = max(1, _SCORES_AT_ONCE // len(centroids))
    parts = (points[i : i + at_once] for i in range(0, len(points), at_once))
    return np.concatenate([(np.insert(part, part.shape[1], 1, axis=1) @ table).argmax(axis=1) for part in parts])


def _means(points: Floats, lists: npt.NDArray[np.int64], count: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """[count, D] mean of the points of each list, zeros for an empty one, and [count] how many they are."""
    members = np.bincount(lists, minlength=count)
    filled = np.flatnonzero(members)
    starts = (np.cumsum(members) - members)[filled]
    means = np.zeros((count, points.shape[1]), np.float32)
    sums = np.add.reduceat(points[np.argsort(lists, kind="stable")], starts, axis=0)
    means[filled] = sums / members[filled, None]
    return means, members


def _cut(points: Floats, lists: npt.NDArray[np.int64], longest: int) -> npt.NDArray[np.int64]:
    """Numbers of lists of `longest` items at most, none empty; what is longer is cut across the way it spreads."""
    order = np.argsort(lists, kind="stable")
    cut, number = np.empty(len(lists), np.int64), 0
    for members in np.split(order, np.flatnonzero(np.diff(lists[order])) + 1):
        pieces = -(-len(members) // longest)
        if pieces > 1:
            members = members[np.argsort(_along(points[members]), kind="stable")]
        for piece in np.array_split(members, pieces):
            cut[piece], number = number, number + 1
    return cut


def _along(points: Floats) -> Floats:
    """[n] place of each point on the line along which they spread most."""
    centred = points - points.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    place: Floats = centred @ directions[:, -1]
    return place
