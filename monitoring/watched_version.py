"""The published version that is watched: what it knows, and what it was trained on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

from components.publishing.parts import INTERACTIONS
from components.publishing.store import PublishedStore
from components.publishing.version_schema import version_schema
from modules.errors import InputError
from modules.roles import Roles, parse_roles, parse_schema, read_schema_text

_STATISTICS = Path("Split-train", "FeatureStats.pb")


@dataclasses.dataclass(frozen=True)
class WatchedVersion:
    """A published version.

    Attributes:
        number: of the version.
        schema: of the tables, annotated.
        roles: of its columns.
        training: TFDV's statistics of the interactions in train.
        users, items: files with the ids that it knows, one a line.
    """

    number: int
    schema: schema_pb2.Schema
    roles: Roles
    training: statistics_pb2.DatasetFeatureStatisticsList
    users: Path
    items: Path

    @classmethod
    def read(cls, root: Path, number: int | None = None, schema: Path | None = None) -> WatchedVersion:
        """The version `number`, or else the newest, of a root of runs.

        Args:
            root: of the runs.
            number: of the version; None: the newest.
            schema: its schema's file; None: that is looked for in the root.

        Raises:
            InputError: nothing was published there, or the version lacks its schema, ids or statistics.
        """
        store = PublishedStore(root / "serving")
        versions = store.versions()
        number = store.latest() if number is None else number
        if number is None or number not in versions:
            received = ", ".join(map(str, versions)) or "none"
            raise InputError(f"root {root}", f"a published version{f' {number}' if number else ''}", received)
        text = read_schema_text(schema) if schema else version_schema(root, store.manifest(number))
        assets = store.servable_path(number) / "assets"
        return cls(
            number=number,
            schema=parse_schema(text),
            roles=parse_roles(text),
            training=_statistics(store.baseline_path(number, INTERACTIONS) / _STATISTICS),
            users=_there(assets / "users.txt"),
            items=_there(assets / "items.txt"),
        )


def read_ids(path: str | Path) -> frozenset[str]:
    """The ids of a file with one a line."""
    return frozenset(Path(path).read_text(encoding="utf-8").split("\n")) - {""}


def _statistics(path: Path) -> statistics_pb2.DatasetFeatureStatisticsList:
    return statistics_pb2.DatasetFeatureStatisticsList.FromString(_there(path).read_bytes())


def _there(path: Path) -> Path:
    if not path.is_file():
        raise InputError(str(path), "a file that is published with every version", "none")
    return path
