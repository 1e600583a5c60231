"""What the page shows of items and users: titles, pictures, categories and stored histories, from a run's artifacts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tensorflow as tf

from components.publishing.store import PublishedStore
from components.publishing.version_schema import version_schema
from components.report.folder import read_scorecards
from modules.errors import InputError
from modules.roles import HISTORY, Encoding, Roles, Table, parse_roles
from modules.serving.rules import categorical_item_columns

_MOST_PICTURES = 50_000
_MAKER, _CANDIDATES, _QUERIES = "TableExampleGen", "candidates", "queries"


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """The items of a version.

    Attributes:
        titles: by item id; the id where there is no title.
        pictures: encoded images by item id, where the schema has any.
        categories: categorical column → item id → values.
    """

    titles: dict[str, str]
    pictures: dict[str, bytes]
    categories: dict[str, dict[str, tuple[str, ...]]]

    def search(self, text: str, most: int) -> list[str]:
        """Ids of items with all words of the text in their title, or that are the text; the shortest titles first."""
        words = text.lower().split()
        if not words:
            return []
        found = [
            item for item, title in self.titles.items() if all(word in f"{title} {item}".lower() for word in words)
        ]
        return sorted(found, key=lambda item: (item != text, len(self.titles[item]), item))[:most]


@dataclasses.dataclass(frozen=True)
class PublishedVersion:
    """What is on this machine of a version.

    Attributes:
        folder: of the servable.
        users: that it knows, in the order of its table.
        items: the same.
        roles: of the schema's columns.
        artifacts: folders of the examples that it was built from; empty if they are gone.
    """

    folder: Path
    users: tuple[str, ...]
    items: frozenset[str]
    roles: Roles
    artifacts: dict[str, Path]

    @classmethod
    def read(cls, root: Path, version: int) -> PublishedVersion:
        """Looks a version up in a root of runs.

        Raises:
            InputError: it is not there, or not whole.
        """
        store = PublishedStore(root / "serving")
        folder = store.servable_path(version)
        if version not in store.versions():
            raise InputError(f"{root}", f"version {version}", "none, or no longer")
        return cls(
            folder=folder,
            users=_ids(folder / "assets" / "users.txt"),
            items=frozenset(_ids(folder / "assets" / "items.txt")),
            roles=parse_roles(version_schema(root, store.manifest(version))),
            artifacts=_artifacts(root, version),
        )

    def catalogue(self) -> Catalogue:
        """Titles, pictures and categories; of ids alone where the artifacts are gone."""
        roles = self.roles
        images = [column.name for column in roles.features(Table.ITEM) if column.encoding is Encoding.IMAGE]
        columns = categorical_item_columns(roles)
        catalogue = Catalogue({item: item for item in sorted(self.items)}, {}, {column: {} for column in columns})
        for features in _examples(self.artifacts.get(_CANDIDATES)):
            item = _first(features, roles.item_id).decode()
            if item not in self.items:
                continue
            if roles.title:
                catalogue.titles[item] = _first(features, roles.title).decode("utf-8", "replace") or item
            if images and len(catalogue.pictures) < _MOST_PICTURES and (picture := _first(features, images[0])):
                catalogue.pictures[item] = picture
            for column in columns:
                catalogue.categories[column][item] = tuple(_text(value) for value in _values(features, column))
        return catalogue

    def stored_history(self, user: str) -> tuple[str, ...]:
        """The history that is built in for a user, oldest first; empty where none is known."""
        wanted = user.encode()
        for features in _examples(self.artifacts.get(_QUERIES), containing=wanted):
            if _first(features, self.roles.user_id) == wanted:
                return tuple(_text(item) for item in _values(features, HISTORY))
        return ()


def _artifacts(root: Path, version: int) -> dict[str, Path]:
    """The folders of the examples of the run that pushed the version, or else of the newest run that has any."""
    runs = [run for run in read_scorecards(root / "reports")[0] if any(o.component == _MAKER for o in run.outputs)]
    pushed = [run for run in runs if run.run.pushed_version == str(version)]
    for run in pushed or runs:
        # By their place under the root, which may have been moved.
        folders = {
            output.name: root / "artifacts" / _MAKER / output.name / Path(output.uri).name
            for output in run.outputs
            if output.component == _MAKER
        }
        return {name: folder for name, folder in folders.items() if folder.is_dir()}
    return {}


def _examples(folder: Path | None, containing: bytes = b"") -> Iterator[Any]:
    """The features of the examples of an artifact whose bytes contain `containing`."""
    split = {_CANDIDATES: "Split-catalogue", _QUERIES: "Split-serving"}
    if folder is None:
        return
    files = sorted(str(path) for path in (folder / split[folder.parent.name]).glob("data_tfrecord-*"))
    for record in tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator():
        if containing in record:
            yield tf.train.Example.FromString(record).features.feature


def _values(features: Any, name: str) -> list[Any]:
    if name not in features:
        return []
    feature = features[name]
    return list(getattr(feature, feature.WhichOneof("kind") or "bytes_list").value)


def _first(features: Any, name: str) -> bytes:
    values = _values(features, name)
    return values[0] if values else b""


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _ids(path: Path) -> tuple[str, ...]:
    """The lines of a vocabulary; a line "-" alone stands in for no ids (modules/serving/id_table.py)."""
    if not path.is_file():
        raise InputError(str(path), "a file that every version has", "none")
    lines = tuple(line for line in path.read_text(encoding="utf-8").split("\n") if line)
    return () if lines == ("-",) else lines
