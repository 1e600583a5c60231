"""Bad input that is found before the pipeline starts: a line on stderr, exit status 2, earlier results untouched."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tiny_shop import START, Change, TinyShop, cell

PROJECT = Path(__file__).parents[1]
SECONDS = 15.0


@dataclasses.dataclass(frozen=True)
class Case:
    """A mistake, and what has to be said about it.

    Attributes:
        said: regular expression that the line on stderr matches.
        change: of the shop, before it is written.
        spoil: of the files, after they were.
        flags: of the runner, instead of the usual ones.
    """

    said: str
    change: Change = lambda shop: None
    spoil: Change = lambda shop: None
    flags: dict[str, str] = dataclasses.field(default_factory=dict)


def column(table: str, name: str, *values: object) -> Change:
    """Gives a column the same value, or the same few, in every row; without any, takes it away."""

    def change(shop: TinyShop) -> None:
        for number, row in enumerate(getattr(shop, table)):
            row.pop(name, None)
            if values:
                row[name] = values[number % len(values)]

    return change


def schema(old: str, new: str) -> Change:
    """Replaces a part of the schema."""

    def change(shop: TinyShop) -> None:
        assert old in shop.schema
        shop.schema = shop.schema.replace(old, new, 1)

    return change


def config(text: str) -> Change:
    """Sets the whole configuration."""
    return lambda shop: setattr(shop, "config", text)


def only(table: str, rows: int) -> Change:
    """Keeps the first rows of a table."""
    return lambda shop: setattr(shop, table, getattr(shop, table)[:rows])


def both(*changes: Change) -> Change:
    """One change after the other."""
    return lambda shop: [change(shop) for change in changes]


def file(name: str, content: bytes) -> Change:
    """Writes a file of the shop's folder."""
    return lambda shop: (shop.folder / name).write_bytes(content)


def cut(name: str, size: int) -> Change:
    """Cuts a file off."""

    def spoil(shop: TinyShop) -> None:
        path = shop.folder / name
        path.write_bytes(path.read_bytes()[:size])

    return spoil


def damage(name: str) -> Change:
    """Overwrites the first half of a file, which leaves a Parquet file's description of itself whole."""

    def spoil(shop: TinyShop) -> None:
        content = (shop.folder / name).read_bytes()
        half = len(content) // 2
        (shop.folder / name).write_bytes(content[:4] + b"\xa5" * (half - 4) + content[half:])

    return spoil


def csv_items(content: bytes) -> Change:
    """Has the items in a CSV file."""
    return both(lambda shop: (shop.data / "items.parquet").unlink(), file("data/items.csv", content))


SPLIT_COLUMN = 'feature { name: "fold" type: BYTES annotation { tag: "split" } }\nfeature { name: "title"'
NO_LIMITS = schema(" float_domain { min: 1 max: 5 }", "")
SERVER_DOWN = "postgresql://ann:s3cret@127.0.0.1:1/shop"
UTF8_ERROR = b"item_id,title,kind\ni0,caf\xe9,a\ni1,tea,b\n"

