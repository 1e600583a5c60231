from __future__ import annotations

import functools
import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from datasets.movielens import download as module
from datasets.movielens.importer import import_movielens
from modules.errors import InputError


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A web server on this machine: the folder that it serves, and its address."""
    folder = tmp_path / "site"
    folder.mkdir()
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("ml-latest-small/ratings.csv", "userId,movieId,rating,timestamp\n7,1,4.5,900000000\n")
        packed.writestr("ml-latest-small/movies.csv", "movieId,title,genres\n1,Pier (1999),Drama\n")
    return file.getvalue()


@pytest.mark.parametrize("form", ["{md5}  ml-latest-small.zip\n", "MD5 (ml-latest-small.zip) = {md5}\n"])
def test_archive_with_the_published_checksum_is_imported(tmp_path: Path, site: tuple[Path, str], form: str) -> None:
    folder, url = site
    (folder / "ml-latest-small.zip").write_bytes(archive())
    (folder / "ml-latest-small.zip.md5").write_text(
        form.format(md5=hashlib.md5(archive(), usedforsecurity=False).hexdigest())
    )
    rows = import_movielens("latest-small", tmp_path / "out", base_url=url)
    assert rows == {"interactions": 1, "items": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "site"]


def test_other_checksum_is_refused(tmp_path: Path, site: tuple[Path, str]) -> None:
    folder, url = site
    (folder / "ml-latest-small.zip").write_bytes(archive())
    (folder / "ml-latest-small.zip.md5").write_text("0" * 32)
    with pytest.raises(InputError, match="expected an archive of MD5 0{32}, received one of MD5 "):
        import_movielens("latest-small", tmp_path / "out", base_url=url)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_fixed_versions_are_held_to_the_built_in_checksum(tmp_path: Path, site: tuple[Path, str]) -> None:
    folder, url = site
    (folder / "ml-100k.zip").write_bytes(archive())
    (folder / "ml-100k.zip.md5").write_text(hashlib.md5(archive(), usedforsecurity=False).hexdigest())
    with pytest.raises(InputError, match="0e33842e24a9c977be4e0107933c0723"):
        import_movielens("100k", tmp_path / "out", base_url=url)


def test_unreadable_checksum_is_refused(tmp_path: Path, site: tuple[Path, str]) -> None:
    folder, url = site
    (folder / "ml-latest-small.zip.md5").write_text("<html>not found</html>")
    with pytest.raises(InputError, match="MD5 of 32 hexadecimal digits"):
        import_movielens("latest-small", tmp_path / "out", base_url=url)


def test_missing_archive_is_refused(tmp_path: Path, site: tuple[Path, str]) -> None:
    with pytest.raises(InputError, match="HTTP Error 404"):
        import_movielens("1m", tmp_path / "out", base_url=site[1])


def test_endless_answer_is_cut(tmp_path: Path, site: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_ARCHIVE_BYTES", 10)
    (site[0] / "ml-1m.zip").write_bytes(archive())
    with pytest.raises(InputError, match="10 bytes at most"):
        import_movielens("1m", tmp_path / "out", base_url=site[1])


def test_no_server_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is this machine online\?") as caught:
        import_movielens("25m", tmp_path / "out", base_url="http://127.0.0.1:9")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
