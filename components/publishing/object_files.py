"""Files of an object store (S3, MinIO, Google Cloud Storage, or what else fsspec has), with errors that name it."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import fsspec

from modules.errors import InputError

_BLOCK = 8 << 20  # bytes of a file that are held in memory before they are sent
_ALIASES = {"minio": "s3"}  # how Kubeflow's launcher calls a bucket of MinIO


class ObjectFiles:
    """The objects below a URL. Credentials and endpoints are what the store's own library finds in the environment.

    Args:
        url: such as `s3://bucket/folder`, or `file:///folder`.

    Raises:
        InputError: a scheme that fsspec does not know, or whose package is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        scheme, _, path = self.url.partition("://")
        target = f"{_ALIASES.get(scheme, scheme)}://{path}"
        # Listings are never remembered: other processes publish too.
        options = {"use_listings_cache": False, "skip_instance_cache": True, "default_block_size": _BLOCK}
        if scheme == "file":
            options["auto_mkdir"] = True  # folders are there of themselves elsewhere
        try:
            self._files, self._root = fsspec.core.url_to_fs(target, **options)
        except (ImportError, ValueError) as error:
            raise InputError(url, "a folder, or a URL that fsspec has a file system for", error) from error

    def folders(self, path: str) -> list[str]:
        """The names of the folders in a folder, and of the objects; none where there is no such folder."""
        with self._named():
            try:
                return [PurePosixPath(name).name for name in self._files.ls(self._at(path), detail=False)]
            except FileNotFoundError:
                return []

    def exists(self, path: str) -> bool:
        """Whether there is an object of that name, or some in a folder of that name."""
        with self._named():
            return bool(self._files.exists(self._at(path)))

    def read(self, path: str) -> bytes | None:
        """What an object holds; None if there is none."""
        with self._named():
            try:
                return bytes(self._files.cat_file(self._at(path)))
            except FileNotFoundError:
                return None

    def write(self, path: str, content: bytes) -> None:
        """Puts a small object there, at once."""
        with self._named():
            self._files.pipe_file(self._at(path), content)

    def remove(self, path: str) -> None:
        """Removes an object, or all of a folder; nothing, if there is none."""
        with self._named(), contextlib.suppress(FileNotFoundError):
            self._files.rm(self._at(path), recursive=True)

    def download(self, path: str, target: Path) -> bool:
        """Copies an object, or all of a folder, to the disk; False if there is nothing.

        Raises:
            InputError: an object whose name leads out of the folder.
        """
        with self._named():
            source = self._at(path)
            found = self._files.find(source)
            for name in found:
                inside = PurePosixPath(name.removeprefix(source).lstrip("/"))
                if ".." in inside.parts:
                    raise InputError(f"{self.url}/{path}", "objects inside of it", name)
                file = target / inside
                file.parent.mkdir(parents=True, exist_ok=True)
                self._files.get_file(name, str(file))
            return bool(found)

    def upload_together(self, files: Iterable[tuple[Path | bytes, str]]) -> None:
        """Sends files; none can be seen before all have arrived, and then they appear in this order.

        S3 and Google Cloud Storage hide an object until its upload is completed (fsspec: `transaction`), so what breaks
        off while data is sent leaves nothing.
        """
        with self._named(), self._files.transaction:
            for source, path in files:
                with self._files.open(self._at(path), "wb") as target:
                    for block in _blocks(source):
                        target.write(block)

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}"

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Says which store it was that refused or could not be reached."""
        try:
            yield
        except Exception as error:
            if isinstance(error, OSError | _errors_of_libraries()):
                said = f"{type(error).__name__}: {error}"
                raise InputError(self.url, "a store that can be reached, read and written", said) from error
            raise


def _blocks(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def _errors_of_libraries() -> types.UnionType:
    """What the libraries below s3fs and gcsfs raise that is no OSError."""
    import aiohttp
    from botocore.exceptions import BotoCoreError
    from google.auth.exceptions import GoogleAuthError

    return aiohttp.ClientError | BotoCoreError | GoogleAuthError