CASES = {
    # tables, columns, files
    "missing table": Case('"items".*received interactions', spoil=lambda shop: (shop.data / "items.parquet").unlink()),
    "missing folder": Case("source nowhere.*no such folder", flags={"data": "nowhere"}),
    "missing column": Case('table items.*column "kind".*item_id, title', column("items", "kind")),
    "missing id": Case('table interactions.*column "user_id"', column("interactions", "user_id")),
    "empty table": Case("table interactions: expected rows", spoil=lambda shop: empty(shop, "interactions")),
    "no items": Case("table items.*no items", spoil=lambda shop: empty(shop, "items")),
    "a single user": Case("interactions, column user_id.*two users.*single", column("interactions", "user_id", "u1")),
    "a single item": Case("items, column item_id.*two items.*single", only("items", 1)),
    "empty file": Case("items.parquet.*whole Parquet", spoil=file("data/items.parquet", b"")),
    "truncated Parquet": Case("interactions.parquet.*whole Parquet", spoil=cut("data/interactions.parquet", 2000)),
    "damaged Parquet": Case("interactions.parquet.*whole Parquet", spoil=damage("data/interactions.parquet")),
    "no Parquet": Case("items.parquet.*whole Parquet", spoil=file("data/items.parquet", b"item_id\n1\n" * 99)),
    "ragged CSV": Case("items.csv.*CSV with a header", spoil=csv_items(b"item_id,title,kind\ni1,a\n")),
    # cells
    "text for a number": Case("row 1 .*column stars.*number.*'good'", column("interactions", "stars", "good")),
    "text for a time": Case("row 1 .*column time.*ISO-8601.*yesterday", column("interactions", "time", "yesterday")),
    "truth for an id": Case(
        "row 1.*column user_id.*integer or text id", column("interactions", "user_id", True, False)
    ),
    "null id": Case("row 3 .*column item_id.*an id in every row.*null", cell("interactions", 2, item_id=None)),
    "null where required": Case(
        "row 4.*kind.*every row",
        both(
            schema('"kind" type: BYTES', '"kind" type: BYTES presence { min_fraction: 1.0 }'),
            cell("items", 3, kind=None),
        ),
    ),
    "NaN label": Case("row 7 .*column stars.*from 1 to 5.*nan", cell("interactions", 6, stars=float("nan"))),
    "infinite label": Case("row 7 .*stars.*inf", both(NO_LIMITS, cell("interactions", 6, stars=float("inf")))),
    "negative label": Case("row 7 .*stars.*at least 0.*-1", both(NO_LIMITS, cell("interactions", 6, stars=-1.0))),
    "label out of range": Case("row 7 .*column stars.*from 1 to 5.*6", cell("interactions", 6, stars=6.0)),
    "milliseconds": Case("row 1 .*time.*milliseconds", column("interactions", "time", START * 1000)),
    "in the future": Case("row 9 .*column time.*not in the future", cell("interactions", 8, time=4_000_000_000)),
    "other split": Case(
        'row 2 .*column fold.*"train", "eval" or "test".*valid',
        both(schema('feature { name: "title"', SPLIT_COLUMN), column("interactions", "fold", "train", "valid")),
    ),
    "not UTF-8 in Parquet": Case("row 1 .*title.*UTF-8", column("items", "title", b"caf\xe9")),
    "not UTF-8 in CSV": Case(r"items.csv, row 1, column title.*UTF-8.*xe9", spoil=csv_items(UTF8_ERROR)),
    "10 MB title": Case("row 3 .*column title.*1,000,000 bytes", cell("items", 2, title="x" * 10_000_000)),
    "id with newline": Case("row 3.*item_id.*without line breaks.*i.n2", cell("items", 2, item_id="i\n2")),
    "id with comma": Case("row 3.*item_id.*commas", cell("items", 2, item_id="i,2")),
    "id with emoji": Case("row 3.*item_id.*emoji", cell("items", 2, item_id="i🙂")),
    # databases
    "no such database": Case("no such file", flags={"data": "sqlite:///nowhere.db"}),
    "unknown dialect": Case("known database", flags={"data": "oracel://ann:s3cret@host/shop"}),
    "ambiguous URL": Case("cannot be parsed", flags={"data": "postgresql://ann:s3c@ret@host/shop"}),
    "port is no number": Case("URL", flags={"data": "postgresql://ann:s3cret@host:port/shop"}),
    "server down": Case(r"ann:\*\*\*@127.0.0.1:1/shop.*readable database.*refused", flags={"data": SERVER_DOWN}),
    # the schema
    "no schema": Case("nowhere.pbtxt.*readable", flags={"schema": "nowhere.pbtxt"}),
    "schema does not parse": Case(
        "schema.pbtxt, line 6.*text format", schema('}\nfeature { name: "kind"', "}\nfeatur {")
    ),
    "schema is not text": Case("schema.pbtxt.*UTF-8", spoil=file("schema.pbtxt", b"\xff\xfe\x00")),
    "unknown tag": Case('schema.pbtxt, line 6.*tags out of.*"colour" on "kind"', schema('"categorical"', '"colour"')),
    "contradictory tags": Case("line 4.*target.*without.*item", schema('tag: "target"', 'tag: "target" tag: "item"')),
    "two user ids": Case(
        "schema.pbtxt, line 6.*one user_id column", schema('tag: "item" tag: "categorical"', 'tag: "user_id"')
    ),
    "no item id": Case('a feature tagged "item_id"', schema(' annotation { tag: "item_id" }', "")),
    # the configuration
    "no config": Case("nowhere.toml.*readable", flags={"config": "nowhere.toml"}),
    "not TOML": Case("config.toml.*TOML.*line 1", config("seed: 3")),
    "unknown key": Case('config.toml, key retrieval.*unknown key "epoch"', config("[retrieval]\nepoch = 3")),
    "unknown section": Case('unknown key "server"', config("[server]\nport = 3")),
    "wrong type": Case("key retrieval, key epochs.*type int.*'3'", config('[retrieval]\nepochs = "3"')),
    "not a whole number": Case("key epochs.*type int.*3.5", config("[retrieval]\nepochs = 3.5")),
    "truth for a number": Case("key seed.*type int.*True", config("seed = true")),
    "out of range": Case("test_fraction.*between 0 and 1.*2", config("[data]\ntest_fraction = 2")),
    "retrieve_k of 0": Case("retrieve_k.*above 0.*0", config("[serving]\nretrieve_k = 0")),
    "retrieve_k too large": Case("retrieve_k.*at most the 50 items.*51", config("[serving]\nretrieve_k = 51")),
    "k of 0": Case("ks.*at least 1", config("[evaluation]\nks = [0]")),
    "slices of no column": Case("slices.*colour", config('[evaluation]\nslices = ["colour"]')),
    # the rules
    "no rules file": Case("rules nowhere.yaml.*readable", config('[serving]\nrules = "nowhere.yaml"')),
    # flags
    "root is a file": Case("--root.*written", flags={"root": __file__}),
    "no data": Case("source.*nothing", flags={"data": ""}),
}


