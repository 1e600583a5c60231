"""BaselineModels: the published models that a run is compared with, as artifacts."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

from pathlib import Path

from tfx.dsl.component.experimental.annotations import OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact
from tfx.utils import path_utils

from components.absence import FOUND, leave_out
from components.artifacts import TrainingState
from components.publishing.opened import open_store
from components.publishing.pusher import RANKING, RANKING_STATE, RETRIEVAL_STATE, RETRIEVER
from components.publishing.versions import PublishedVersions


@component
def BaselineModels(
    retriever: OutputArtifact[standard_artifacts.Model],
    ranking: OutputArtifact[standard_artifacts.Model],
    retrieval_state: OutputArtifact[TrainingState],
    ranking_state: OutputArtifact[TrainingState],
    serving_root: Parameter[str],
    version: Parameter[int],
) -> None:
    """Hands out the models published with `version`; with version 0, artifacts whose custom property `found` is 0.

    TFX's own way, a Resolver for the latest blessed model, is no node that Kubeflow Pipelines can run, and it
    would find models whose recommender was never published.

    Args:
        retriever, ranking: outputs, with the SavedModel in `Format-Serving`.
        retrieval_state, ranking_state: outputs; what the Trainers of these models left. `found` is 0 also where a
            version was published without them.
        serving_root: folder or URL of the published store.
        version: a published version, or 0 for none. A parameter, not looked up here: it is part of the cache key.
    """
    store = open_store(serving_root)
    for artifact, name in ((retriever, RETRIEVER), (ranking, RANKING)):
        offer_baseline(store, version, name, artifact)
    for state, name in ((retrieval_state, RETRIEVAL_STATE), (ranking_state, RANKING_STATE)):
        offer_state(store, version, name, state)


def offer_baseline(store: PublishedVersions, version: int, name: str, artifact: Artifact) -> None:
    """Puts the published model `name` of `version` (0: nothing) into a Model artifact.

    Raises:
        modules.errors.InputError: the store has no such version or model.
    """
    if version == 0:
        leave_out(artifact)
        return
    artifact.set_int_custom_property(FOUND, 1)
    target = Path(path_utils.serving_model_dir(artifact.uri))
    store.fetch(version, name, target)


def offer_state(store: PublishedVersions, version: int, name: str, artifact: Artifact) -> None:
    """Puts the published state `name` of `version` (0: nothing) into a TrainingState artifact."""
    if version == 0 or not store.has_part(version, name):
        leave_out(artifact)
        return
    artifact.set_int_custom_property(FOUND, 1)
    store.fetch(version, name, Path(artifact.uri))
