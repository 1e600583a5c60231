"""Published versions, wherever they are kept.

<root>/recommender/<version>/   the servable, watched by TF Serving
<root>/baseline/<version>/      what the next run is compared with, and manifest.json
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.json_file import json_value
from modules.errors import InputError

SERVABLE, BASELINE, MANIFEST, SAVED_MODEL = "recommender", "baseline", "manifest.json", "saved_model.pb"


class PublishedVersions(abc.ABC):
    """What a published store can be asked; where its files are is for the classes that derive from it."""

    @abc.abstractmethod
    def identity(self) -> str:
        """What tells this store from another one in the same place; made up when it is first asked for.

        A run takes it as a parameter: if the store was deleted, nothing that was published into it is there any more,
        whatever a cache remembers.
        """

    @abc.abstractmethod
    def versions(self) -> list[int]:
        """The servable versions, oldest first. A folder that holds no SavedModel is none."""

    @abc.abstractmethod
    def servable_url(self, version: int) -> str:
        """Where the SavedModel of a version is."""

    @abc.abstractmethod
    def has_part(self, version: int, name: str) -> bool:
        """Whether the baseline of a version has a part `name`."""

    @abc.abstractmethod
    def fetch(self, version: int, name: str, target: Path) -> None:
        """Puts the part `name` of the baseline of a version where `target` says: a file, or the content of a folder.

        Raises:
            InputError: the version has no such part.
        """

    @abc.abstractmethod
    def fetch_servable(self, version: int, target: Path) -> None:
        """Puts the content of the folder of the SavedModel of a version into the folder `target`.

        Raises:
            InputError: there is no such version.
        """

    @abc.abstractmethod
    def parts(self, version: int) -> list[str]:
        """Names of what is kept with a version beside its manifest."""

    @abc.abstractmethod
    def publish(self, servable: Path, baseline: Mapping[str, Path], manifest: Mapping[str, Any]) -> int:
        """Copies a servable and its baseline into the store and makes them visible, both or neither.

        Args:
            servable: folder of a SavedModel.
            baseline: folders and files to keep for the next run, by the name they get.
            manifest: plain values to keep with them; `version` is added. `baseline_for` reads `run_digest` and
                `baseline_version`.

        Returns:
            The new version: the time in seconds or, if that is not newer than all others, the next free number.

        Raises:
            InputError: the store is full or cannot be written; nothing has changed then.
        """

    @abc.abstractmethod
    def _manifest_text(self, version: int) -> tuple[str, bytes | None]:
        """Where the manifest of a version is, and what it says; None if it is not there."""

    def latest(self) -> int | None:
        """The newest version, or None if nothing was published yet."""
        return max(self.versions(), default=None)

    def manifest(self, version: int) -> dict[str, Any]:
        """What was written about a version when it was published; `version` is always in it.

        Raises:
            InputError: the manifest is missing or broken; the message names the file.
        """
        where, text = self._manifest_text(version)
        manifest = json_value(text, where)
        if not isinstance(manifest, dict) or manifest.get("version") != version:
            raise InputError(where, f"the manifest of version {version}", manifest)
        return manifest

    def newest_manifest(self) -> dict[str, Any]:
        """The manifest of the newest version; empty without one, and where it is broken, which the gate finds out."""
        newest = self.latest()
        if newest is None:
            return {}
        try:
            return self.manifest(newest)
        except InputError:
            return {}

    def baseline_for(self, run_digest: str) -> int | None:
        """The version that a run is to be compared with, or None if there is none.

        That is the newest one. But where that was published by a run with the very same digest (same data, code and
        configuration), it is the one that run itself was compared with: a rerun with nothing changed then asks
        for nothing new and is served from cache.

        A version whose manifest is broken is the baseline all the same: the gate refuses what cannot be compared.

        Args:
            run_digest: identifies everything that the outcome of a run depends on; "" where that is not known, and
                nothing is a rerun.
        """
        newest = self.latest()
        manifest = self.newest_manifest()
        if newest is None or not run_digest or manifest.get("run_digest") != run_digest:
            return newest
        recorded = manifest.get("baseline_version") or None
        if recorded is None or recorded in self.versions():
            return recorded
        return newest  # the recorded one has been tidied away since


def missing_part(where: object, version: int, name: str) -> InputError:
    """The error of a baseline that lacks a part."""
    return InputError(str(where), f"the {name} that was published with version {version}", "nothing there")
