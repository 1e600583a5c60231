"""The refit: the recommender once more, from more rows, once the evaluated one has passed the gate."""

from __future__ import annotations

import dataclasses
from typing import Any

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.types import BaseChannel

from components.candidate_index.component import CandidateIndexer
from components.gate.refit_gate import RefitGate
from components.recommender.component import RecommenderBuilder
from components.servable_check.component import ServableCheck
from components.training.trainer import REFIT_SPLITS, RecommenderTrainer
from pipeline.models import Models
from pipeline.stages import Stage


@dataclasses.dataclass(frozen=True)
class Refit:
    """The second instantiation.

    Attributes:
        nodes: in the order in which data meets them.
        retrieval, index, ranking: those of them that the servable is made of.
        model, model_blessing, infra_blessing: what goes to the Pusher.
    """

    nodes: list[BaseComponent]
    retrieval: BaseComponent
    index: BaseComponent
    ranking: BaseComponent
    model: BaseChannel
    model_blessing: BaseChannel
    infra_blessing: BaseChannel


def refit(
    models: Models,
    recommender: Stage,
    servable_check: BaseComponent,
    gate: BaseComponent,
    splits: tuple[str, ...],
    limits: str,
) -> Refit:
    """Wires the same components again, on train and `splits`; where the gate refuses, all of them do nothing.

    Args:
        models, recommender: the evaluated ones; what they chose on eval is kept.
        servable_check: of the evaluated servable.
        gate: that the evaluated recommender must pass.
        splits: to train on beside train.
        limits: a `GateConfig` as JSON.
    """
    passed = gate.outputs["blessing"]

    def again(stage: Stage, **other: Any) -> RecommenderTrainer:
        config = {**stage.arguments["custom_config"], REFIT_SPLITS: list(splits)}
        own = {"custom_config": config, "model_blessing": passed, "chosen": stage.node.outputs["state"]}
        return RecommenderTrainer(**{**stage.arguments, **own, **other}).with_id(f"{stage.node.id}.refit")

    towers = again(models.retrieval)
    index = models.index
    new_index = CandidateIndexer(
        **{**index.arguments, "model": towers.outputs["model"], "chosen": index.node.outputs["index"]}
    ).with_id(f"{index.node.id}.refit")
    ranker = again(models.ranking, base_model=towers.outputs["model"])
    made_of = {
        "retrieval": towers.outputs["model"],
        "ranking": ranker.outputs["model"],
        "index": new_index.outputs["index"],
        "chosen": recommender.node.outputs["model"],
    }
    servable = RecommenderBuilder(**{**recommender.arguments, **made_of}).with_id(f"{recommender.node.id}.refit")
    check = ServableCheck(model=servable.outputs["model"]).with_id(f"{servable_check.id}.refit")
    refit_gate = RefitGate(
        model_blessing=passed,
        infra_blessing=servable_check.outputs["blessing"],
        index=new_index.outputs["index"],
        evaluated_index=index.node.outputs["index"],
        servable=servable.outputs["model"],
        limits=limits,
    )
    return Refit(
        [towers, new_index, ranker, servable, check, refit_gate],
        towers,
        new_index,
        ranker,
        servable.outputs["model"],
        refit_gate.outputs["blessing"],
        check.outputs["blessing"],
    )
