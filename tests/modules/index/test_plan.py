"""What CandidateIndexer leaves for those who build the index again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from modules.index.partition import Partition
from modules.index.plan import IndexPlan


def test_round_trip(tmp_path: Path) -> None:
    IndexPlan().write(str(tmp_path / "new"))
    assert IndexPlan.read(str(tmp_path / "new")) == IndexPlan("exact", None, 0)
    partition = Partition(np.array([1, 0, 1], np.int32), np.array([[0.5], [2.0]], np.float32))
    IndexPlan("partitioned", partition, 2).write(str(tmp_path))
    found = IndexPlan.read(str(tmp_path))
    assert (found.kind, found.probes) == ("partitioned", 2) and found.partition is not None
    assert found.partition.lists.dtype == np.int32 and found.partition.lists.tolist() == [1, 0, 1]
    assert found.partition.centroids.dtype == np.float32 and found.partition.centroids.tolist() == [[0.5], [2.0]]
