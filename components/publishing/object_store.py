"""Published versions in an object store.

Objects cannot be renamed, so a version cannot appear at once. Its objects are completed one right after another when
all their data has arrived, the baseline first and `saved_model.pb` of the servable last: TensorFlow Serving loads no
version without it, and neither does the next run. Nobody can be kept out either, so a writer claims the number of its
version before it writes there:

    <url>/claims/<version>/<writer>   exists while the version is written
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from components.json_file import json_text
from components.publishing.object_files import ObjectFiles
from components.publishing.versions import BASELINE, MANIFEST, SAVED_MODEL, SERVABLE, PublishedVersions, missing_part

_CLAIMS, _IDENTITY = "claims", ".id"
_DEAD_AFTER = 24 * 3600  # seconds after which nobody is still writing what was claimed


class PublishedObjects(PublishedVersions):
    """The published versions below a URL.

    Args:
        url: such as `s3://bucket/serving`, see `ObjectFiles`.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._files = ObjectFiles(url)

    def identity(self) -> str:
        """Kept in an object; see `PublishedVersions`."""
        known = self._files.read(_IDENTITY)
        if known is None:
            self._files.write(_IDENTITY, uuid.uuid4().hex.encode())
            known = self._files.read(_IDENTITY) or b""
        return known.decode()

    def versions(self) -> list[int]:
        """The servable versions, oldest first; one without its SavedModel is none."""
        numbers = self._numbers(SERVABLE)
        return sorted(number for number in numbers if self._files.exists(f"{SERVABLE}/{number}/{SAVED_MODEL}"))

    def servable_url(self, version: int) -> str:
        """The URL of the SavedModel of a version."""
        return f"{self.url}/{SERVABLE}/{version}"

    def has_part(self, version: int, name: str) -> bool:
        """Whether the baseline of a version has a part `name`."""
        return self._files.exists(f"{BASELINE}/{version}/{name}")

    def fetch(self, version: int, name: str, target: Path) -> None:
        """Downloads the part; see `PublishedVersions`."""
        path = f"{BASELINE}/{version}/{name}"
        if not self._files.download(path, target):
            raise missing_part(f"{self.url}/{path}", version, name)

    def fetch_servable(self, version: int, target: Path) -> None:
        """Downloads the folder; see `PublishedVersions`."""
        path = f"{SERVABLE}/{version}"
        if not self._files.download(path, target):
            raise missing_part(f"{self.url}/{path}", version, "servable")

    def parts(self, version: int) -> list[str]:
        """Names of what is kept with a version beside its manifest."""
        return sorted(name for name in self._files.folders(f"{BASELINE}/{version}") if name != MANIFEST)

    def publish(self, servable: Path, baseline: Mapping[str, Path], manifest: Mapping[str, Any]) -> int:
        """Uploads under a number that no other writer has; see `PublishedVersions`."""
        self._remove_leftovers()
        writer = uuid.uuid4().hex
        version = self._claim(writer)
        try:
            self._files.upload_together(_uploads(version, servable, baseline, manifest))
        except BaseException:
            self._remove(version)
            raise
        finally:
            self._files.remove(f"{_CLAIMS}/{version}/{writer}")
        return version

    def _claim(self, writer: str) -> int:
        """A number that this writer alone has.

        Two who claim the same number see each other at least on one side, for a listing shows what was written before
        it (so it is with S3, MinIO and Google Cloud Storage). Whoever sees another one takes a later number.
        """
        version = max(int(time.time()), max([*self._numbers(SERVABLE), *self._numbers(BASELINE)], default=0) + 1)
        while True:
            claim = f"{_CLAIMS}/{version}/{writer}"
            self._files.write(claim, str(int(time.time())).encode())
            alone = self._files.folders(f"{_CLAIMS}/{version}") == [writer]
            if alone and not self._files.exists(f"{SERVABLE}/{version}"):
                return version
            self._files.remove(claim)
            version += random.randint(1, 8)  # so that two do not meet again for ever

    def _remove_leftovers(self) -> None:
        """Removes what writers left that were killed while their objects appeared."""
        for version in self._numbers(_CLAIMS):
            for writer in self._files.folders(f"{_CLAIMS}/{version}"):
                claim = f"{_CLAIMS}/{version}/{writer}"
                since = self._files.read(claim)
                if since is not None and int(since) + _DEAD_AFTER < time.time():
                    if not self._files.exists(f"{SERVABLE}/{version}/{SAVED_MODEL}"):
                        self._remove(version)
                    self._files.remove(claim)

    def _remove(self, version: int) -> None:
        """The servable first: nothing may be served whose baseline is gone."""
        self._files.remove(f"{SERVABLE}/{version}/{SAVED_MODEL}")
        self._files.remove(f"{SERVABLE}/{version}")
        self._files.remove(f"{BASELINE}/{version}")

    def _numbers(self, folder: str) -> list[int]:
        return [int(name) for name in self._files.folders(folder) if name.isdecimal()]

    def _manifest_text(self, version: int) -> tuple[str, bytes | None]:
        path = f"{BASELINE}/{version}/{MANIFEST}"
        return f"{self.url}/{path}", self._files.read(path)


def _uploads(
    version: int, servable: Path, baseline: Mapping[str, Path], manifest: Mapping[str, Any]
) -> Iterator[tuple[Path | bytes, str]]:
    """Everything that makes up a version, in the order in which it is to appear."""
    for name, source in baseline.items():
        yield from _files_of(source, f"{BASELINE}/{version}/{name}")
    yield json_text({**manifest, "version": version}).encode(), f"{BASELINE}/{version}/{MANIFEST}"
    files = list(_files_of(servable, f"{SERVABLE}/{version}"))
    yield from sorted(files, key=lambda file: file[1].endswith(f"/{version}/{SAVED_MODEL}"))


def _files_of(source: Path, path: str) -> Iterator[tuple[Path, str]]:
    """The files of a folder, or the one file, with the names they get."""
    if source.is_dir():
        for file in sorted(file for file in source.rglob("*") if file.is_file()):
            yield file, f"{path}/{file.relative_to(source).as_posix()}"
    else:
        yield source, path