def empty(shop: TinyShop, table: str) -> None:
    """Leaves a table's columns and none of its rows."""
    import pyarrow.parquet as pq

    path = shop.data / f"{table}.parquet"
    pq.write_table(pq.read_table(path).slice(0, 0), path)


def complaint(captured: str) -> str:
    """The one line on stderr; it says what was expected and what was received."""
    line, end, rest = captured.partition("\n")
    assert line.startswith("error: ") and end and not rest, captured
    assert re.search(r": expected .+, received .+", line)
    assert len(line) < 1000
    return line


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_line(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    shop = TinyShop.make(tmp_path, rows=100)
    case.change(shop)
    shop.write()
    case.spoil(shop)
    earlier = shop.pretend_earlier_run()
    monkeypatch.chdir(tmp_path)

    began = time.monotonic()
    assert shop.run(**case.flags) == 2
    assert time.monotonic() - began < SECONDS

    out, err = capfd.readouterr()
    assert re.search(case.said, complaint(err)), err
    assert shop.earlier_results() == earlier
    assert "s3cret" not in out + err
    for log in shop.root.glob("logs/*"):
        assert b"s3cret" not in log.read_bytes()


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("deny: [i1", "YAML"),
        ("hide: [i1]", "key hide"),
        ("deny: i1", "key deny.*list"),
        ("cap: {title: 2}", r"cap.title.*categorical item column \(kind\)"),
        ("cap: {kind: 0}", "cap.kind.*above 0"),
    ],
)
def test_broken_rules(rules: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shop = TinyShop.make(tmp_path, rows=100)
    shop.config = f"[serving]\nrules = '{tmp_path / 'rules.yaml'}'"
    (tmp_path / "rules.yaml").write_text(rules)
    assert shop.write().run() == 2
    assert re.search(f"rules.yaml.*{said}", complaint(capfd.readouterr().err))


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--data", "x"], "--schema together with --data.*--data alone"),
        (["--schema", "x"], "--data together with --schema"),
        (["--dta", "x"], "unrecognized arguments: --dta x"),
        (["--dat", "x", "--schema", "y"], "unrecognized arguments"),
        (["data"], "unrecognized arguments: data"),
        (["--root"], "--root: expected one argument"),
    ],
)
def test_bad_flags(flags: list[str], said: str, tmp_path: Path) -> None:
    """As a person calls it: nothing else is printed, nothing is written."""
    began = time.monotonic()
    runner = [sys.executable, str(PROJECT / "local_runner.py"), *flags]
    done = subprocess.run(runner, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.search(said, complaint(done.stderr))
    assert time.monotonic() - began < SECONDS
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["missing table", "unknown tag", "unknown key", "server down", "milliseconds"])
def test_tensorflow_is_not_needed_to_say_so(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    shop = TinyShop.make(tmp_path, rows=100)
    case.change(shop)
    shop.write()
    case.spoil(shop)
    program = (
        "import sys, local_runner; status = local_runner.main(sys.argv[1:]); "
        "assert not {'tensorflow', 'apache_beam', 'tfx'} & set(sys.modules); sys.exit(status)"
    )
    began = time.monotonic()
    call = [sys.executable, "-c", program, *shop.arguments(**case.flags)]
    done = subprocess.run(call, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert re.search(case.said, complaint(done.stderr))
    assert time.monotonic() - began < SECONDS
