"""What `--data` may be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from components.source import open_source
from modules.errors import InputError


def test_a_folder_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("a\n1\n")
    assert open_source(str(tmp_path)).facts() == {}
    for location, received in (
        ("", "nothing"),
        (str(tmp_path / "no"), "no such folder"),
        (str(tmp_path / "file.csv"), "a file"),
    ):
        with pytest.raises(InputError, match=f"a folder.*received {received}"):
            open_source(location)


def test_neither_tensorflow_nor_beam_is_imported() -> None:
    code = "import sys, components.source; print({'tensorflow', 'tfx', 'apache_beam'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "set()"
