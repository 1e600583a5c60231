"""What can go wrong in a pipeline, done to its parts: each function is called in a run's process before it begins.

Everything but the planted part is real. A component whose code is changed gets another parameter as well, since TFX
would otherwise take what it made the night before.
"""

from __future__ import annotations

import dataclasses
import functools
import shutil
from typing import Any

import numpy as np


def _anew(*names: str, **other_arguments: Any) -> None:
    """Lets the pipeline's nodes of some kinds be made anew, with other parameters."""
    from pipeline import models, pipeline

    for name in names:
        wiring = models if name in vars(models) else pipeline
        kind = getattr(wiring, name)

        def other(kind: Any = kind, **arguments: Any) -> Any:
            if "custom_config" in arguments:
                arguments["custom_config"] = {**arguments["custom_config"], "planted": "1"}
            else:
                arguments["code_version"] += "-planted"
            return kind(**{**arguments, **other_arguments})

        setattr(wiring, name, other)


def another_seed(seed: str) -> None:
    """No failure: both models trained once more."""
    _anew("RecommenderTrainer", seed=int(seed))


def shuffled_embeddings() -> None:
    """The vectors of the items belong to other items."""
    _anew("CandidateIndexer")
    from modules.catalogue import Catalogue

    encoded = Catalogue.encoded

    def shuffled(self: Any, encode: Any) -> Any:
        vectors = encoded(self, encode)
        return vectors[np.random.default_rng(0).permutation(len(vectors))]

    Catalogue.encoded = shuffled  # type: ignore[method-assign]


def part_of_the_catalogue() -> None:
    """Index and servable are built from the half of the catalogue in `Split-half`."""
    _anew("CandidateIndexer", "RecommenderBuilder")
    from tfx.types import artifact_utils

    from components.candidate_index import component as index
    from components.recommender import component as recommender

    class Half:
        @staticmethod
        def get_split_uri(artifacts: list[Any], split: str) -> str:
            if split == "catalogue":
                return f"{artifacts[0].uri}/Split-half"
            return str(artifact_utils.get_split_uri(artifacts, split))

    for module in (index, recommender):
        module.artifact_utils = Half  # type: ignore[attr-defined]


def constant_scores() -> None:
    """The ranking model says the same of everything."""
    _anew("RecommenderTrainer")
    from modules.rankers.judge import Judge

    call = Judge.call

    def constant(self: Any, *arguments: Any, **options: Any) -> Any:
        return {name: 0.0 * values + 3.0 for name, values in call(self, *arguments, **options).items()}

    Judge.call = constant  # type: ignore[method-assign]


def titles_off_by_one() -> None:
    """Each item goes by the title of the next one."""
    _anew("RecommenderBuilder")
    from components.recommender import component

    table: Any = component.__dict__["catalogue_table"]

    def shifted(*arguments: Any) -> Any:
        right = table(*arguments)
        return dataclasses.replace(right, titles=[*right.titles[1:], right.titles[0]])

    setattr(component, "catalogue_table", shifted)  # noqa: B010 – what a module imports is none of its attributes


def flipped_logq() -> None:
    """The correction for popularity is added where it should be subtracted."""
    _anew("RecommenderTrainer")
    from modules.objectives.in_batch import InBatchSoftmax

    prepare = InBatchSoftmax.__init__

    def flipped(self: Any, *arguments: Any) -> None:
        prepare(self, *arguments)
        self._correction = -self._correction

    InBatchSoftmax.__init__ = flipped  # type: ignore[method-assign, assignment]


def one_percent() -> None:
    """Both models see a hundredth of what there is to learn from."""
    _anew("RecommenderTrainer")
    from modules import ranking, retrieval, training_data

    def few(fn_args: Any, read: Any = training_data.read_training_data) -> Any:
        data = read(fn_args)
        rows = len(next(iter(data.train.values())))
        chosen = np.random.default_rng(0).permutation(rows)[: rows // 100]
        return dataclasses.replace(data, train={name: values[chosen] for name, values in data.train.items()})

    for module in (training_data, retrieval, ranking):  # TFX loads the latter two anew
        module.read_training_data = few  # type: ignore[attr-defined]


def unlearned_vocabulary() -> None:
    """Both models are trained again, on a Transform graph that somebody has changed."""
    _anew("RecommenderTrainer")


def destroyed_group(value: str) -> None:
    """For users of one group, retrieval and ranking want the opposite of what these users want."""
    _anew("CandidateIndexer", "RecommenderBuilder")
    import tensorflow as tf

    from modules.restored_models import RestoredModels, RestoredRetrieval

    def sign(self: Any, features: Any) -> Any:
        vocabulary = self._graph.vocabulary("group")
        return tf.where(features["group"] == vocabulary.index(value.encode()), -1.0, 1.0)[:, None]

    vector, rank = RestoredRetrieval.query_vector, RestoredModels.rank

    def opposite(self: Any, features: Any) -> Any:
        return sign(self, features) * vector(self, features)

    @functools.wraps(rank)
    def worst_first(self: Any, features: Any, encodings: Any, retrieval: Any) -> Any:
        judged = rank(self, features, encodings, retrieval)
        return {name: sign(self, features) * values for name, values in judged.items()}

    RestoredRetrieval.query_vector = opposite  # type: ignore[method-assign]
    RestoredModels.rank = worst_first  # type: ignore[method-assign]


def deleted_blessings() -> None:
    """What the Evaluators said of both models is deleted before the gate reads it."""
    from components.gate import gate

    read: Any = gate.__dict__["read_evidence"]

    def too_late(sources: Any) -> Any:
        for blessing in sources.blessings.values():
            shutil.rmtree(blessing.uri)
        return read(sources)

    gate.read_evidence = too_late  # type: ignore[attr-defined]


def deleted_blessing_of_the_gate() -> None:
    """What the gate said is deleted before the Pusher reads it."""
    from components.publishing import pusher

    objections: Any = pusher.__dict__["objections"]

    def too_late(inputs: Any) -> Any:
        shutil.rmtree(inputs["model_blessing"][0].uri)
        return objections(inputs)

    setattr(pusher, "objections", too_late)  # noqa: B010 – what a module imports is none of its attributes
