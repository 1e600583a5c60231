"""The index's files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from components.candidate_index.files import IndexedCatalogue


def test_round_trip(tmp_path: Path) -> None:
    vectors = np.random.default_rng(1).normal(size=(3, 5)).astype(np.float32)
    ids = [b"plain", "naïve, with a comma".encode(), "🎬".encode()]
    IndexedCatalogue(ids, vectors).write(str(tmp_path / "new" / "folder"))
    found = IndexedCatalogue.read(str(tmp_path / "new" / "folder"))
    assert found.item_ids == ids and found.vectors.dtype == np.float32
    np.testing.assert_array_equal(found.vectors, vectors)
