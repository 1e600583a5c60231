from __future__ import annotations

from pathlib import Path

import pytest

from datasets.output_folder import output_folder
from modules.errors import InputError

NAMES = ("a.txt", "b.txt")


def test_new_folder_appears_whole(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    with output_folder(out, NAMES) as draft:
        (draft / "a.txt").write_text("one")
        assert not out.exists()
    assert (out / "a.txt").read_text() == "one"
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_earlier_folder_is_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "b.txt").write_text("earlier")
    with output_folder(out, NAMES) as draft:
        (draft / "a.txt").write_text("later")
    assert [path.name for path in out.iterdir()] == ["a.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_error_leaves_the_earlier_folder_and_no_draft(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.txt").write_text("earlier")

    def fail_halfway() -> None:
        with output_folder(out, NAMES) as draft:
            (draft / "a.txt").write_text("half")
            raise InputError("somewhere", "this", "that")

    with pytest.raises(InputError, match="somewhere: expected this, received that"):
        fail_halfway()
    assert (out / "a.txt").read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_full_disk_is_an_input_error(tmp_path: Path) -> None:
    def run_out_of_space() -> None:
        with output_folder(tmp_path / "out", NAMES), Path("/dev/full").open("w") as full:
            full.write("x" * 100_000)

    with pytest.raises(InputError, match="No space left"):
        run_out_of_space()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("foreign", ["notes.txt", ".hidden"])
def test_folder_with_other_files_is_refused(tmp_path: Path, foreign: str) -> None:
    (tmp_path / foreign).write_text("mine")
    with pytest.raises(InputError, match="new or empty folder"), output_folder(tmp_path, NAMES):
        pass
    assert (tmp_path / foreign).read_text() == "mine"


def test_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="expected a folder, received a file"), output_folder(tmp_path / "out", NAMES):
        pass
