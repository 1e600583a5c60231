"""A whole run on the demo shop, whose data and models the other rows take apart."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from benchmarks.speed.figures import Bench
from benchmarks.speed.pipeline import run_pipeline
from modules.training_data import TrainingData, read_training_data


@dataclasses.dataclass(frozen=True)
class FnArgs:
    """What `read_training_data` reads of TFX's FnArgs."""

    schema_path: str
    transform_graph_path: str
    train_files: list[str]
    eval_files: list[str]
    custom_config: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class DemoRun:
    """Where the run left everything.

    Attributes:
        root: of the run.
    """

    root: Path

    def artifact(self, component: str, output: str) -> Path:
        """Folder of the newest output."""
        return max((self.root / "artifacts" / component / output).iterdir(), key=lambda path: int(path.name))

    def model(self, component: str) -> str:
        """Folder of the newest SavedModel."""
        return str(self.artifact(component, "model") / "Format-Serving")

    @property
    def schema(self) -> str:
        """The annotated schema's file."""
        return str(next(self.artifact("AnnotatedSchema", "schema").iterdir()))

    @property
    def graph(self) -> str:
        """Folder of the Transform graph."""
        return str(self.artifact("Transform", "transform_graph"))

    @property
    def candidates(self) -> str:
        """Folder of the catalogue's examples."""
        return str(self.artifact("TableExampleGen", "candidates") / "Split-catalogue")

    @property
    def train(self) -> str:
        """Folder of the train interactions' examples."""
        return str(self.artifact("TableExampleGen", "interactions") / "Split-train")

    def training_data(self) -> TrainingData:
        """As the Trainer reads it."""
        config = {"candidates": self.candidates, "protocol": "next_item", "positive_min": None}
        held_out = self.train.replace("Split-train", "Split-eval")
        return read_training_data(FnArgs(self.schema, self.graph, [f"{self.train}/*"], [f"{held_out}/*"], config))


def demo_run(bench: Bench) -> DemoRun:
    """Runs the pipeline on the demo shop, unless that was done before.

    Raises:
        RuntimeError: it did not get to its end.
    """
    root = bench.folder("demo_run")
    if not (root / "artifacts" / "Gate").exists():
        run = run_pipeline(["--root", str(root)])
        if run.status not in (0, 3):
            raise RuntimeError(run.printed[-2000:])
    return DemoRun(root)
