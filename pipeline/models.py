"""The models of a run: two Trainers, and the index over what the first one makes of the catalogue."""

from __future__ import annotations

import dataclasses

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.types import BaseChannel

from components.candidate_index.component import CandidateIndexer
from components.training.trainer import RecommenderTrainer
from components.training.tuner import RecommenderTuner
from modules.roles import parse_roles
from modules.typed_config import as_mapping
from pipeline.checked_examples import CheckedExamples
from pipeline.inputs import RunInputs
from pipeline.stages import Arguments, Stage, index_arguments


@dataclasses.dataclass(frozen=True)
class Models:
    """The nodes.

    Attributes:
        search: the Tuner, where there is one.
        retrieval, index, ranking: what the servable is made of.
    """

    search: list[BaseComponent]
    retrieval: Stage
    index: Stage
    ranking: Stage

    @property
    def nodes(self) -> list[BaseComponent]:
        """All of them, in the order in which data meets them."""
        return [*self.search, self.retrieval.node, self.index.node, self.ranking.node]


def models(inputs: RunInputs, data: CheckedExamples, transform_graph: BaseChannel, baseline: BaseComponent) -> Models:
    """Wires the components.

    Args:
        inputs: what the run is made of.
        data: to learn from.
        transform_graph: that the models read it with.
        baseline: the published models, which a warm start goes on from.
    """
    config = inputs.config
    to_train: Arguments = {
        "candidates": data.examples.outputs["candidates"],
        "examples": data.examples.outputs["interactions"],
        "transform_graph": transform_graph,
        "schema": data.schema.outputs["schema"],
        "seed": inputs.seed,
    }
    common = {
        "protocol": config.evaluation.resolved_protocol(parse_roles(inputs.schema_text)),
        "positive_min": config.data.positive_min,
        "warm_start": as_mapping(config.warm_start),
        "code_version": inputs.code_version,
    }
    to_trainers = {"compute": as_mapping(config.compute), **common}
    published = {
        name: baseline.outputs[f"{name}_state"] if config.warm_start.enabled else None
        for name in ("retrieval", "ranking")
    }
    search = []
    if config.tuner.trials:
        tuner = RecommenderTuner(
            tuner_fn="modules.tuner.tuner_fn",
            custom_config={"retrieval": as_mapping(config.retrieval), "tuner": as_mapping(config.tuner), **common},
            **to_train,
        ).with_id("Tuner.retrieval")
        search.append(tuner)
    of_retrieval: Arguments = {
        "run_fn": "modules.retrieval.run_fn",
        "custom_config": {"retrieval": as_mapping(config.retrieval), **to_trainers},
        "hyperparameters": search[0].outputs["best_hyperparameters"] if search else None,
        "previous": published["retrieval"],
        **to_train,
    }
    retrieval = RecommenderTrainer(**of_retrieval).with_id("Trainer.retrieval")
    of_index = index_arguments(inputs, data, transform_graph, retrieval.outputs["model"])
    of_ranking: Arguments = {
        "run_fn": "modules.ranking.run_fn",
        "custom_config": {"ranking": as_mapping(config.ranking), **to_trainers},
        "base_model": retrieval.outputs["model"],
        "previous": published["ranking"],
        **to_train,
    }
    ranking = RecommenderTrainer(**of_ranking).with_id("Trainer.ranking")
    return Models(
        search,
        Stage(retrieval, of_retrieval),
        Stage(CandidateIndexer(**of_index), of_index),
        Stage(ranking, of_ranking),
    )
