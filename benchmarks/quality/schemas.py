"""Annotated schemas of the protocols, made from those in `schema/`."""

from __future__ import annotations

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from benchmarks.project import PROJECT

_SPLIT = """
# Where each interaction stands in the protocol.
feature {
  name: "split"
  type: BYTES
  presence { min_fraction: 1.0 }
  annotation { tag: "split" }
}
"""

SEQUENCES = f"""# Ids and the place in the user's sequence, nothing else.
feature {{
  name: "user_id"
  type: BYTES
  presence {{ min_fraction: 1.0 }}
  annotation {{ tag: "user_id" }}
}}
feature {{
  name: "item_id"
  type: BYTES
  presence {{ min_fraction: 1.0 }}
  annotation {{ tag: "item_id" }}
}}
feature {{
  name: "place"
  type: INT
  presence {{ min_fraction: 1.0 }}
  annotation {{ tag: "time" }}
}}
{_SPLIT}"""


def published(name: str) -> str:
    """The text of `schema/<name>.pbtxt`."""
    return (PROJECT / "schema" / f"{name}.pbtxt").read_text(encoding="utf-8")


def with_split(text: str) -> str:
    """The schema with a column `split`."""
    return text + _SPLIT


def without_text(text: str) -> str:
    """The schema whose text columns are carried, but not modelled; a title is still shown."""
    schema = text_format.Parse(text, schema_pb2.Schema())
    for feature in schema.feature:
        if "text" in feature.annotation.tag:
            kept = [tag for tag in feature.annotation.tag if tag == "title"]
            feature.annotation.ClearField("tag")
            feature.annotation.tag.extend(kept)
    return str(text_format.MessageToString(schema))
