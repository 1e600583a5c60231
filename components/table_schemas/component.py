"""TableSchemas: from the schema that people annotate to those that TFDV and Transform check examples against."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

import os

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts
from tfx.utils import io_utils

from modules import table_schemas
from modules.roles import parse_roles, parse_schema, read_schema_text


@component
def TableSchemas(
    schema: InputArtifact[standard_artifacts.Schema],
    interactions: OutputArtifact[standard_artifacts.Schema],
    candidates: OutputArtifact[standard_artifacts.Schema],
    queries: OutputArtifact[standard_artifacts.Schema],
    transform: OutputArtifact[standard_artifacts.Schema],
    code_version: Parameter[str],
) -> None:
    """Derives the schemas of the three kinds of examples, and of what the Transform graph is fed.

    Args:
        schema: the annotated schema of the tables.
        interactions, candidates, queries, transform: outputs, see `modules.table_schemas`.
        code_version: digest of the code, so that changed code is never served from the cache.
    """
    text = read_schema_text(io_utils.get_only_uri_in_dir(schema.uri))
    tables, roles = parse_schema(text), parse_roles(text)
    for artifact, derive in (
        (interactions, table_schemas.interactions_schema),
        (candidates, table_schemas.candidates_schema),
        (queries, table_schemas.queries_schema),
        (transform, table_schemas.transform_schema),
    ):
        _write(artifact.uri, derive(tables, roles))


def _write(folder: str, schema: schema_pb2.Schema) -> None:
    io_utils.write_string_file(os.path.join(folder, "schema.pbtxt"), text_format.MessageToString(schema))
