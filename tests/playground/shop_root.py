"""A root of runs with versions of a tiny shop, its examples and its reports, as a run leaves them."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import tensorflow as tf
from PIL import Image

from components.report.evidence import Output
from components.report.run import Run
from components.report.scorecard import Scorecard
from modules.serving.rules import Rules
from modules.serving.servable import Blend
from tests.modules.serving.shop import Shop, example

SCHEMA = """\
feature { name: "user" type: BYTES annotation { tag: "user_id" } }
feature { name: "item" type: BYTES annotation { tag: "item_id" } }
feature { name: "time" type: INT annotation { tag: "time" } }
feature { name: "title" type: BYTES annotation { tag: "item" tag: "title" } }
feature { name: "genre" type: BYTES annotation { tag: "item" tag: "categorical" tag: "list" } }
feature { name: "picture" type: BYTES annotation { tag: "item" tag: "image" } }
"""
SIZE, HISTORIES = 30, [[], [4, 5], [7]]
OLDER, NEWER = 100, 200
SHOP = Shop(SIZE, HISTORIES)


def make_root(root: Path) -> Path:
    """Versions 100, and 200, which denies item i0 and pins i1."""
    for version, rules in ((OLDER, Rules()), (NEWER, Rules(("i0",), ("i1",)))):
        assets = root / "draft" / str(version)
        assets.mkdir(parents=True)
        SHOP.servable(assets, Blend(1, 1, 1), rules).save(root / "drafts" / str(version))
        publish(root, root / "drafts" / str(version), version)
    items = [
        example(item=[f"i{n}"], title=[f"Title i{n}"], genre=[one.decode() for one in SHOP.genres[n]])
        for n in range(SIZE)
    ]
    users = [example(user=[f"u{n}"], history=[f"i{item}" for item in history]) for n, history in enumerate(HISTORIES)]
    made = root / "artifacts" / "TableExampleGen"
    write_examples(made / "candidates" / "3" / "Split-catalogue", [_with_picture(one) for one in items])
    write_examples(made / "queries" / "3" / "Split-serving", users)
    outputs = [Output("TableExampleGen", name, 1, f"/elsewhere/{name}/3") for name in ("candidates", "queries")]
    run = Run("1", "2024-01-01T00:00:00+00:00", "pushed", pushed_version=str(NEWER))
    (root / "reports" / "1").mkdir(parents=True)
    (root / "reports" / "1" / "scorecard.json").write_text(json.dumps(Scorecard(run=run, outputs=outputs).to_dict()))
    return root


def publish(root: Path, servable: Path, version: int) -> None:
    """Puts a servable into the store in one step."""
    digest = hashlib.sha256(SCHEMA.encode()).hexdigest()[:16]
    schema = root / "artifacts" / "AnnotatedSchema" / "schema" / "1" / "schema.pbtxt"
    schema.parent.mkdir(parents=True, exist_ok=True)
    schema.write_text(SCHEMA)
    baseline = root / "serving" / "baseline" / str(version)
    baseline.mkdir(parents=True)
    (baseline / "manifest.json").write_text(json.dumps({"version": version, "schema_digest": digest}))
    copy = root / f"copy-{version}"
    shutil.copytree(servable, copy)
    (root / "serving" / "recommender").mkdir(exist_ok=True)
    copy.rename(root / "serving" / "recommender" / str(version))


class _Empty(tf.Module):
    """Has nothing to recommend."""

    def __init__(self, ids: Path) -> None:
        super().__init__()
        self.users, self.items = (
            tf.saved_model.Asset(str(ids / "users.txt")),
            tf.saved_model.Asset(str(ids / "items.txt")),
        )

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, "user_id"),
            tf.TensorSpec([None, None], tf.string, "history"),
            tf.TensorSpec([None, None], tf.string, "exclude"),
            tf.TensorSpec([], tf.int32, "k"),
        ]
    )
    def recommend(self, user_id: Any, history: Any, exclude: Any, k: Any) -> dict[str, Any]:
        texts = tf.fill([tf.shape(user_id)[0], k], "")
        return {"item_id": texts, "title": texts, "score": tf.zeros(tf.shape(texts))}


def save_empty(folder: Path) -> Path:
    """A servable whose catalogue is empty."""
    ids = folder.with_name("ids")
    ids.mkdir()
    for name in ("users.txt", "items.txt"):
        (ids / name).write_text("-\n")
    model = _Empty(ids)
    tf.saved_model.save(model, str(folder), {"recommend": model.recommend})
    return folder


def withdraw(root: Path, version: int) -> None:
    """Deletes a version."""
    shutil.rmtree(root / "serving" / "recommender" / str(version))
    shutil.rmtree(root / "serving" / "baseline" / str(version))


def write_examples(folder: Path, records: list[bytes]) -> None:
    folder.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(folder / "data_tfrecord-00000-of-00001.gz"), options="GZIP") as writer:
        for record in records:
            writer.write(record)


def _with_picture(record: bytes) -> bytes:
    made: Any = tf.train.Example.FromString(record)
    number = int(made.features.feature["item"].bytes_list.value[0][1:])
    picture = io.BytesIO()
    Image.new("RGB", (32, 32), (8 * number, 90, 200)).save(picture, "PNG")
    made.features.feature["picture"].bytes_list.value.append(picture.getvalue())
    serialised: bytes = made.SerializeToString()
    return serialised
