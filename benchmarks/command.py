"""What the benchmarks that write a page have in common: where they read and write."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.project import DATA, PROJECT
from modules.command_line import OneLineParser


def page_parser(name: str, description: str | None, data_sets: str) -> OneLineParser:
    """A parser with --data, which falls back on the variable RECSYS_DATA, --root and --page.

    Args:
        name: of the benchmark; its page is `docs/benchmarks/<name>.md`.
        description: for --help.
        data_sets: that it reads.
    """
    parser = OneLineParser(prog=f"python -m benchmarks.{name}", description=description)
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("RECSYS_DATA", DATA),
        help=f"folder with {data_sets} (default: $RECSYS_DATA, else ../shared/data)",
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=Path(tempfile.gettempdir()) / f"benchmark-{name}",
        help="everything but the page is written here (default: %(default)s)",
    )
    page = Path("docs", "benchmarks", f"{name}.md")
    parser.add_argument("--page", type=Path, default=PROJECT / page, help=f"the page that is written (default: {page})")
    return parser


def write_page(path: Path, text: str) -> None:
    """Writes the page and prints it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(text)
