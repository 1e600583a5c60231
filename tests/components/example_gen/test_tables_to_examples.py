"""The whole ExampleGen on real sources: equal tables give equal files."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf
from PIL import Image
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils, standard_artifacts

from components.artifacts import DataFacts
from components.example_gen.executor import Executor, read_facts, refuse_unusable
from components.example_gen.settings import ExampleSettings
from components.source import DataConfig
from modules.errors import InputError
from modules.typed_config import as_mapping

Tables = dict[str, list[dict[str, Any]]]
_SCHEMA = """
feature { name: "user_id" type: INT annotation { tag: "user_id" } }
feature { name: "item_id" type: INT annotation { tag: "item_id" } }
feature { name: "time" type: INT annotation { tag: "time" } }
feature { name: "rating" type: FLOAT annotation { tag: "target" } float_domain { min: 1 max: 5 } }
feature { name: "device" type: BYTES annotation { tag: "context" tag: "categorical" } }
feature { name: "price" type: FLOAT annotation { tag: "item" tag: "continuous" } }
feature { name: "genres" type: BYTES annotation { tag: "item" tag: "categorical" tag: "list" } }
feature { name: "cover" type: BYTES annotation { tag: "item" tag: "image" } }
feature { name: "age" type: INT annotation { tag: "user" tag: "continuous" } }
feature { name: "note" type: BYTES }
"""
_ITEMS, _USERS, _ROWS = 31, 12, 130


def _png(number: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (2, 2), (number, 0, 0)).save(stream, "PNG")
    return stream.getvalue()


def _tables() -> Tables:
    """Interactions of 9 of 12 users with 31 items and an unknown one; rows of the same second, and rows twice."""
    interactions = [
        {
            "user_id": n * n % 9,
            "item_id": n * 5 % _ITEMS,
            "time": 1_000 + n // 3 * 10,
            "rating": float(n % 5 + 1),
            "device": [None, "phone", "desk"][n % 3],
            "price": -1.0,  # the schema's price is that of the items
        }
        for n in range(_ROWS - 1)
    ]
    interactions[60:63] = [interactions[60]] * 2 + [{**interactions[60], "rating": 5.0}]
    items = [
        {
            "item_id": n,
            "price": n + 0.5 if n else None,
            "genres": "|".join("abc"[: n % 4]),
            "cover": _png(n) if n % 2 else None,
            "note": f"n{n}",
            "device": "no",
        }
        for n in range(_ITEMS)
    ]
    users = [{"user_id": n, "age": 20 + n if n % 4 else None, "price": 5.0} for n in range(_USERS)]
    return {"interactions": [*interactions, {**interactions[0], "item_id": 99}], "items": items, "users": users}


def _folder(tables: Tables, folder: Path) -> str:
    """The tables as Parquet: the rows in another order, genres as lists."""
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        table = pa.Table.from_pylist(rows[::-1])
        if "genres" in table.column_names:
            place = table.column_names.index("genres")
            lists = [text.split("|") if text else [] for text in table["genres"].to_pylist()]
            table = table.set_column(place, "genres", pa.array(lists, pa.list_(pa.string())))
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=50)
    return str(folder)


def _run(location: str, root: Path, schema: str = _SCHEMA, **data: Any) -> Path:
    """Runs the executor; returns the folder of its outputs."""
    schema_artifact = standard_artifacts.Schema()
    schema_artifact.uri = str(root / "schema")
    Path(schema_artifact.uri).mkdir(parents=True)
    (root / "schema" / "schema.pbtxt").write_text(schema)
    outputs = {name: standard_artifacts.Examples() for name in ("interactions", "candidates", "queries")}
    outputs["facts"] = DataFacts()
    for name, artifact in outputs.items():
        artifact.uri = str(root / name)
    settings = ExampleSettings(data=DataConfig(**data))
    context = base_beam_executor.BaseBeamExecutor.Context(
        beam_pipeline_args=["--direct_running_mode=in_memory"], tmp_dir=str(root / "tmp"), unique_id="1"
    )
    Executor(context).Do(
        {"schema": [schema_artifact]},
        {name: [artifact] for name, artifact in outputs.items()},
        {
            "source": location,
            "span": "",
            "fingerprint": "known",
            "seed": 0,
            "settings": json.dumps(as_mapping(settings)),
        },
    )
    splits = {name: artifact_utils.decode_split_names(outputs[name].split_names) for name in outputs if name != "facts"}
    assert splits == {
        "interactions": ["train", "eval", "test"],
        "candidates": ["catalogue"],
        "queries": ["eval", "test", "serving"],
    }
    return root


def _files(root: Path) -> dict[str, list[bytes]]:
    """The records of each file, by its path."""
    return {
        str(path.relative_to(root)): [*tf.data.TFRecordDataset(str(path), "GZIP").as_numpy_iterator()]
        for path in sorted(root.glob("*/Split-*/*"))
    }


def _records(root: Path) -> dict[str, list[bytes]]:
    """The records of each split, in an order of their own."""
    splits: dict[str, list[bytes]] = {}
    for path, records in _files(root).items():
        splits.setdefault(path.rsplit("/", 1)[0], []).extend(records)
    return {split: sorted(records) for split, records in splits.items()}


def _feature(record: bytes, name: str) -> list[Any]:
    feature = tf.train.Example.FromString(record).features.feature[name]
    kind = feature.WhichOneof("kind")
    return [*getattr(feature, kind).value] if kind else []


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes out of the Parquet files, in one piece."""
    root = tmp_path_factory.mktemp("parquet")
    return _run(_folder(_tables(), root / "data"), root / "out")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder for a run."""
    return tmp_path / "out"


def test_facts(expected: Path) -> None:
    facts = read_facts(str(expected / "facts"))
    assert facts["rows"] == {"interactions": _ROWS, "items": _ITEMS, "users": _USERS}
    assert facts["unknown_item_interactions"] == 1 and facts["unknown_item_examples"] == ["99"]
    assert (facts["users"], facts["positives"], facts["split_kind"]) == (_USERS, _ROWS - 1, ["time"])
    assert (facts["time_from"], facts["time_to"]) == (1_000, 1_420)
    assert sum(facts["interactions_rows"].values()) == _ROWS - 1
    assert facts["candidates_rows"] == {"catalogue": _ITEMS} and facts["queries_rows"]["serving"] == _USERS
    assert "problems" not in facts


def test_examples(expected: Path) -> None:
    found = _files(expected)
    assert len(found) == 7
    catalogue = found["candidates/Split-catalogue/data_tfrecord-00000-of-00001.gz"]
    by_id = {_feature(record, "item_id")[0].decode(): record for record in catalogue}
    assert [*by_id] == sorted(str(n) for n in range(_ITEMS))
    third = by_id["3"]
    assert _feature(third, "price") == [3.5] and _feature(third, "genres") == [b"a", b"b", b"c"]
    assert _feature(third, "cover") == [_png(3)] and _feature(third, "note") == [b"n3"]
    assert _feature(by_id["0"], "price") == [] and _feature(by_id["0"], "cover") == []
    train = found["interactions/Split-train/data_tfrecord-00000-of-00001.gz"]
    prices = {(int(_feature(record, "item_id")[0]), *_feature(record, "price")) for record in train}
    assert prices == {(0,), *((n, n + 0.5) for n in range(1, _ITEMS))}
    names = {*tf.train.Example.FromString(train[0]).features.feature}
    assert names == {
        "user_id", "item_id", "time", "rating", "device", "price", "genres", "age", "note", "history", "history_target",
        "interaction_weight",
    }  # fmt: skip
    serving = found["queries/Split-serving/data_tfrecord-00000-of-00001.gz"]
    assert [_feature(record, "user_id")[0] for record in serving] == sorted(str(n).encode() for n in range(_USERS))
    idle = next(record for record in serving if _feature(record, "user_id") == [b"11"])
    assert _feature(idle, "age") == [31] and _feature(idle, "seen_items") == []


def test_splits_are_those_of_the_clock(expected: Path) -> None:
    facts = read_facts(str(expected / "facts"))
    for split, first, last in (
        ("train", 0, facts["eval_from"] - 1),
        ("eval", facts["eval_from"], facts["test_from"] - 1),
        ("test", facts["test_from"], 10_000),
    ):
        times = [_feature(record, "time")[0] for record in _records(expected)[f"interactions/Split-{split}"]]
        assert times and first <= min(times) and max(times) <= last


def test_a_database_gives_the_same_files(expected: Path, database: str, fill: Callable[..., str], root: Path) -> None:
    assert _files(_run(fill(database, **_tables()), root)) == _files(expected)


def test_partitions_change_where_records_are_but_not_what_they_are(
    expected: Path, fill: Callable[..., str], tmp_path: Path, root: Path
) -> None:
    pieces = _run(fill(f"sqlite:///{tmp_path / 'shop.db'}", **_tables()), root, partition_rows=30)
    assert len(_files(pieces)) > 20
    assert _records(pieces) == _records(expected)
    assert read_facts(str(pieces / "facts")) == read_facts(str(expected / "facts"))
    others = _run(_folder(_tables(), tmp_path / "again"), tmp_path / "other", partition_rows=30)
    assert _files(others) == _files(pieces)


def test_problems_are_found_wherever_they_are(tmp_path: Path, root: Path) -> None:
    tables = _tables()
    tables["items"].append(tables["items"][2])
    tables["users"] += [tables["users"][4]] * 2
    tables["interactions"][0] = {**tables["interactions"][0], "rating": 9.0}
    with pytest.raises(InputError, match=r"table interactions, row 130 .*column rating: .*number from 1 to 5.* 9.0"):
        _run(_folder(tables, tmp_path / "data"), root)
    # Every partition but the one with the bad row was read, and all repeated ids were seen.
    assert [found[::2] for found in read_facts(str(root / "facts"))["problems"]] == [
        ["table interactions, row 130 (user_id 0, item_id 0), column rating", "9.0"],
        ["table items, column item_id", '"2" in 2 rows'],
        ["table users, column user_id", '"4" in 3 rows'],
    ]


def test_a_table_with_a_bad_cell_in_its_only_piece(tmp_path: Path, root: Path) -> None:
    tables = _tables()
    tables["interactions"] = [{**row, "rating": 0.0} for row in tables["interactions"]]
    with pytest.raises(InputError, match="table interactions, row 1 .*column rating: .*received 0.0"):
        _run(_folder(tables, tmp_path / "data"), root)


_SOUND = {
    "rows": {"interactions": 200},
    "positives": 5,
    "train_positives": 4,
    "interactions_rows": {"train": 9, "eval": 1},
    "queries_rows": {"eval": 1},
}


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"problems": [["row 1", "right", "wrong"], ["row 2", "", ""]]}, "^row 1: expected right, received wrong$"),
        (
            {"unknown_item_interactions": 3, "unknown_item_examples": ["x", "y"]},
            r"at most 1.0% of rows .* not in table items .*received 3 of 200 \(1.5%\), such as 'x', 'y'",
        ),
        ({"positives": 0}, r"positive interactions \(\[data\] positive_min, event_weights\), received none"),
        ({"interactions_rows": {"eval": 1}}, "rows in the train split, received none among 200 rows"),
        ({"interactions_rows": {"train": 1, "eval": 0}}, "rows in the eval split, received none among 200 rows"),
        ({"train_positives": 0}, "positive interactions in the train split, received none among 200 rows"),
        ({"queries_rows": {"test": 1}}, "in the eval split with items that are new to their users, received none"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(facts: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        refuse_unusable({**_SOUND, **facts}, ExampleSettings())


def test_one_percent_of_unknown_items_is_allowed() -> None:
    refuse_unusable({**_SOUND, "unknown_item_interactions": 2}, ExampleSettings())
    refuse_unusable(
        {**_SOUND, "unknown_item_interactions": 100}, ExampleSettings(data=DataConfig(max_unknown_items=0.5))
    )
