"""What is refused as an index, and what is measured of one."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.candidate_index.quality import check_catalogue, latency_ms, recall_against_exact
from modules.errors import InputError
from modules.index.exact import ExactIndex

VECTORS = np.random.default_rng(1).normal(size=(300, 8)).astype(np.float32)
QUERIES = np.random.default_rng(2).normal(size=(700, 8)).astype(np.float32)


class Blind(ExactIndex):
    """An index that only ever looks at the first half of the items."""

    def search(self, queries: tf.Tensor, *arguments: object, **named: object) -> tuple[tf.Tensor, tf.Tensor]:
        """See `ExactIndex`."""
        scores, positions = super().search(queries, *arguments, **named)  # type: ignore[arg-type]
        return scores, tf.where(positions < self.size // 2, positions, -1)


def test_a_sound_catalogue_passes() -> None:
    check_catalogue([f"i{n}".encode() for n in range(300)], VECTORS)


def test_no_items() -> None:
    with pytest.raises(InputError, match="at least one item.*empty catalogue"):
        check_catalogue([], np.empty((0, 8), np.float32))


def test_an_id_twice() -> None:
    with pytest.raises(InputError, match='each id once.*"b" 3 times'):
        check_catalogue([b"a", b"b", b"c", b"b", b"b"], VECTORS[:5])


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_vector_that_is_no_vector(broken: float) -> None:
    vectors = VECTORS[:4].copy()
    vectors[2, 3] = vectors[3, 0] = broken
    with pytest.raises(InputError, match='vector of item "c".*finite numbers.*2 of 4'):
        check_catalogue([b"a", b"b", b"c", b"d"], vectors)


@pytest.mark.parametrize("k", [1, 10, 100, 1000])
def test_an_exact_index_finds_all(k: int) -> None:
    assert recall_against_exact(ExactIndex(VECTORS), VECTORS, QUERIES, k) == 1.0


def test_half_an_index_finds_half() -> None:
    found = recall_against_exact(Blind(VECTORS), VECTORS, QUERIES)
    best = np.argsort(-QUERIES @ VECTORS.T, axis=1)[:, :100]
    assert found == pytest.approx(np.mean(best < 150)) and 0.4 < found < 0.6


def test_latency() -> None:
    found = latency_ms(ExactIndex(VECTORS), QUERIES[:3])
    assert 0 < found["p50"] <= found["p99"] < 10_000
