"""BaselineModels: the published models that a run is compared with, as artifacts."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

from pathlib import Path
from typing import Any

from tfx.dsl.component.experimental.annotations import OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact
from tfx.utils import path_utils

from components.absence import FOUND, leave_out
from components.artifacts import PublishedStatistics, TrainingState
from components.publishing.opened import open_store
from components.publishing.parts import (
    DIGESTS,
    EVALUATED,
    LOOK_UP,
    RANKING,
    RANKING_STATE,
    RETRIEVAL_STATE,
    RETRIEVER,
    SERVABLE,
    STATISTICS,
    VERSION,
)
from components.publishing.verified import fetch_verified
from components.publishing.versions import PublishedVersions
from modules.errors import InputError

SCHEMA = "same_schema"  # custom property of the servable


@component
def BaselineModels(
    servable: OutputArtifact[standard_artifacts.Model],
    retriever: OutputArtifact[standard_artifacts.Model],
    ranking: OutputArtifact[standard_artifacts.Model],
    retrieval_state: OutputArtifact[TrainingState],
    ranking_state: OutputArtifact[TrainingState],
    statistics: OutputArtifact[PublishedStatistics],
    serving_root: Parameter[str],
    version: Parameter[int],
    schema_digest: Parameter[str],
) -> None:
    """Hands out the models published with `version`; with version 0, artifacts whose custom property `found` is 0.

    TFX's own way, a Resolver for the latest blessed model, is no node that Kubeflow Pipelines can run, and it
    would find models whose recommender was never published. What is missing, or not what was published, is left out
    with the custom property `broken`: the gate refuses then.

    Args:
        servable: output: what was evaluated before it was published (of a refit, the servable that it is a refit of),
            with the custom properties `version` and `same_schema`.
        retriever, ranking: outputs, with the SavedModel in `Format-Serving`; left out where the schema was another
            one, because these could not read the examples.
        retrieval_state, ranking_state: outputs; what the Trainers of these models left. `found` is 0 also where a
            version was published without them.
        statistics: output; of the data that these models were made from.
        serving_root: folder or URL of the published store.
        version: a published version, 0 for none, or `LOOK_UP` for the newest. A number is part of the cache key; what
            is looked up must not be cached.
        schema_digest: of the run's schema.
    """
    store = open_store(serving_root)
    if version == LOOK_UP:
        version = store.latest() or 0
    manifest, problem = _manifest(store, version)
    same_schema = manifest.get("schema_digest") == schema_digest
    servable.set_int_custom_property(VERSION, version)
    servable.set_int_custom_property(SCHEMA, int(same_schema))
    offered = Baseline(store, version, manifest.get(DIGESTS, {}), problem)
    offered.offer(servable, SERVABLE, Path(path_utils.serving_model_dir(servable.uri)))
    for model, name in ((retriever, RETRIEVER), (ranking, RANKING)):
        if same_schema or problem:
            offered.offer(model, name, Path(path_utils.serving_model_dir(model.uri)))
        else:
            leave_out(model)
    for state, name in ((retrieval_state, RETRIEVAL_STATE), (ranking_state, RANKING_STATE)):
        if same_schema and (store.has_part(version, name) or name in offered.digests):
            offered.offer(state, name, Path(state.uri))
        else:
            leave_out(state)
    for name in STATISTICS:
        if version and not problem and not store.has_part(version, name) and name not in offered.digests:
            leave_out(statistics)
        else:
            offered.offer(statistics, name, Path(statistics.uri) / name)


class Baseline:
    """A published version as a source of artifacts; of version 0, all of them are left out."""

    def __init__(self, store: PublishedVersions, version: int, digests: dict[str, str], problem: str) -> None:
        """Takes what is known of the version: the digests of its parts, or the problem with all of them."""
        self._store, self._version, self.digests, self._problem = store, version, digests, problem

    def offer(self, artifact: Artifact, name: str, target: Path) -> None:
        """Copies the part `name` to `target` in an artifact, or leaves it out with what is wrong with it."""
        if self._version == 0:
            leave_out(artifact)
            return
        problem = self._problem or self._copy(name, target)
        if problem:
            leave_out(artifact, problem)
        else:
            artifact.set_int_custom_property(FOUND, 1)

    def _copy(self, name: str, target: Path) -> str:
        """Copies a part; returns what is wrong with it."""
        if name == SERVABLE and EVALUATED in self.digests:
            name = EVALUATED
        try:
            fetch_verified(self._store, self._version, self.digests, name, target)
        except InputError as error:
            return str(error)
        return ""


def _manifest(store: PublishedVersions, version: int) -> tuple[dict[str, Any], str]:
    """The manifest of a version, or what is wrong with it."""
    if version == 0:
        return {}, ""
    try:
        return store.manifest(version), ""
    except InputError as error:
        return {}, str(error)
