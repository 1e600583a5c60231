"""How an index is built: what CandidateIndexer decided, for whoever builds it again."""

from __future__ import annotations

import dataclasses
import io
import os

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.index.partition import Partition

_FILE = "index.npz"
EXACT, PARTITIONED = "exact", "partitioned"


@dataclasses.dataclass(frozen=True)
class IndexPlan:
    """A kind of index, and what it needs beside the vectors.

    Attributes:
        kind: `EXACT` or `PARTITIONED`.
        partition: of the items; None but for `PARTITIONED`.
        probes: how many lists a search for 100 items looks into; 0 but for `PARTITIONED`.
    """

    kind: str = EXACT
    partition: Partition | None = None
    probes: int = 0

    def write(self, folder: str) -> None:
        """Writes the file."""
        arrays: dict[str, npt.NDArray[np.generic]] = {"kind": np.array(self.kind), "probes": np.array(self.probes)}
        if self.partition:
            arrays |= dataclasses.asdict(self.partition)
        archive = io.BytesIO()
        np.savez(archive, **arrays)
        tf.io.gfile.makedirs(folder)
        with tf.io.gfile.GFile(os.path.join(folder, _FILE), "wb") as file:
            file.write(archive.getvalue())

    @classmethod
    def read(cls, folder: str) -> IndexPlan:
        """Reads the file."""
        with tf.io.gfile.GFile(os.path.join(folder, _FILE), "rb") as file:
            found = dict(np.load(io.BytesIO(file.read()), allow_pickle=False))
        kind, probes = str(found.pop("kind")), int(found.pop("probes"))
        return cls(kind, Partition(**found) if found else None, probes)
