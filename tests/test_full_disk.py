"""A disk that fills up during a run: a line on stderr, exit status 2, earlier results untouched."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.publishing.store import PublishedStore
from tests.tiny_shop import TinyShop

PROJECT = Path(__file__).parents[1]
Disk = Callable[[int], Path]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mounts a disk of so many KiB and returns its folder."""
    folder = tmp_path / "disk"

    def mount(kib: int) -> Path:
        if os.geteuid() != 0:
            pytest.skip("only root may mount a small disk")
        folder.mkdir()
        call = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
        return folder

    yield mount
    if folder.is_mount():
        subprocess.run(["umount", "-l", str(folder)], check=True)


def served_by(root: Path, folder: Path) -> int:
    """Publishes a version that has to survive."""
    folder.mkdir()
    (folder / "saved_model.pb").write_text("the version that is served")
    return PublishedStore(root / "serving").publish(folder, {}, {})


def check(root: Path, version: int, err: str) -> None:
    line, end, rest = err.partition("\n")
    assert line.startswith("error: ") and end and not rest, err
    assert "a full disk" in line or "No space left" in line
    store = PublishedStore(root / "serving")
    assert store.versions() == [version]
    assert (store.servable_path(version) / "saved_model.pb").read_text() == "the version that is served"


def test_as_a_person_sees_it(disk: Disk, tmp_path: Path) -> None:
    """No room for a log of even the first component."""
    root = disk(32) / "root"
    version = served_by(root, tmp_path / "servable")
    shop = TinyShop.make(tmp_path / "shop").write()
    runner = [sys.executable, str(PROJECT / "local_runner.py"), *shop.arguments(root=str(root))]
    done = subprocess.run(runner, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    check(root, version, done.stderr)


@pytest.mark.parametrize("kib", [16, 200, 500])
def test_within_a_component(kib: int, disk: Disk, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Room for a part of the log, of ML Metadata and of the examples."""
    root = disk(kib) / "root"
    version = served_by(root, tmp_path / "servable")
    assert TinyShop.make(tmp_path / "shop").write().run(root=str(root)) == 2
    check(root, version, capfd.readouterr().err)
