"""One run at a time in a folder, each with a name of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from components.local_run.sole_run import new_run_id, sole_run
from modules.errors import InputError

HOLD = """
import sys
from pathlib import Path
from components.local_run.sole_run import sole_run
with sole_run(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_after_the_other(tmp_path: Path) -> None:
    for _ in range(2):
        with sole_run(tmp_path / "new" / "root"):
            assert (tmp_path / "new" / "root").is_dir()


def test_another_process_holds_it_until_it_dies(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(InputError, match="no other run in the same folder"), sole_run(tmp_path):
            pass
        holder.kill()
        holder.wait()
    with sole_run(tmp_path):
        pass


def test_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for root in (tmp_path / "file", tmp_path / "file" / "root"):
        with pytest.raises(InputError, match="--root .*a folder that can be written"), sole_run(root):
            pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_not_writable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="a folder that can be written"), sole_run(tmp_path):
        pass


def test_names(tmp_path: Path) -> None:
    assert new_run_id(tmp_path, "20240506-070809") == "20240506-070809"
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "20240506-070809.log").touch()
    assert new_run_id(tmp_path, "20240506-070809") == "20240506-070809-2"
    (tmp_path / "reports" / "20240506-070809-2").mkdir(parents=True)
    assert new_run_id(tmp_path, "20240506-070809") == "20240506-070809-3"
    assert new_run_id(tmp_path, "20240506-070810") == "20240506-070810"
