"""AnnotatedSchema: the schema that people annotate, as an artifact."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

import os

from tfx.dsl.component.experimental.annotations import OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts
from tfx.utils import io_utils


@component
def AnnotatedSchema(schema: OutputArtifact[standard_artifacts.Schema], text: Parameter[str]) -> None:
    """Writes the text.

    TFX's ImportSchemaGen takes a path instead: a changed file of the same name would be served from the cache, and a
    container in a cluster has no such file.

    Args:
        schema: output.
        text: the annotated schema, as a text proto.
    """
    io_utils.write_string_file(os.path.join(schema.uri, "schema.pbtxt"), text)
