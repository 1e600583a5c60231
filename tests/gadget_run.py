"""The pipeline's own components over the gadget shop, each run when something first asks for what it makes."""

from __future__ import annotations

import dataclasses
import functools
import shutil
from pathlib import Path
from typing import Any

import tensorflow as tf
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.evaluation.config import EvaluationConfig
from components.source import DataConfig
from modules.ranking_config import RankingConfig
from modules.retrieval_config import RetrievalConfig
from modules.roles import Roles, parse_roles
from modules.training_data import TrainingData, read_training_data
from modules.transform_graph import TransformGraph
from pipeline.config import PipelineConfig
from pipeline.inputs import Destination, RunInputs
from pipeline.pipeline import components
from tests import gadgets

SEED = 7
HISTORY_LENGTH = 4
RETRIEVAL = RetrievalConfig(
    loss="in_batch", dimension=8, epochs=15, batch_size=32, patience=15, learning_rate=0.02, item_item=False
)
RANKING = RankingConfig(dimension=4, hidden=(8,), epochs=3, batch_size=32, learning_rate=0.02, negatives=3, mined=10)


class FnArgs:
    """What a TFX Trainer gives its module file."""

    hyperparameters: Any = None  # what a Tuner found
    working_dir = ""  # of a Tuner

    def __init__(self, **values: Any) -> None:
        """Takes the attributes that `run_fn` reads."""
        self.__dict__.update(values)


class GadgetRun:
    """Artifacts of a run, made on demand.

    Attributes:
        roles: of the columns.
        serving_root: folder of the published store.
    """

    def __init__(self, folder: Path, **sections: Any) -> None:
        """Writes the tables and wires the pipeline; `sections` of the configuration replace those made for gadgets."""
        gadgets.write(folder / "data")
        schema_path = folder / "gadgets.pbtxt"
        schema_path.write_text(gadgets.SCHEMA)
        self.roles: Roles = parse_roles(gadgets.SCHEMA)
        config = PipelineConfig(
            seed=SEED,
            data=DataConfig(positive_min=gadgets.POSITIVE_MIN, history_length=HISTORY_LENGTH),
            retrieval=RETRIEVAL,
            ranking=RANKING,
        )
        config = dataclasses.replace(config, **sections)
        inputs = RunInputs(
            source=str(folder / "data"),
            fingerprint="",
            schema_text=gadgets.SCHEMA,
            rules_text="cap: {genres: 50}\n",
            slice_columns=("city", "age"),
            code_version="",
            config=config,
        )
        self._folder, self.serving_root = folder, folder / "serving"
        self._nodes = {node.id: node for node in components(inputs, Destination(str(folder / "serving"), "", 0))}
        self._made: dict[str, dict[str, types.Artifact]] = {}

    def after(self, earlier: GadgetRun, *nodes: str) -> GadgetRun:
        """Itself, with what another run made of some nodes, which were configured alike."""
        for node in nodes:
            earlier.artifact(node, next(iter(earlier._nodes[node].outputs)))
            self._made[node] = earlier._made[node]
        return self

    def given(self, node: str, **outputs: types.Artifact) -> None:
        """Takes artifacts for what a node made, and forgets what was made of them."""
        self._made[node] = outputs
        stale = {node}
        while more := {
            other.id
            for other in self._nodes.values()
            if other.id in self._made
            and other.id not in stale
            and any(channel.producer_component_id in stale for channel in other.inputs.values())
        }:
            stale |= more
        for other in stale - {node}:
            del self._made[other]

    def artifact(self, node: str, output: str) -> types.Artifact:
        """An output of a node, which runs if it has not yet."""
        if node not in self._made:
            self._made[node] = self._run(node)
        return self._made[node][output]

    def outputs(self, node: str) -> dict[str, types.Artifact]:
        """All outputs of a node that has run."""
        return self._made[node]

    def split(self, output: str, split: str) -> str:
        """Folder of a split of the examples."""
        return artifact_utils.get_split_uri([self.artifact("TableExampleGen", output)], split)

    def records(self, output: str, split: str) -> list[bytes]:
        """Serialised examples of a split, in order."""
        files = sorted(tf.io.gfile.glob(f"{self.split(output, split)}/*.gz"))
        return [*tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator()]

    def model(self, node: str, output: str = "model") -> str:
        """Folder of a SavedModel."""
        return str(path_utils.serving_model_path(self.artifact(node, output).uri))

    @property
    def nodes(self) -> list[str]:
        """The names of all nodes."""
        return [*self._nodes]

    @functools.cached_property
    def graph(self) -> TransformGraph:
        """The fitted Transform graph."""
        return TransformGraph(self.artifact("Transform", "transform_graph").uri)

    @functools.cached_property
    def data(self) -> TrainingData:
        """What the trainers read."""
        return read_training_data(self.fn_args("", {}))

    @functools.cached_property
    def servable(self) -> Any:
        """The loaded recommender."""
        return tf.saved_model.load(self.model("RecommenderBuilder"))

    def fn_args(self, target: str, config: dict[str, Any]) -> FnArgs:
        """Arguments of a `run_fn` that writes to `target`."""
        return FnArgs(
            schema_path=str(self._folder / "gadgets.pbtxt"),
            transform_graph_path=self.artifact("Transform", "transform_graph").uri,
            train_files=[f"{self.split('interactions', 'train')}/*"],
            eval_files=[f"{self.split('interactions', 'eval')}/*"],
            custom_config={
                "seed": SEED,
                "candidates": self.split("candidates", "catalogue"),
                "protocol": EvaluationConfig().resolved_protocol(self.roles),
                "positive_min": gadgets.POSITIVE_MIN,
                "state": f"{target}.state",
                **config,
            },
            serving_model_dir=target,
            model_run_dir=None,
        )

    def _run(self, name: str) -> dict[str, types.Artifact]:
        """Runs a node's executor as TFX would."""
        node = self._nodes[name]
        inputs = {
            key: [self.artifact(channel.producer_component_id, channel.output_key)]
            for key, channel in node.inputs.items()
        }
        outputs = {key: channel.type() for key, channel in node.outputs.items()}
        for key, artifact in outputs.items():
            artifact.uri = str(self._folder / name / key)
            shutil.rmtree(artifact.uri, ignore_errors=True)
            tf.io.gfile.makedirs(artifact.uri)
        context = base_beam_executor.BaseBeamExecutor.Context(
            beam_pipeline_args=["--direct_running_mode=in_memory"], tmp_dir=str(self._folder / "tmp"), unique_id=name
        )
        executor = node.executor_spec.executor_class(context)
        executor.Do(inputs, {key: [artifact] for key, artifact in outputs.items()}, dict(node.exec_properties))
        return outputs
