"""What each eval query was worth to each system: the gate's evidence, from which it makes its intervals."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from pathlib import Path

import numpy as np

from modules.errors import InputError
from modules.metrics.ranked import Floats, Ints

FILE = "eval_queries.npz"
POPULARITY, RETRIEVAL, RECOMMENDER, PUBLISHED = "popularity", "retrieval", "recommender", "published"
_USERS = "users"


@dataclasses.dataclass(frozen=True)
class SliceValues:
    """One metric of the queries of a slice.

    Attributes:
        column: what it is a slice by; empty for all queries.
        value: of that column.
        metric: name of the metric.
        users: [n] who asked, as numbers from 0.
        values: by system, [n] float64.
    """

    column: str
    value: str
    metric: str
    users: Ints
    values: dict[str, Floats]

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.column}={self.value}"


@dataclasses.dataclass(frozen=True)
class QueryValues:
    """All queries, and the slices."""

    overall: SliceValues
    slices: list[SliceValues]

    def write(self, folder: str | Path) -> None:
        """Writes `FILE`: for each part its three names, users and values as arrays."""
        arrays: dict[str, np.ndarray] = {}  # type: ignore[type-arg]
        for place, part in enumerate([self.overall, *self.slices]):
            arrays[f"{place}/names"] = np.array([part.column, part.value, part.metric])
            arrays[f"{place}/{_USERS}"] = part.users
            arrays |= {f"{place}/of/{system}": values for system, values in part.values.items()}
        encoded = io.BytesIO()
        np.savez_compressed(encoded, **arrays)
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / FILE).write_bytes(encoded.getvalue())

    @classmethod
    def read(cls, folder: str | Path) -> QueryValues:
        """The inverse of `write`.

        Raises:
            InputError: the file is missing or is no such file.
        """
        path = Path(folder) / FILE
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
                names = sorted((name for name in arrays if name.endswith("/names")), key=lambda name: int(name[:-6]))
                parts = [_part(arrays, name.removesuffix("names")) for name in names]
            return cls(parts[0], parts[1:])
        except FileNotFoundError as error:
            raise InputError(str(path), "the values of the eval queries", "none") from error
        except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
            raise InputError(str(path), "the values of the eval queries", error) from error


def _part(arrays: np.lib.npyio.NpzFile, prefix: str) -> SliceValues:
    column, value, metric = arrays[f"{prefix}names"].tolist()
    of = f"{prefix}of/"
    values = {name.removeprefix(of): arrays[name] for name in arrays if name.startswith(of)}
    return SliceValues(column, value, metric, arrays[f"{prefix}{_USERS}"], values)
