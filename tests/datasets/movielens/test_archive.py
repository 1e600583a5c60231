from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from datasets.movielens import archive as module
from datasets.movielens.archive import unpack
from modules.errors import InputError


def write_zip(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in members.items():
            packed.writestr(name, text)
    return path


def wants_text(name: str) -> bool:
    return name.endswith(".txt")


def refused(tmp_path: Path, archive: Path, match: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(InputError, match=match):
        unpack(archive, folder, wants_text)
    assert list(folder.iterdir()) == []
    assert not (tmp_path / "evil.txt").exists()


def test_wanted_members_are_unpacked_flat(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "a.zip", {"set/a.txt": "one", "set/b.bin": "two", "set/": ""})
    folder = tmp_path / "folder"
    folder.mkdir()
    unpack(archive, folder, wants_text)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"a.txt": "one"}


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/evil.txt", "a/../../evil.txt", "..\\evil.txt", "C:\\evil.txt", "C:evil.txt"]
)
def test_paths_out_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    # The good member comes first: nothing is written before all are checked.
    refused(
        tmp_path, write_zip(tmp_path / "a.zip", {"good.txt": "good", name: "evil"}), "inside the archive's own folder"
    )


def test_bad_path_is_refused_even_where_the_member_is_not_wanted(tmp_path: Path) -> None:
    refused(tmp_path, write_zip(tmp_path / "a.zip", {"good.txt": "good", "../evil.bin": ""}), "own folder")


def test_symbolic_link_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/hostname")
    refused(tmp_path, archive, "symbolic link")


def test_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_UNPACKED_BYTES", 100)
    refused(
        tmp_path, write_zip(tmp_path / "a.zip", {"a.txt": "x" * 60, "b.bin": "x" * 60}), "100 bytes .* received 120"
    )


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_MEMBERS", 1)
    refused(tmp_path, write_zip(tmp_path / "a.zip", {"a.txt": "", "b.txt": ""}), "1 members at most")


def test_two_data_sets_in_one_archive_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, write_zip(tmp_path / "a.zip", {"x/a.txt": "", "y/a.txt": ""}), "one data set")


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    whole = write_zip(tmp_path / "a.zip", {"a.txt": "some text that is stored as it is"})
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:-30])
    refused(tmp_path, cut, "a zip that can be unpacked")


def test_changed_byte_is_noticed(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "a.zip", {"a.txt": "some text that is stored as it is"})
    archive.write_bytes(archive.read_bytes().replace(b"stored", b"altered"[:6]))
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(InputError, match="Bad CRC-32"):
        unpack(archive, folder, wants_text)
