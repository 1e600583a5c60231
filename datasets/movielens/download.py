"""Fetching an archive from GroupLens and proving that it is the right one."""

from __future__ import annotations

import hashlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from modules.errors import InputError

GROUPLENS = "https://files.grouplens.org/datasets/movielens"

# MD5 of the archives that never change, as GroupLens publishes them in `<archive>.md5`. The `latest` ones are
# rebuilt from time to time; for them that file is fetched.
_MD5: dict[str, str | None] = {
    "100k": "0e33842e24a9c977be4e0107933c0723",
    "1m": "c4d9eecfca2ab87c1945afe126590906",
    "10m": "ce571fd55effeba0271552578f2648bd",
    "20m": "cd245b17a1ae2cc31bb14903e1204af3",
    "25m": "6b51fb2759a8657d3bfcbfc42b592ada",
    "32m": "d472be332d4daa821edc399621853b57",
    "latest-small": None,
    "latest": None,
}
VERSIONS = tuple(_MD5)

_TIMEOUT_SECONDS = 60
_BLOCK_BYTES = 1 << 20
_MAX_ARCHIVE_BYTES = 2 * 2**30
_MAX_CHECKSUM_BYTES = 1024


def download(version: str, folder: Path, base_url: str = GROUPLENS) -> Path:
    """Fetches the archive of one of `VERSIONS` into `folder` and returns its path.

    Raises:
        InputError: the server cannot be reached or refuses, or the archive is not the one with the published MD5.
    """
    url = f"{base_url}/ml-{version}.zip"
    expected = _MD5[version] or _published_md5(f"{url}.md5")
    archive = folder / f"ml-{version}.zip"
    with archive.open("xb") as sink:
        received = _fetch(url, sink.write, _MAX_ARCHIVE_BYTES)
    if received != expected:
        raise InputError(f"download {url}", f"an archive of MD5 {expected}", f"one of MD5 {received}")
    return archive


def _published_md5(url: str) -> str:
    blocks: list[bytes] = []
    _fetch(url, blocks.append, _MAX_CHECKSUM_BYTES)
    text = b"".join(blocks).decode("ascii", errors="replace")
    found = re.search(r"\b[0-9a-f]{32}\b", text)
    if found is None:
        raise InputError(f"download {url}", "an MD5 of 32 hexadecimal digits", text)
    return found.group()


def _fetch(url: str, write: Callable[[bytes], object], limit: int) -> str:
    """Passes the body at `url` to `write` block by block; returns the MD5 of all of it."""
    digest, size = hashlib.md5(usedforsecurity=False), 0
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response:
            while block := response.read(_BLOCK_BYTES):
                size += len(block)
                if size > limit:
                    raise InputError(f"download {url}", f"{limit} bytes at most", "more")
                digest.update(block)
                write(block)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise InputError(f"download {url}", "an answer from the server (is this machine online?)", error) from error
    return digest.hexdigest()
