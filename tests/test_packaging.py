"""What Beam workers would install."""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("monitoring", "playground", "pipeline", "components", "modules", "datasets")


def tracked(*paths: str) -> set[Path]:
    """The tracked files under `paths`, from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *paths], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    if listed.returncode:
        pytest.skip(f"not a git checkout: {listed.stderr.strip()}")
    return {path for name in listed.stdout.split("\0") if name and (ROOT / (path := Path(name))).is_file()}


def test_every_folder_with_code_is_a_package() -> None:
    # import-linter and setuptools both overlook folders without an __init__.py.
    folders = {path.parent for path in tracked(*PACKAGES) if path.suffix == ".py"}
    assert {folder for folder in folders if not (ROOT / folder / "__init__.py").is_file()} == set()


def test_sdist_holds_the_packages_and_their_data(tmp_path: Path) -> None:
    project, out = tmp_path / "project", tmp_path / "out"
    for path in tracked():
        (project / path.parent).mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, project / path)
    # As Beam does it: https://beam.apache.org/documentation/sdks/python-pipeline-dependencies/
    subprocess.run([sys.executable, "setup.py", "-q", "sdist", "--dist-dir", out], cwd=project, check=True, timeout=300)
    (archive,) = out.iterdir()
    with tarfile.open(archive) as opened:
        names = {Path(*Path(member.name).parts[1:]) for member in opened if member.isfile()}
    assert archive.name.startswith("tfx_recommender-")
    assert tracked(*PACKAGES, "schema") - names == set()
    assert {path.parts[0] for path in names if len(path.parts) > 1} <= {*PACKAGES, "schema", "tfx_recommender.egg-info"}
