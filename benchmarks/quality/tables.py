"""A data set's tables, as the pipeline reads them and as the baselines do."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.baselines.log import Bools, Ints, Log
from datasets.movielens.importer import import_movielens

Names = npt.NDArray[np.object_]


@dataclasses.dataclass(frozen=True)
class Tables:
    """Interactions, items and perhaps users.

    Attributes:
        interactions: user_id, item_id and whatever else there is.
        items: with item_id.
        users: with user_id, or None.
    """

    interactions: pa.Table
    items: pa.Table
    users: pa.Table | None

    def rows(self, chosen: Bools) -> Tables:
        """The same with some of the interactions."""
        return dataclasses.replace(self, interactions=self.interactions.filter(pa.array(chosen)))

    def column(self, name: str) -> npt.NDArray[Any]:
        """A column of the interactions."""
        return np.asarray(self.interactions[name].to_numpy())

    def item_names(self) -> Names:
        """[num_items] ids of the catalogue as text; an item's number is its place here."""
        return _texts(self.items["item_id"])

    def user_names(self) -> Names:
        """[num_users] ids of the users with interactions as text; a user's number is the place here."""
        return _texts(pa.array(np.unique(self.column("user_id"))))

    def log(self, moments: str | None = None) -> Log:
        """The interactions with numbers for ids, and a column that tells when."""
        users, numbers = np.unique(self.column("user_id"), return_inverse=True)
        items = pd.Index(self.items["item_id"].to_numpy()).get_indexer(self.column("item_id"))
        when: Ints | None = self.column(moments).astype(np.int64) if moments else None
        return Log(numbers.astype(np.int64), items.astype(np.int64), len(users), self.items.num_rows, when)

    def write(self, folder: Path, splits: Names | None = None) -> None:
        """Writes the tables as Parquet.

        Args:
            folder: is made if need be.
            splits: [interactions] "train", "eval" or "test": becomes a column `split`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        interactions = self.interactions
        if splits is not None:
            interactions = interactions.append_column("split", pa.array(splits, pa.string()))
        pq.write_table(interactions, folder / "interactions.parquet")
        pq.write_table(self.items, folder / "items.parquet")
        if self.users is not None:
            pq.write_table(self.users, folder / "users.parquet")


def movielens(source: Path, work: Path, times: bool = True) -> Tables:
    """Imports a MovieLens folder.

    Args:
        source: with the published files.
        work: a folder for the import.
        times: whether the timestamps are wanted.

    Raises:
        InputError: the folder is missing or damaged.
    """
    out = work / (source.name if times else f"{source.name}-notimes")
    import_movielens(str(source), out, times=times)
    users = out / "users.parquet"
    return Tables(
        pq.read_table(out / "interactions.parquet"),
        pq.read_table(out / "items.parquet"),
        pq.read_table(users) if users.exists() else None,
    )


def _texts(ids: pa.Array | pa.ChunkedArray) -> Names:
    return np.array(ids.cast(pa.string()).to_pylist(), object)
