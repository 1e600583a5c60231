"""A MovieLens version, wherever it lies → the standard tables as Parquet files."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from datasets.movielens.archive import unpack
from datasets.movielens.download import GROUPLENS, VERSIONS, download
from datasets.movielens.versions import find_version, is_data_file
from datasets.output_folder import output_folder
from datasets.parquet_file import write_parquet
from modules.errors import InputError

TABLE_FILES = ("interactions.parquet", "items.parquet", "users.parquet")


def import_movielens(source: str, out: Path, *, times: bool = True, base_url: str = GROUPLENS) -> dict[str, int]:
    """Writes `out`/{interactions,items[,users]}.parquet, all of them or none.

    Args:
        source: a folder or zip with any version of MovieLens, or one of `VERSIONS` to download.
        out: the folder to write; one from an earlier import is replaced. Column types: see `versions.Version`.
        times: False leaves the `timestamp` column out.
        base_url: where the archives `ml-<version>.zip` are.

    Returns:
        Rows of each table.

    Raises:
        InputError: `source` is none of these, is damaged, or holds a wrong row; or `out` cannot be written.
    """
    with output_folder(out, TABLE_FILES) as draft, _opened(source, draft.parent, base_url) as folder:
        version = find_version(folder, times)
        tables = {"interactions": version.interactions, "items": version.items}
        if version.users:
            tables["users"] = version.users
        return {name: write_parquet(draft / f"{name}.parquet", read()) for name, read in tables.items()}


@contextlib.contextmanager
def _opened(source: str, workspace: Path, base_url: str) -> Iterator[Path]:
    """A folder with the files of `source`; unpacked ones live in `workspace`, and only as long as needed."""
    path = Path(source)
    if path.is_dir():
        yield _data_folder(path)
        return
    if not path.is_file() and source not in VERSIONS:
        raise InputError(f"source {source}", f"a folder, a zip or one of {', '.join(VERSIONS)}", "none of these")
    with tempfile.TemporaryDirectory(prefix=".movielens.", dir=workspace) as room:
        archive = path if path.is_file() else download(source, Path(room), base_url)
        unpacked = Path(room) / "unpacked"
        unpacked.mkdir()
        unpack(archive, unpacked, is_data_file)
        yield unpacked


def _data_folder(path: Path) -> Path:
    """`path`, or the one folder inside it that an archive makes when it is unpacked by hand."""
    if any(is_data_file(child.name) for child in path.iterdir()):
        return path
    inner = [child for child in path.iterdir() if child.is_dir() and not child.name.startswith((".", "__"))]
    return inner[0] if len(inner) == 1 else path
