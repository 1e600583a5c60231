"""PublishedRecommender: what a published recommender is made of, to be put together again over another catalogue."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

from pathlib import Path

from tfx.dsl.component.experimental.annotations import OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts
from tfx.utils import path_utils

from components.artifacts import CandidateIndex
from components.publishing.opened import open_store
from components.publishing.parts import (
    DIGESTS,
    LOOK_UP,
    RANKING,
    SERVABLE,
    SERVED_INDEX,
    SERVED_RANKING,
    SERVED_RETRIEVAL,
    TRANSFORM_GRAPH,
    VERSION,
)
from components.publishing.verified import fetch_verified
from modules.errors import InputError
from modules.index.plan import IndexPlan


@component
def PublishedRecommender(
    servable: OutputArtifact[standard_artifacts.Model],
    retrieval: OutputArtifact[standard_artifacts.Model],
    ranking: OutputArtifact[standard_artifacts.Model],
    transform_graph: OutputArtifact[standard_artifacts.TransformGraph],
    index: OutputArtifact[CandidateIndex],
    serving_root: Parameter[str],
    version: Parameter[int],
    schema_digest: Parameter[str],
) -> None:
    """Hands out the parts of a published version.

    Args:
        servable: output; what is served, with the custom property `version`.
        retrieval, ranking: outputs; the models in it, with the SavedModel in `Format-Serving`.
        transform_graph: output; the graph that they were trained with.
        index: output; the catalogue in it.
        serving_root: folder or URL of the published store.
        version: a published version; 0: the newest when this runs.
        schema_digest: of the run's schema.

    Raises:
        InputError: there is no such version, its schema was another one, or its files are not those that were
            published.
    """
    store = open_store(serving_root)
    chosen = store.latest() if version in (0, LOOK_UP) else version
    if chosen is None:
        raise InputError(serving_root, "a published version whose catalogue to refresh", "none")
    manifest = store.manifest(chosen)
    if manifest.get("schema_digest") != schema_digest:
        expected = f"the schema of version {chosen}, whose models are taken"
        raise InputError("--schema", expected, "another one: train anew")
    digests = manifest.get(DIGESTS, {})
    ranker = SERVED_RANKING if SERVED_RANKING in digests else RANKING
    for model, name in ((servable, SERVABLE), (retrieval, SERVED_RETRIEVAL), (ranking, ranker)):
        fetch_verified(store, chosen, digests, name, Path(path_utils.serving_model_dir(model.uri)))
    for artifact, name in ((transform_graph, TRANSFORM_GRAPH), (index, SERVED_INDEX)):
        fetch_verified(store, chosen, digests, name, Path(artifact.uri))
    index.kind = IndexPlan.read(index.uri).kind
    servable.set_int_custom_property(VERSION, chosen)
