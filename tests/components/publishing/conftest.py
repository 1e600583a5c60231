"""A bucket on a real S3 server."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator

import pytest

from components.publishing.object_store import PublishedObjects
from tests.s3_server import S3Server


@dataclasses.dataclass(frozen=True)
class Bucket:
    """A bucket that only one test uses."""

    server: S3Server
    name: str

    @property
    def url(self) -> str:
        """Of the store in it."""
        return f"s3://{self.name}/shop/serving"

    def store(self) -> PublishedObjects:
        """The store, as a process that has just started opens it."""
        return PublishedObjects(self.url)

    def seen(self, folder: str = "") -> dict[str, bytes]:
        """What anybody sees of the store: names below its URL, and content."""
        found = self.server.objects(self.name, f"shop/serving/{folder}")
        return {name.removeprefix("shop/serving/"): content for name, content in found.items()}


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server for all tests of this process."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def bucket(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket, which this process's environment leads to."""
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    name = f"bucket-{uuid.uuid4().hex}"
    s3.client().create_bucket(Bucket=name)
    return Bucket(s3, name)
