"""The same seed gives the same weights, to the last bit, in whichever process."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tests.gadget_run import RANKING, RETRIEVAL, SEED, GadgetRun


def _weights(folder: str) -> dict[str, Any]:
    """Every variable of a SavedModel, by its name in the checkpoint."""
    reader = tf.train.load_checkpoint(os.path.join(folder, "variables", "variables"))
    return {
        name: np.asarray(reader.get_tensor(name)).tolist()
        for name in sorted(reader.get_variable_to_shape_map())
        if "CHECKPOINTABLE" not in name
    }


def test_training_again_in_another_process(gadgets_run: GadgetRun, tmp_path: Path) -> None:
    config = {"retrieval": dataclasses.asdict(RETRIEVAL), "ranking": dataclasses.asdict(RANKING), "seed": SEED}
    arguments = vars(gadgets_run.fn_args("", config))
    del arguments["serving_model_dir"], arguments["model_run_dir"]
    (tmp_path / "arguments.json").write_text(json.dumps(arguments))
    subprocess.run(
        [sys.executable, "-m", "tests.modules.trainings", str(tmp_path / "arguments.json"), str(tmp_path)],
        check=True,
        cwd=Path(__file__).parents[2],
        timeout=300,
    )
    for node in ("retrieval", "ranking"):
        here, there = _weights(gadgets_run.model(f"Trainer.{node}")), _weights(str(tmp_path / node))
        assert len(here) > 10 and here == there
