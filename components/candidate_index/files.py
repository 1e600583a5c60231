"""What a CandidateIndex artifact holds on disk."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt

IDS_FILE, VECTORS_FILE = "item_ids.txt", "vectors.npy"


@dataclasses.dataclass(frozen=True)
class IndexedCatalogue:
    """The catalogue in the order of the index.

    Attributes:
        item_ids: num_items ids.
        vectors: [num_items, D] float32 of the candidate tower.
    """

    item_ids: list[bytes]
    vectors: npt.NDArray[np.float32]

    def write(self, folder: str) -> None:
        """Writes both files."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / IDS_FILE).write_bytes(b"".join(item + b"\n" for item in self.item_ids))
        np.save(Path(folder) / VECTORS_FILE, self.vectors, allow_pickle=False)

    @classmethod
    def read(cls, folder: str) -> IndexedCatalogue:
        """Reads both files."""
        ids = (Path(folder) / IDS_FILE).read_bytes().split(b"\n")[:-1]
        return cls(ids, np.load(Path(folder) / VECTORS_FILE, allow_pickle=False))
