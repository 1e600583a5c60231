"""The digest of the source code."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.local_run.code_version import code_version


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("components/a.py", "modules/deep/b.py", "pipeline/c.py", "datasets/d.py", "modules/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_same_code_same_version(project: Path) -> None:
    assert code_version(project) == code_version(project)
    assert len(code_version(project)) == 12


@pytest.mark.parametrize("name", ["components/a.py", "modules/deep/b.py", "pipeline/c.py", "modules/new.py"])
def test_changes(project: Path, name: str) -> None:
    before = code_version(project)
    (project / name).write_text("changed")
    assert code_version(project) != before


def test_a_file_that_moved(project: Path) -> None:
    before = code_version(project)
    (project / "modules/deep/b.py").rename(project / "modules/b.py")
    assert code_version(project) != before


@pytest.mark.parametrize("name", ["datasets/d.py", "modules/notes.txt"])
def test_what_no_component_runs(project: Path, name: str) -> None:
    before = code_version(project)
    (project / name).write_text("changed")
    assert code_version(project) == before
