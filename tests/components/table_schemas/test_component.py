"""The component, run by TFX on a real store."""

from __future__ import annotations

from pathlib import Path

import tensorflow_data_validation as tfdv
from tfx.orchestration import metadata
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.pipeline import Pipeline

from components.table_schemas.annotated_schema import AnnotatedSchema
from components.table_schemas.component import TableSchemas

_SCHEMA = """
feature { name: "user" type: INT annotation { tag: "user_id" } }
feature { name: "item" type: INT annotation { tag: "item_id" } }
feature { name: "cover" type: BYTES annotation { tag: "item" tag: "image" } }
feature { name: "age" type: INT annotation { tag: "user" tag: "continuous" } }
"""


def test_four_schemas_in_tfx_own_layout(tmp_path: Path) -> None:
    schema = AnnotatedSchema(text=_SCHEMA)
    schemas = TableSchemas(schema=schema.outputs["schema"], code_version="1")
    LocalDagRunner().run(
        Pipeline(
            pipeline_name="schemas",
            pipeline_root=str(tmp_path / "root"),
            components=[schema, schemas],
            metadata_connection_config=metadata.sqlite_metadata_connection_config(str(tmp_path / "metadata.db")),
        )
    )
    (given,) = (tmp_path / "root" / "AnnotatedSchema" / "schema").glob("*/schema.pbtxt")
    assert given.read_text() == _SCHEMA
    found = {}
    for name in ("interactions", "candidates", "queries", "transform"):
        (path,) = (tmp_path / "root" / "TableSchemas" / name).glob("*/schema.pbtxt")
        found[name] = [feature.name for feature in tfdv.load_schema_text(str(path)).feature]
    assert found == {
        "interactions": ["user", "item", "age", "history", "interaction_weight"],
        "candidates": ["item", "cover"],
        "queries": ["user", "age", "history", "relevant_items", "seen_items"],
        "transform": ["user", "item", "age", "history", "interaction_weight", "cover"],
    }
