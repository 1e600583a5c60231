"""A published version without its models, logs of requests and feedback, to be spoiled as a test likes."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tensorflow as tf
from tensorflow_data_validation.statistics import stats_impl
from tensorflow_metadata.proto.v0 import statistics_pb2
from tensorflow_serving.apis import prediction_log_pb2
from tfx_bsl.coders.example_coder import ExamplesToRecordBatchDecoder

Row = dict[str, Any]
START, HOUR = 1_600_000_000, 3600
USERS, ITEMS, VERSION = 200, 100, 7

SCHEMA = """\
feature { name: "user_id" type: BYTES presence { min_fraction: 1.0 } annotation { tag: "user_id" } }
feature { name: "item_id" type: BYTES presence { min_fraction: 1.0 } annotation { tag: "item_id" } }
feature { name: "time" type: INT presence { min_fraction: 1.0 } annotation { tag: "time" } }
feature {
  name: "stars" type: FLOAT float_domain { min: 1 max: 5 }
  drift_comparator { jensen_shannon_divergence { threshold: 0.1 } } annotation { tag: "target" }
}
feature {
  name: "device" type: BYTES string_domain { name: "device" value: "phone" value: "desktop" value: "tablet" }
  drift_comparator { infinity_norm { threshold: 0.2 } } skew_comparator { infinity_norm { threshold: 0.2 } }
  annotation { tag: "context" tag: "categorical" }
}
feature {
  name: "age" type: INT
  drift_comparator { jensen_shannon_divergence { threshold: 0.1 } }
  skew_comparator { jensen_shannon_divergence { threshold: 0.1 } }
  annotation { tag: "user" tag: "continuous" }
}
feature { name: "title" type: BYTES annotation { tag: "item" tag: "title" } }
feature {
  name: "kind" type: BYTES drift_comparator { infinity_norm { threshold: 0.2 } }
  annotation { tag: "item" tag: "categorical" }
}
"""
DEVICES = ("phone", "desktop", "tablet")
KINDS = tuple(f"kind-{number}" for number in range(8))


@dataclasses.dataclass
class Asked:
    """A request of one row to `serve_examples`, and its answer."""

    time: int
    user: str
    columns: Row
    served: list[str]


@dataclasses.dataclass
class WatchedShop:
    """Everything that monitoring reads.

    Attributes:
        folder: where `write` puts it.
        asked: what was asked.
        interactions, users, items: rows of the tables of feedback.
    """

    folder: Path
    asked: list[Asked]
    interactions: list[Row]
    users: list[Row]
    items: list[Row]

    @classmethod
    def make(cls, folder: Path, seed: int = 1, rows: int = 2000) -> WatchedShop:
        """Users who ask at random, and then take an item at random: as in training."""
        rng = np.random.default_rng(seed)
        shop = cls(folder, [], [], _people(), _catalogue())
        who = rng.integers(USERS, size=rows)
        for row in range(rows):
            user, time = f"u{who[row]}", START + row * HOUR // 20
            columns = {"device": _device(rng), "age": shop.users[who[row]]["age"]}
            served = [f"i{item}" for item in rng.permutation(ITEMS)[:10]]
            shop.asked.append(Asked(time, user, columns, served))
            shop.interactions.append(_interaction(rng, user, time + 60))
        return shop

    @property
    def root(self) -> Path:
        return self.folder / "root"

    def write(self) -> WatchedShop:
        """Writes the published version, the logs and the tables."""
        publish(self.root)
        write_log(self.folder / "log", self.asked)
        (self.folder / "feedback").mkdir(parents=True, exist_ok=True)
        for name in ("interactions", "users", "items"):
            pq.write_table(pa.Table.from_pylist(getattr(self, name)), self.folder / "feedback" / f"{name}.parquet")
        return self

    def arguments(self, *more: str) -> list[str]:
        """What the command is called with."""
        flags = {"log": self.folder / "log", "root": self.root, "feedback": self.folder / "feedback"}
        return [word for name, value in flags.items() for word in (f"--{name}", str(value))] + list(more)


def publish(root: Path) -> None:
    """The parts of a published version that monitoring reads; training is as `WatchedShop.make` asks."""
    digest = hashlib.sha256(SCHEMA.encode()).hexdigest()[:16]
    schema = root / "artifacts" / "AnnotatedSchema" / "schema" / "1" / "schema.pbtxt"
    schema.parent.mkdir(parents=True, exist_ok=True)
    schema.write_text(SCHEMA)
    servable = root / "serving" / "recommender" / str(VERSION)
    (servable / "assets").mkdir(parents=True, exist_ok=True)
    (servable / "saved_model.pb").write_bytes(b"")
    (servable / "assets" / "users.txt").write_text("".join(f"u{number}\n" for number in range(USERS)))
    (servable / "assets" / "items.txt").write_text("".join(f"i{number}\n" for number in range(ITEMS)))
    baseline = root / "serving" / "baseline" / str(VERSION)
    (baseline / "interactions_statistics" / "Split-train").mkdir(parents=True, exist_ok=True)
    (baseline / "manifest.json").write_text(json.dumps({"version": VERSION, "schema_digest": digest}))
    statistics = baseline / "interactions_statistics" / "Split-train" / "FeatureStats.pb"
    statistics.write_bytes(training_statistics().SerializeToString())


@functools.cache
def training_statistics() -> statistics_pb2.DatasetFeatureStatisticsList:
    """TFDV's, of what the published version was trained on."""
    return stats_impl.generate_statistics_in_memory(ExamplesToRecordBatchDecoder().DecodeBatch(_training_examples()))


