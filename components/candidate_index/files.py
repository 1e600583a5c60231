"""What a CandidateIndex artifact holds on disk."""

from __future__ import annotations

import dataclasses
import io
import os

import numpy as np
import numpy.typing as npt
import tensorflow as tf

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
        tf.io.gfile.makedirs(folder)
        with tf.io.gfile.GFile(os.path.join(folder, IDS_FILE), "wb") as file:
            file.write(b"".join(item + b"\n" for item in self.item_ids))
        encoded = io.BytesIO()
        np.save(encoded, self.vectors, allow_pickle=False)
        with tf.io.gfile.GFile(os.path.join(folder, VECTORS_FILE), "wb") as file:
            file.write(encoded.getvalue())

    @classmethod
    def read(cls, folder: str) -> IndexedCatalogue:
        """Reads both files."""
        with tf.io.gfile.GFile(os.path.join(folder, IDS_FILE), "rb") as file:
            ids = file.read().split(b"\n")[:-1]
        with tf.io.gfile.GFile(os.path.join(folder, VECTORS_FILE), "rb") as file:
            return cls(ids, np.load(io.BytesIO(file.read()), allow_pickle=False))