def _training_examples(rows: int = 10_000) -> list[bytes]:
    rng = np.random.default_rng(0)
    people, catalogue = _people(), _catalogue()
    found = []
    for row in range(rows):
        user = int(rng.integers(USERS))
        taken = _interaction(rng, f"u{user}", START - row)
        item = catalogue[int(str(taken["item_id"])[1:])]
        found.append(example(taken | {"age": people[user]["age"], "kind": item["kind"], "title": item["title"]}))
    return found


def example(columns: Row) -> bytes:
    """A serialised tf.Example."""
    made = tf.train.Example()
    for name, value in columns.items():
        values = value if isinstance(value, list) else [value]
        feature = made.features.feature[name]
        if isinstance(values[0], str):
            feature.bytes_list.value.extend(one.encode() for one in values)
        elif isinstance(values[0], int):
            feature.int64_list.value.extend(values)
        else:
            feature.float_list.value.extend(values)
    serialised: bytes = made.SerializeToString()
    return serialised


def write_log(folder: Path, asked: Sequence[Asked]) -> None:
    """A request each, with `serve_examples`, as TensorFlow Serving logs it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(folder / "recommender-1.tfrecord")) as writer:
        for one in asked:
            columns = ({"user_id": one.user} if one.user else {}) | one.columns
            log = prediction_log(
                "serve_examples", one.time, {"examples": [example(columns)]}, {"item_id": [one.served or [""]]}
            )
            writer.write(log.SerializeToString())


def prediction_log(signature: str, time: int, inputs: Row, outputs: Row) -> Any:
    """A PredictionLog; texts become bytes."""
    log = prediction_log_pb2.PredictionLog()
    log.log_metadata.timestamp_secs = time
    log.log_metadata.model_spec.version.value = VERSION
    log.predict_log.request.model_spec.signature_name = signature
    for tensors, values in ((log.predict_log.request.inputs, inputs), (log.predict_log.response.outputs, outputs)):
        for name, value in values.items():
            tensors[name].CopyFrom(tf.make_tensor_proto(value))
    return log


def _people() -> list[Row]:
    ages = np.random.default_rng(5).integers(18, 80, USERS)
    return [{"user_id": f"u{number}", "age": int(ages[number])} for number in range(USERS)]


def _catalogue() -> list[Row]:
    return [
        {"item_id": f"i{number}", "title": f"Item {number}", "kind": KINDS[number % len(KINDS)]}
        for number in range(ITEMS)
    ]


def _interaction(rng: np.random.Generator, user: str, time: int) -> Row:
    item, stars = int(rng.integers(ITEMS)), float(rng.integers(1, 6))
    return {"user_id": user, "item_id": f"i{item}", "time": time, "stars": stars, "device": _device(rng)}


def _device(rng: np.random.Generator) -> str:
    return str(rng.choice(DEVICES, p=(0.6, 0.3, 0.1)))
